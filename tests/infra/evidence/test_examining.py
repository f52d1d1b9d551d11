"""What may be evidence is found out from the content; everything else is refused with a reason."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from domain.errors import Invalid
from domain.evidence.kinds import ALLOWED, LARGEST, MIB
from domain.evidence.ports import Examined
from infra.evidence.kept import KeptEvidence
from infra.evidence.places import DirectoryPlace
from tests.support import pictures
from tests.support.pictures import archive, bomb, drawn, jpeg, moving, mp4, pdf, text_bomb


class NoVault:
    """Nobody is shown in these pictures."""

    def encrypt(self, person_id: str, data: bytes) -> bytes:
        raise AssertionError(person_id)

    decrypt = encrypt


def look(data: bytes, name: str = "") -> Examined:
    return KeptEvidence(DirectoryPlace(Path("nowhere")), NoVault()).examine(io.BytesIO(data), name)


def refusal(data: bytes, name: str = "") -> Invalid:
    with pytest.raises(Invalid) as refused:
        look(data, name)
    assert "\n" not in refused.value.message
    return refused.value


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = "\ufeff  <!DOCTYPE html><title>证据</title>".encode()
PAGE_IN_COMMENT = jpeg()[:2] + b"\xff\xfe\x00\x1a<script>alert(1)</script>" + jpeg()[2:]


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (jpeg(), "a.JPG", "image/jpeg"), (jpeg(), "", "image/jpeg"),
        (jpeg(), "a.2026", "image/jpeg"),
        (drawn(), "图.png", "image/png"), (drawn(form="WEBP"), "a.webp", "image/webp"),
        (pdf(), "C:\\files\\a.pdf", "application/pdf"), (mp4(), "a.mp4", "video/mp4"),
        ("记录：已清理\r\n".encode(), "a.txt", "text/plain"),
        (b"a,b\n1,2\n", "a.csv", "text/plain"),
    ],
)  # fmt: skip
def test_what_is_on_the_list_is_known_by_its_content(
    data: bytes, name: str, media_type: str
) -> None:
    found = look(data, name)
    assert (found.media_type, found.size) == (media_type, len(data))
    assert found.digest == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.jpg", "evidence.empty"),
        (SVG, "a.jpg", "evidence.active"), (HTML, "a.png", "evidence.active"),
        (b"#!/bin/sh\nrm -r x\n", "a.txt", "evidence.active"),
        (b"<?xml version='1.0'?><x/>", "a.txt", "evidence.active"),
        (archive(), "a.docx", "evidence.type"), (archive(), "a.jpg", "evidence.type"),
        (HEIC, "a.heic", "evidence.type"), (drawn(form="GIF"), "a.gif", "evidence.type"),
        (drawn(form="BMP"), "a.bmp", "evidence.type"), (drawn(form="TIFF"), "", "evidence.type"),
        (b"MZ" + bytes(200), "a.exe", "evidence.type"), (bytes(range(256)), "", "evidence.type"),
        ("记录".encode("gb18030"), "a.txt", "evidence.type"),
        (drawn(), "a.jpg", "evidence.extension"), (jpeg(), "a.pdf.exe", "evidence.extension"),
        (b"plain words", "a.html", "evidence.extension"),
        (jpeg()[:-1000], "", "evidence.broken"), (jpeg()[:200], "", "evidence.broken"),
        (jpeg()[:-2], "", "evidence.broken"), (drawn()[:-20], "", "evidence.broken"),
        (drawn(form="WEBP")[:-9], "", "evidence.broken"), (pdf()[:-8], "", "evidence.broken"),
        (mp4()[:-9], "", "evidence.broken"),
        (bomb(40_000, 25_000), "", "evidence.pixels"), (bomb(10_000, 9_000), "", "evidence.pixels"),
        (bomb(900, 900), "", "evidence.broken"), (text_bomb(), "", "evidence.broken"),
        (moving("PNG"), "", "evidence.type"), (moving("WEBP"), "", "evidence.animated"),
        (jpeg() + archive(), "", "evidence.polyglot"),
        (drawn() + archive(), "", "evidence.polyglot"),
        (pdf() + archive(), "", "evidence.polyglot"), (jpeg() + pdf(), "", "evidence.polyglot"),
        (jpeg() + HTML, "", "evidence.polyglot"), (PAGE_IN_COMMENT, "", "evidence.polyglot"),
        (drawn() + b"and more", "", "evidence.polyglot"),
        (drawn(form="WEBP") + b"and more", "", "evidence.polyglot"),
        (jpeg() + b"\x7fELF" + bytes(99), "", "evidence.polyglot"),
        (b"x" * (1 * MIB + 1), "a.txt", "evidence.too_large"),
        (jpeg() + bytes(50 * MIB), "", "evidence.too_large"),
        (b"%PDF-" + bytes(LARGEST), "", "evidence.too_large"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_in_one_sentence(data: bytes, name: str, code: str) -> None:
    assert refusal(data, name).code == code


def test_a_refusal_names_the_file_but_never_its_folder_nor_what_upsets_a_terminal() -> None:
    said = refusal(b"", "/home/某人/\x1b[31m现场.jpg").message
    assert said.startswith("[31m现场.jpg is empty")


def test_a_picture_of_a_gigapixel_is_refused_before_it_is_unpacked(monkeypatch: Any) -> None:
    def unpacked(*_: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(Image.Image, "load", unpacked)
    assert refusal(bomb(31_623, 31_623)).code == "evidence.pixels"


def test_what_phones_hang_on_a_picture_may_stay() -> None:
    preview, film = jpeg(size=(64, 48)), mp4()
    for sent in (jpeg() + preview, jpeg() + film, jpeg() + bytes(8)):
        assert look(sent).media_type == "image/jpeg"


def test_the_copy_and_the_thumbnail_say_nothing_beside_the_picture() -> None:
    found = look(jpeg(place=True, size=(1600, 1200)))
    for made, size in ((found.copy, (1600, 1200)), (found.thumbnail, (320, 240))):
        with Image.open(io.BytesIO(made)) as opened:
            assert (opened.format, opened.size) == ("JPEG", size)
            assert not opened.getexif()
        assert b"OWNER" not in made
        assert b"SAID-BESIDE" not in made
        assert b"Exif" not in made


def test_a_picture_is_turned_as_the_camera_was_held() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    found = look(drawn(size=(60, 40), form="JPEG", exif=exif))
    with Image.open(io.BytesIO(found.copy)) as opened:
        assert opened.size == (40, 60)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_picture_of_any_colours_has_a_copy(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (64, 48)).save(out, "PNG")
    assert look(out.getvalue()).copy.startswith(b"\xff\xd8")


def test_the_film_has_a_copy_that_does_not_say_where_it_was() -> None:
    film = mp4()
    found = look(film)
    assert b"+30.2583" in film
    assert b"+30.2583" not in found.copy
    assert len(found.copy) == len(film)
    assert found.thumbnail == b""


def test_time_and_place_are_those_of_the_camera() -> None:
    found = look(jpeg(place=True, zone="+08:00"))
    assert found.taken_at is not None
    assert found.taken_at.astimezone(UTC) == datetime(2026, 3, 1, 0, 15, 30, tzinfo=UTC)
    assert found.taken_at.utcoffset() == timedelta(hours=8)
    assert (found.latitude, found.longitude) == (30.258333, 120.15)


@pytest.mark.parametrize(
    "told", ["0000:00:00 00:00:00", "1970:01:01 00:00:00", "yesterday", "2026:02:30 08:00:00"]
)
def test_a_time_that_is_none_is_not_told(told: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(pictures, "TAKEN", told)
    assert look(jpeg()).taken_at is None


def test_a_time_with_an_unreadable_zone_is_told_without() -> None:
    found = look(jpeg(zone="local"))
    assert found.taken_at is not None
    assert found.taken_at.tzinfo is None


def test_every_kind_has_a_name_a_limit_and_a_suffix() -> None:
    assert all(kind.name and kind.most <= LARGEST and kind.suffix for kind in ALLOWED.values())
