"""What may be evidence: the list of kinds of files, by media type."""

from collections.abc import Mapping
from typing import NamedTuple

MIB = 1 << 20


class Kind(NamedTuple):
    """``most``: bytes; ``suffix`` is how such a file is called when it is handed out."""

    name: str
    most: int
    suffix: str


TEXT, PDF, VIDEO = "text/plain", "application/pdf", "video/mp4"
ALLOWED: Mapping[str, Kind] = {
    "image/jpeg": Kind("a JPEG picture", 50 * MIB, "jpg"),
    "image/png": Kind("a PNG picture", 50 * MIB, "png"),
    "image/webp": Kind("a WebP picture", 50 * MIB, "webp"),
    PDF: Kind("a PDF document", 50 * MIB, "pdf"),
    VIDEO: Kind("an MP4 video", 100 * MIB, "mp4"),
    TEXT: Kind("a plain text", 1 * MIB, "txt"),
}
LARGEST = max(kind.most for kind in ALLOWED.values())
TAKEN = "JPEG, PNG, WebP, PDF, MP4 and plain text in UTF-8"


def suffix_of(media_type: str) -> str:
    kind = ALLOWED.get(media_type)
    return kind.suffix if kind else "bin"


def of_copy(media_type: str) -> str:
    """What the copy without metadata is: pictures are drawn anew as JPEG."""
    return "image/jpeg" if media_type.startswith("image/") else media_type
