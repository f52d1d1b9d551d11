"""How long it takes to take a photo in as evidence, beside the bare drawing and writing of it."""

import io
import os
import statistics
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

from infra.benches.timing import seconds_of
from infra.evidence.kept import KeptEvidence
from infra.evidence.pictures import COPY_QUALITY, THUMBNAIL_EDGE, THUMBNAIL_QUALITY
from infra.evidence.places import place_at
from infra.vault.sealed import SealedVault
from infra.vault.sqlite import SqliteRows

SIZE = (4032, 3024)  # 12 megapixels


def bench_evidence(photos: int) -> dict[str, Any]:
    """Milliseconds to examine a photo of 12 megapixels, make its copy and thumbnail and store all
    three durably, and to read it again against its digest; raw is Pillow's decoding, two times
    encoding, and one file written through to the disk."""
    with TemporaryDirectory(prefix="duban-bench-") as directory:
        folder, digests = Path(directory), list[str]()
        with closing(SealedVault(SqliteRows(folder / "vault"), folder / "key", "bench")) as vault:
            store = KeptEvidence(place_at("", folder / "evidence"), vault)
            taken = [_photo(number) for number in range(photos)]
            raw = [seconds_of(partial(_raw, data, folder / "raw")) for data in taken]
            kept = [seconds_of(partial(_keep, store, data, digests)) for data in taken]
            read = [seconds_of(partial(store.read, digest)) for digest in digests]
    return {
        "bench": "evidence", "photos": photos, "photo_bytes": len(taken[0]),
        "raw_p50_ms": _ms(statistics.median(raw)),
        "store_p50_ms": _ms(statistics.median(kept)), "store_max_ms": _ms(max(kept)),
        "read_p50_ms": _ms(statistics.median(read)),
        "ratio": round(statistics.median(kept) / statistics.median(raw), 2),
    }  # fmt: skip


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


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
