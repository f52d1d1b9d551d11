"""Pictures and other files to send in as evidence, made here."""

import io
import struct
import zlib
from typing import Any

from PIL import ExifTags, Image

TAKEN = "2026:03:01 08:15:30"


def jpeg(
    colour: str = "teal", size: tuple[int, int] = (640, 480), place: bool = False, zone: str = "",
    **how: Any,
) -> bytes:  # fmt: skip
    """As a camera makes it: with the time, its owner, and perhaps with the place."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "OWNER-OF-THE-CAMERA"
    told = exif.get_ifd(ExifTags.IFD.Exif)
    told[ExifTags.Base.DateTimeOriginal] = TAKEN
    if zone:
        told[ExifTags.Base.OffsetTimeOriginal] = zone
    if place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (30.0, 15.0, 30.0)
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (120.0, 9.0, 0.0)
    return drawn(colour, size, "JPEG", exif=exif, comment=b"SAID-BESIDE", **how)


def drawn(
    colour: str = "teal", size: tuple[int, int] = (64, 48), form: str = "PNG", mode: str = "RGB",
    **how: Any,
) -> bytes:  # fmt: skip
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, form, **how)
    return out.getvalue()


def moving(form: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it has so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    line = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", line) + _chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A PNG whose comment unpacks to 200 MB."""
    packed = zlib.compress(bytes(200 << 20), 9)
    plain = drawn()
    return plain[:33] + _chunk(b"zTXt", b"Comment\x00\x00" + packed) + plain[33:]


def pdf(body: bytes = b"") -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + body + b"\ntrailer\n<<>>\n%%EOF\n"


def mp4(told: bytes = b"+30.2583+120.1500/") -> bytes:
    """The boxes of a film without a frame; the camera wrote where it was."""
    place = _box(b"udta", _box(b"\xa9xyz", struct.pack(">HH", len(told), 0x15C7) + told))
    return (
        _box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2avc1mp41")
        + _box(b"moov", _box(b"mvhd", bytes(100)) + place)
        + _box(b"mdat", bytes(64))
    )


def archive() -> bytes:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        opened.writestr("a.txt", "hidden")
    return out.getvalue()


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I4s", len(content), name) + content + struct.pack(">I", check)
