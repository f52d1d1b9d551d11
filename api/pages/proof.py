"""Proofs in plain words: what is proven of an event or a thing, what is not, how to check it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Response

from api.pages.asked import whole_in
from api.pages.named import ORDERS, PACKED, name_of, room_of, ways_of
from api.pages.rendering import Look, View
from domain.errors import NotFound, Refused
from domain.messages import Envelope
from domain.moments import NOW
from projections.histories import load, state
from projections.past.kinds import KINDS, Kind
from projections.persons import persons
from projections.transparency.checkpoints import Inclusion, proof_file, read_checkpoint
from projections.transparency.merkle import leaf_hash, root_by_inclusion

PAGE = 50
# In canonical bytes the name of a stream is followed by the name of the event at once.
PERSON = re.compile(rb"(?<![0-9A-Za-z])p-[0-9a-f]{16}")
Small = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True, slots=True)
class Signed:
    """The newest checkpoint and who signed it; ``wrong`` is what is wrong with it."""

    text: str
    origin: str
    size: int
    root: str
    by_log: bool
    witnesses: Sequence[tuple[str, datetime]]
    wrong: Sequence[str]
    keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """``state``: proven, waiting (no checkpoint has it yet), altered (the event is not the one
    that was recorded) or broken (its hashes do not lead to what was signed)."""

    position: int
    version: int
    name: str
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    state: str
    leaf: str
    persons: Sequence[str]


def of_thing(kind: Kind) -> Callable[..., Response]:
    def shown(
        view: Look, key: str, start: Annotated[str, Query(alias="from", max_length=20)] = ""
    ) -> Response:
        events = load(view.services.store, kind.snapshot, key)
        signed = newest(view)
        first = min(whole_in(start, 0), max(0, len(events) - 1))
        rows = [check(view, envelope, signed) for envelope in events[first : first + PAGE]]
        row = state(events, kind.snapshot, NOW)
        gaps = [e.version for e in events] != list(range(1, len(events) + 1))
        return view.render(
            "proof.html",
            section="audit",
            kind=kind.name,
            key=key,
            called=name_of(row, kind, key),
            ways=ways_of(kind.name, key),
            signed=signed,
            rows=rows,
            verdict=verdict(rows, gaps),
            total=len(events),
            first=first,
            more=view.here(**{"from": first + PAGE}) if first + PAGE < len(events) else None,
            erased=erased(view, rows),
            event=None,
            pack=room_of(kind.name, key, "pack") if kind.name in PACKED else "",
            command=command(kind.name, signed),
        )

    return shown


def of_event(view: Look, position: int) -> Response:
    envelope, signed = event_at(view, position), newest(view)
    kind, _, key = envelope.stream_id.partition("-")
    rows = [check(view, envelope, signed)]
    called = key
    if kind in KINDS:
        events = load(view.services.store, KINDS[kind].snapshot, key)
        called = name_of(state(events, KINDS[kind].snapshot, NOW), KINDS[kind], key)
    return view.render(
        "proof.html",
        section="audit",
        kind=kind,
        key=key,
        called=called,
        ways=ways_of(kind, key) if kind in KINDS else [],
        signed=signed,
        rows=rows,
        verdict=verdict(rows, False),
        total=1,
        first=0,
        more=None,
        erased=erased(view, rows),
        event=_details(view, envelope, signed),
        pack=room_of(kind, key, "pack") if kind in PACKED else "",
        command=command(kind, signed),
    )


def proof_text(view: Look, position: int) -> Response:
    """The proof as C2SP's tlog-proof, which other people's programmes read."""
    found = view.services.transparency.inclusion(position)
    text = proof_file(found.position - 1, found.hashes, found.checkpoint)
    return _file(text.encode(), f"{position}.tlog-proof", "text/plain; charset=utf-8")


def leaf_bytes(view: Look, position: int) -> Response:
    """The canonical bytes: SHA-256 of a zero byte and these is the leaf."""
    stored = view.services.transparency.stored(position)
    return _file(stored, f"{position}.leaf", "application/octet-stream")


def _file(data: bytes, name: str, media_type: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store",
    }  # fmt: skip
    return Response(data, media_type=media_type, headers=headers)


@dataclass(frozen=True, slots=True)
class Details:
    """How an event leads to what was signed: its leaf, and the hashes on the way."""

    position: int
    leaf: str
    recorded_leaf: str
    hashes: Sequence[str]
    root: str
    size: int
    bytes: int


def _details(view: View, envelope: Envelope, signed: Signed | None) -> Details:
    stored = view.services.transparency.stored(envelope.position)
    found = inclusion(view, envelope.position, signed)
    return Details(
        envelope.position, leaf_hash(stored).hex(), found.leaf.hex() if found else "",
        [raw.hex() for raw in found.hashes] if found else (), found.root.hex() if found else "",
        found.size if found else 0, len(stored),
    )  # fmt: skip


def newest(view: View) -> Signed | None:
    """``None``: nothing was signed yet."""
    log = view.services.transparency
    try:
        text = log.checkpoint()
    except NotFound:
        return None
    _, checkpoint = read_checkpoint(text)
    found = log.signatures(text)
    return Signed(
        text, checkpoint.origin, checkpoint.size, checkpoint.root.hex(), found.by_log,
        [(name, datetime.fromtimestamp(at, UTC)) for name, at in found.witnesses], found.wrong,
        log.keys(),
    )  # fmt: skip


def inclusion(view: View, position: int, signed: Signed | None) -> Inclusion | None:
    if signed is None or position > signed.size:
        return None
    return view.services.transparency.inclusion(position, signed.size)


def check(view: View, envelope: Envelope, signed: Signed | None) -> Checked:
    """The event is hashed anew as it lies in the store, and its hashes are followed to the root
    that was signed."""
    stored = view.services.transparency.stored(envelope.position)
    leaf = leaf_hash(stored)
    return Checked(
        envelope.position, envelope.version, envelope.event.NAME, envelope.actor,
        envelope.occurred_at, envelope.recorded_at,
        _state(view, envelope.position, leaf, signed), leaf.hex(),
        sorted({found.decode() for found in PERSON.findall(stored)}),
    )  # fmt: skip


def _state(view: View, position: int, leaf: bytes, signed: Signed | None) -> str:
    try:
        found = inclusion(view, position, signed)
    except Refused:
        return "broken"
    if found is None or signed is None:
        return "waiting"
    if found.leaf != leaf:
        return "altered"
    root = root_by_inclusion(position - 1, found.size, leaf, found.hashes)
    sound = root is not None and root.hex() == signed.root and signed.by_log and not signed.wrong
    return "proven" if sound else "broken"


def verdict(rows: Sequence[Checked], gaps: bool) -> str:
    """The worst of them."""
    states = {row.state for row in rows}
    if gaps:
        return "altered"
    return next((s for s in ("altered", "broken", "waiting") if s in states), "proven")


def erased(view: View, rows: Sequence[Checked]) -> list[str]:
    """Whom the events name and whose data is destroyed."""
    named = sorted({person for row in rows for person in row.persons})[:PAGE]
    found = [row for each in named for row in persons(view.services.reader, only=each, limit=1)]
    return [row.person_id for row in found if row.status == "forgotten"]


def event_at(view: View, position: int) -> Envelope:
    """Raises ``NotFound`` (``event.unknown``)."""
    for envelope in view.services.store.read(position - 1, 1) if 0 < position < 2**53 else ():
        if envelope.position == position:
            return envelope
    raise NotFound("event.unknown", f"there is no event {position}")


def command(kind: str, signed: Signed | None) -> str:
    key = signed.keys[0] if signed and signed.keys else "NAME+ID+KEY"
    return f"python3 verify.py {ORDERS.get(PACKED.get(kind, ''), kind)}.zip --key '{key}'"
