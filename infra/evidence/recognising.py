"""What a file is by its content, and whether that is on the list of what may be evidence."""

import mimetypes
import re
from collections.abc import Mapping

import filetype

from domain.errors import Invalid
from domain.evidence.kinds import ALLOWED, MIB, TAKEN, TEXT

HEAD = 4096

# What cannot be taken but is often sent, and what to do instead.
REFUSED: Mapping[str, str] = {
    "image/heic": "a HEIC picture: save it as JPEG (on the phone: 'most compatible')",
    "image/heif": "a HEIF picture: save it as JPEG (on the phone: 'most compatible')",
    "image/avif": "an AVIF picture: save it as JPEG",
    "image/gif": "a GIF picture: save it as PNG",
    "image/tiff": "a TIFF picture: save it as JPEG or PDF",
    "image/bmp": "a BMP picture: save it as PNG",
    "image/apng": "a moving picture: send a video, or one picture of it",
    "video/quicktime": "a QuickTime video: save it as MP4",
    "application/zip": "an archive (ZIP) or office document: send what is in it, as PDF",
    "application/x-rar-compressed": "an archive (RAR): send what is in it",
    "application/x-7z-compressed": "an archive (7z): send what is in it",
    "application/x-tar": "an archive (tar): send what is in it",
    "application/gzip": "an archive (gzip): send what is in it",
}
_OFFICE = re.compile(r"officedocument|msword|ms-excel|ms-powerpoint|opendocument|rtf")
# What a browser or an interpreter would run.
ACTIVE = re.compile(rb"<\s*(script|html|svg|iframe|body|!doctype|\?xml|\?php|object|embed)", re.I)
_NAMED = mimetypes.MimeTypes(filenames=())
_RUNS = frozenset({"text/html", "text/xml", "text/javascript", "text/css"})


def recognised(data: bytes, name: str = "") -> str:
    """The media type. Raises ``Invalid`` with the reason: ``evidence.empty``, ``.type``,
    ``.active``, ``.too_large`` or ``.extension``; ``name`` is how the sender calls the file."""
    called = told(name)
    if not data:
        raise Invalid("evidence.empty", f"{called} is empty: choose the file again")
    media_type = _by_content(data, called)
    kind = ALLOWED[media_type]
    if len(data) > kind.most:
        raise too_large(called, kind.name, kind.most)
    _check_name(media_type, name)
    return media_type


def told(name: str) -> str:
    """The file in a sentence: its last name without what could upset a terminal or a log."""
    plain = "".join(c for c in re.split(r"[/\\]", name)[-1] if c.isprintable())[:80]
    return plain or "the file"


def too_large(called: str, what: str, most: int) -> Invalid:
    return Invalid(
        "evidence.too_large", f"{called} is larger than {most // MIB} MiB, the most for {what}"
    )


def _by_content(data: bytes, called: str) -> str:
    head = data[:HEAD]
    guess = filetype.guess(head)
    found = guess.mime if guess is not None else ""
    if found in ALLOWED:
        return str(found)
    if found:
        raise Invalid("evidence.type", f"{called} is {_refused(found)}; taken are {TAKEN}")
    if ACTIVE.search(head) or head.startswith(b"#!"):
        raise Invalid(
            "evidence.active",
            f"{called} is a page, drawing or program that can run code: send a picture of it",
        )
    if _is_text(data):
        return TEXT
    raise Invalid(
        "evidence.type", f"{called} is of no kind that can be evidence: taken are {TAKEN}"
    )


def _refused(media_type: str) -> str:
    if _OFFICE.search(media_type):
        return "an office document: save it as PDF"
    return REFUSED.get(media_type, f"of the kind {media_type}")


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c in "\t\r\n\u3000\ufeff\u00a0" for c in text[: 1 * MIB + 1])


def _check_name(media_type: str, name: str) -> None:
    said, _ = _NAMED.guess_type(told(name))
    if said is None or said == media_type:
        return
    if media_type == TEXT and said.startswith("text/") and said not in _RUNS:
        return
    kind = ALLOWED[media_type]
    raise Invalid(
        "evidence.extension",
        f"{told(name)} is {kind.name} by its content: call it so (.{kind.suffix}) if that is right",
    )
