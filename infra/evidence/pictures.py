"""Pictures: decoded once with limits, then a copy without metadata, a thumbnail, and what the
camera wrote about time and place."""

import io
import math
import struct
import threading
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image, ImageOps

from domain.errors import Invalid
from infra.evidence.borders import broken

MOST_PIXELS = 89_000_000  # 267 MB once decoded
COPY_EDGE, THUMBNAIL_EDGE = 4096, 320
COPY_QUALITY, THUMBNAIL_QUALITY = 88, 80
# Two at a time: each may hold a decoded picture in memory.
_DECODING = threading.BoundedSemaphore(2)
# What Pillow raises over damaged files.
_DAMAGED = (
    OSError, SyntaxError, ValueError, EOFError, OverflowError, LookupError, TypeError,
    AttributeError, ZeroDivisionError, struct.error, zlib.error,
)  # fmt: skip
_FORMATS = ("JPEG", "PNG", "WEBP")
_MOVING = frozenset({"PNG", "WEBP"})


@dataclass(frozen=True, slots=True)
class Picture:
    """``copy`` and ``thumbnail`` are JPEG. ``taken_at`` has a zone only if the camera wrote it."""

    copy: bytes
    thumbnail: bytes
    taken_at: datetime | None
    latitude: float | None
    longitude: float | None


def picture(data: bytes, called: str) -> Picture:
    """Raises ``Invalid``: ``evidence.pixels``, ``evidence.animated``, ``evidence.broken``."""
    with _DECODING:
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                _check(opened, called)
                taken_at, latitude, longitude = _written(opened)
                copy, thumbnail = _views(opened)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _too_many(called) from error
        except _DAMAGED as error:
            raise broken(called) from error
    return Picture(copy, thumbnail, taken_at, latitude, longitude)


def _check(opened: Image.Image, called: str) -> None:
    """By the head of the file, before anything is decoded."""
    if opened.width * opened.height > MOST_PIXELS:
        raise _too_many(called)
    if opened.format in _MOVING and getattr(opened, "is_animated", False):
        raise Invalid(
            "evidence.animated",
            f"{called} is a moving picture: send a video, or one picture of it",
        )


def _too_many(called: str) -> Invalid:
    return Invalid(
        "evidence.pixels",
        f"{called} has more than {MOST_PIXELS // 1_000_000} million pixels: save it smaller",
    )


def _views(opened: Image.Image) -> tuple[bytes, bytes]:
    opened.load()  # to the last byte: what is cut off shows here
    shown = _flat(ImageOps.exif_transpose(opened) if _is_turned(opened) else opened)
    shown.info = {}  # of the pixels alone: nothing that the file said beside them goes along
    if max(shown.size) > COPY_EDGE:
        shown.thumbnail((COPY_EDGE, COPY_EDGE))
    copy = _jpeg(shown, COPY_QUALITY)
    small = shown.copy() if max(shown.size) <= THUMBNAIL_EDGE else _small(shown)
    return copy, _jpeg(small, THUMBNAIL_QUALITY)


def _small(shown: Image.Image) -> Image.Image:
    # Whole pixels are averaged first: a tenth of the time, and no difference at this size.
    reduced = shown.reduce(max(1, min(shown.size) // (2 * THUMBNAIL_EDGE)))
    reduced.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
    return reduced


def _flat(upright: Image.Image) -> Image.Image:
    """In RGB; what is transparent lies on white."""
    if upright.mode == "RGB":
        return upright
    if upright.has_transparency_data:
        over = upright.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")
    return upright.convert("RGB")


def _jpeg(shown: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=quality, exif=b"")
    return out.getvalue()


def _is_turned(opened: Image.Image) -> bool:
    try:
        return opened.getexif().get(ExifTags.Base.Orientation, 1) in range(2, 9)
    except _DAMAGED:  # what the camera wrote cannot be read, the picture can
        return False


def _written(opened: Image.Image) -> tuple[datetime | None, float | None, float | None]:
    """When and where, as the camera wrote it; what cannot be read says nothing."""
    try:
        exif = opened.getexif()
        told = exif.get_ifd(ExifTags.IFD.Exif)
        place = _place(exif.get_ifd(ExifTags.IFD.GPSInfo))
        return _taken(told), *place
    except _DAMAGED:
        return None, None, None


def _taken(told: Any) -> datetime | None:
    text = str(told.get(ExifTags.Base.DateTimeOriginal, ""))[:19]
    zone = str(told.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\x00 ")
    found = _moment(text, zone) or _moment(text, "")
    # Before that, the clock of the camera was never set.
    return found if found and 1980 <= found.year <= 2199 else None


def _moment(text: str, zone: str) -> datetime | None:
    """As cameras write it: ``2026:03:01 08:15:30`` and, in a field of its own, ``+08:00``."""
    try:
        return datetime.fromisoformat(f"{text[:10].replace(':', '-')}{text[10:]}{zone}")
    except ValueError:
        return None


def _place(gps: Any) -> tuple[float | None, float | None]:
    latitude = _degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "S", 90)
    longitude = _degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "W", 180)
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return None, None
    return latitude, longitude


def _degrees(gps: Any, value: int, reference: int, negative: str, most: int) -> float | None:
    if value not in gps or reference not in gps:
        return None
    degrees, minutes, seconds = (float(part) for part in gps[value])
    found = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(found) or not 0 <= found <= most:
        return None
    return round(-found if str(gps[reference]).startswith(negative) else found, 6)
