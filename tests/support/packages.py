"""Packages of a small witnessed city, and what others may do to them."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from infra.casefiles.container import Container
from infra.casefiles.verify import SEALED, Key, Wrong, contents, key_of, verify
from infra.commands.keys import _make as make_log_key
from infra.runtime import Runtime
from infra.transparency.signing import Signer
from projections.packages import Kind, Order
from projections.transparency.notes import Note, Signature
from projections.transparency.trust import KeyEntry
from tests.support.cities import opened, synthetic
from tests.support.signed_logs import WITNESS, cosign

BEHIND = ("manifest.json", "seal.txt")


@contextmanager
def witnessed_city(folder: Path, days: int = 1) -> Iterator[Runtime]:
    """Synthetic days, signed by the log and cosigned by ``WITNESS``."""
    synthetic(folder, days)
    with opened(folder) as runtime:
        ledger = runtime.kept.ledger
        make_log_key(runtime.settings, ledger)
        ledger.keep_key(KeyEntry(str(WITNESS.key), 1))
        issued = runtime.kept.notary.issue()
        assert issued is not None
        cosign(ledger, issued)
        yield runtime


def busiest(runtime: Runtime, kind: str = "case") -> str:
    """The id of the thing of a kind to which most has happened."""
    with runtime.engine.client() as client:
        rows = client.query(
            "SELECT stream_id FROM events WHERE stream_kind = %(kind)s "
            "GROUP BY stream_id ORDER BY count() DESC, stream_id LIMIT 1",
            {"kind": kind},
        ).result_rows
    return str(rows[0][0]).partition("-")[2]


def packed(runtime: Runtime, kind: Kind, key: str, **how: Any) -> bytes:
    file = io.BytesIO()
    runtime.services.packages.pack(Order(kind, key, **how), file)
    return file.getvalue()


def log_key(runtime: Runtime) -> str:
    (key, *_) = [entry.key for entry in runtime.kept.ledger.key_list() if "city/" in entry.key]
    return key


def files_in(package: bytes) -> dict[str, bytes]:
    return {
        name: package[start : start + size]
        for name, (size, start, _) in contents(io.BytesIO(package)).items()
    }


def put_together(files: Mapping[str, bytes]) -> bytes:
    """What somebody without a key can make: a proper container with checksums that fit."""
    file = io.BytesIO()
    container = Container(file)
    for name, data in files.items():
        container.add(name, data)
    container.close()
    return file.getvalue()


def resealed(files: Mapping[str, bytes], signer: Signer, **said: Any) -> bytes:
    """What the keeper of the log's key can make: list and seal that fit whatever is in there."""
    inner = {name: data for name, data in files.items() if name not in BEHIND}
    told = json.loads(files["manifest.json"]) | said
    told["files"] = [
        {"name": name, "size": len(data), "sha256": sha256(data).hexdigest()}
        for name, data in inner.items()
    ]
    manifest = json.dumps(told).encode()
    text = SEALED.format(told["origin"], told["size"], sha256(manifest).hexdigest())
    signature = Signature(signer.key.name, signer.key.id, signer.sign(text.encode()))
    seal = str(Note(text, (signature,))).encode()
    return put_together({**inner, "manifest.json": manifest, "seal.txt": seal})


def codes(
    package: bytes, keys: Sequence[str], demanded: Sequence[str] = (), seen: Sequence[str] = ()
) -> list[str]:
    """What is wrong with a package by the code of each sentence; nothing: it holds."""
    return [code for code, _ in sentences(package, keys, demanded, seen)]


def sentences(
    package: bytes, keys: Sequence[str], demanded: Sequence[str] = (), seen: Sequence[str] = ()
) -> list[tuple[str, str]]:
    believed: list[Key] = [key_of(line) for line in keys]
    witnesses = [key_of(line) for line in demanded]
    try:
        wrong = verify(io.BytesIO(package), believed, witnesses, seen)[2]
    except Wrong as error:
        wrong = [error]
    return [(each.args[0], each.args[1]) for each in wrong]
