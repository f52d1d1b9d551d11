"""Where a file of each kind ends: what is cut off, and what is two things at once."""

import re
import struct
from collections.abc import Callable, Mapping

from domain.errors import Invalid
from domain.evidence.kinds import PDF, VIDEO
from infra.evidence.recognising import ACTIVE, HEAD
from infra.evidence.videos import boxes

_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_END = 0xD9
# What must not stand behind a picture or at its beginning.
_FOREIGN = re.compile(rb"%PDF-|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x7fELF|MZ.{58}\x00\x00", re.DOTALL)
_ZIP_END, _ZIP_LENGTH = b"PK\x05\x06", 22
_ZIP_REACH = _ZIP_LENGTH + 0xFFFF
_PNG_HEAD = 8


class CutOff(Exception):
    """The file ends before its format does."""


def check_borders(data: bytes, media_type: str, called: str) -> None:
    """Raises ``Invalid``: ``evidence.broken``, ``evidence.polyglot``."""
    finding = _ENDS.get(media_type)
    if finding is None:
        return
    try:
        end = finding(data)
    except (CutOff, struct.error, IndexError) as error:
        raise broken(called) from error
    foreign = _foreign(data, end, media_type)
    if foreign:
        raise Invalid(
            "evidence.polyglot",
            f"{called} is two things at once: {foreign}; send the picture or document alone",
        )


def broken(called: str) -> Invalid:
    return Invalid(
        "evidence.broken", f"{called} is cut off or damaged: open it, save it anew and send that"
    )


def _foreign(data: bytes, end: int, media_type: str) -> str:
    """What else is in the file, "" if nothing. Phones put previews and short videos behind a JPEG:
    those may stay, since only the first picture is ever shown."""
    tail = data[end:]
    if _zip_at_end(data):
        return "an archive (ZIP) hangs on it"
    if _FOREIGN.search(tail) or ACTIVE.search(tail):
        return "a document or program hangs on it"
    if media_type != PDF and (ACTIVE.search(data[:HEAD]) or b"%PDF-" in data[:HEAD]):
        return "a page or document stands at its beginning"
    if tail.strip(b"\x00\r\n ") and media_type != "image/jpeg":
        return f"{len(tail):,} more bytes follow its end"
    return ""


def _zip_at_end(data: bytes) -> bool:
    """Programs look for a ZIP from behind: its last record says how long the comment is that
    follows it."""
    reach = data[-_ZIP_REACH:]
    at = reach.rfind(_ZIP_END)
    while at >= 0:
        if len(reach) - at >= _ZIP_LENGTH:
            entries, comment = struct.unpack_from("<H", reach, at + 10)[0], reach[at + 20 : at + 22]
            left = len(reach) - at - _ZIP_LENGTH
            if entries and int.from_bytes(comment, "little") <= left:
                return True
        at = reach.rfind(_ZIP_END, 0, at)
    return False


def _jpeg(data: bytes) -> int:
    at = 2
    while True:
        marker = _JPEG_MARKER.search(data, at)
        if marker is None:
            raise CutOff
        code, at = marker[0][1], marker.end()
        if code == _END:
            return at
        if code in _BARE:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        at += length
        # Behind the head of a scan its data follows, up to the next true marker.
        if at > len(data):
            raise CutOff


def _png(data: bytes) -> int:
    at = _PNG_HEAD
    length: int
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if at > len(data):
            raise CutOff
        if name == b"IEND":
            return at


def _webp(data: bytes) -> int:
    length = int.from_bytes(data[4:8], "little")
    end = 8 + length
    if end > len(data):
        raise CutOff
    return min(len(data), end + length % 2)


def _pdf(data: bytes) -> int:
    """Whatever writes it appends as it likes, up to the last mark of an end."""
    at = data.rfind(b"%%EOF")
    if at < max(0, len(data) - 2048):
        raise CutOff
    return at + len(b"%%EOF")


def _mp4(data: bytes) -> int:
    found = list(boxes(data, 0, len(data)))
    if not found or not any(box.name == b"moov" for box in found):
        raise CutOff
    return found[-1].end


_ENDS: Mapping[str, Callable[[bytes], int]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    PDF: _pdf,
    VIDEO: _mp4,
}
