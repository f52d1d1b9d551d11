"""How long it takes to take a photo in as evidence, beside the bare drawing and writing of it."""

import io
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from domain.evidence.ports import Sealing
from infra.evidence.kept import KeptEvidence
from infra.evidence.pictures import COPY_QUALITY, THUMBNAIL_EDGE, THUMBNAIL_QUALITY
from infra.evidence.places import place_at

SIZE = (4032, 3024)  # 12 megapixels


class _Nobody(Sealing):
    """No person is shown in these."""

    def encrypt(self, person_id: str, data: bytes) -> bytes:
        raise NotImplementedError(person_id)

    def decrypt(self, person_id: str, data: bytes) -> bytes:
        raise NotImplementedError(person_id)


def bench_evidence(photos: int) -> dict[str, Any]:
    """Milliseconds to examine a photo of 12 megapixels, make its copy and thumbnail and store all
    three durably, and to read it again against its digest; raw is Pillow's decoding, two times
    encoding, and one file written through to the disk."""
    with TemporaryDirectory(prefix="duban-bench-") as directory:
        store = KeptEvidence(place_at("", Path(directory) / "evidence"), _Nobody())
        taken = [_photo(number) for number in range(photos)]
        digests: list[str] = []
        aside = Path(directory) / "raw"
        raw = [_timed(partial(_raw, data, aside)) for data in taken]
        kept = [_timed(partial(_keep, store, data, digests)) for data in taken]
        read = [_timed(partial(store.read, digest)) for digest in digests]
    return {
        "bench": "evidence", "photos": photos, "photo_bytes": len(taken[0]),
        "raw_p50_ms": round(statistics.median(raw), 1),
        "store_p50_ms": round(statistics.median(kept), 1),
        "store_max_ms": max(kept), "read_p50_ms": statistics.median(read),
        "ratio": round(statistics.median(kept) / statistics.median(raw), 2),
    }  # fmt: skip


def _photo(number: int) -> bytes:
    out = io.BytesIO()
    grain = Image.effect_noise((SIZE[0] // 8, SIZE[1] // 8), 60 + number % 7)
    grain.convert("RGB").resize(SIZE).save(out, "JPEG", quality=92)
    return out.getvalue()


def _keep(store: KeptEvidence, data: bytes, digests: list[str]) -> None:
    digests.append(store.put(store.examine(io.BytesIO(data))).digest)


def _raw(data: bytes, path: Path) -> None:
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()
        opened.save(io.BytesIO(), "JPEG", quality=COPY_QUALITY)
        opened.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
        opened.save(io.BytesIO(), "JPEG", quality=THUMBNAIL_QUALITY)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _timed(done: Callable[[], object]) -> float:
    begun = time.perf_counter()
    done()
    return round((time.perf_counter() - begun) * 1000, 1)
