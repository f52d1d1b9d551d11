"""Whether the events are those that were recorded, and those that were signed: pure checks."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from domain.errors import Invalid
from projections.transparency.checkpoints import Checkpoint, read_checkpoint
from projections.transparency.merkle import HASH_BYTES
from projections.transparency.notes import Key
from projections.transparency.tiles import WIDTH, TiledTree, Tiles
from projections.transparency.trust import Trust
from streams.transparency import Cosignature, Issued

SAID = 3  # of one kind; who changes everything need not be told everything


class Outside(NamedTuple):
    """What somebody else knows of the log: signed checkpoints, each with where it is from, and the
    witnesses whose word is demanded. ``log_keys``, where there are some: nobody else's signature
    is the log's."""

    checkpoints: Sequence[tuple[str, str]] = ()
    witnesses: Sequence[Key] = ()
    log_keys: Sequence[Key] = ()


def changed_events(stored: Tiles, size: int, derived: TiledTree) -> Iterator[str]:
    """``stored`` is the tree that grew while the events were recorded, of ``size`` leaves."""
    count, first = 0, 0
    for start in range(0, min(size, derived.size), WIDTH):
        until = min(WIDTH, size - start, derived.size - start)
        kept, made = stored.read(0, start, until), derived.leaves(start, until)
        for at in range(until) if kept != made else ():
            hash_at = slice(at * HASH_BYTES, (at + 1) * HASH_BYTES)
            if kept[hash_at] != made[hash_at]:
                count, first = count + 1, first or start + at + 1
    whole = size <= derived.size and TiledTree(stored, size).root() == derived.root(size)
    if whole and count:
        yield f"the kept tree is damaged at event {first}, its root is not: run duban log rebuild"
    elif count:
        others = f"; nor are {count - 1:,} later ones" if count > 1 else ""
        yield (
            f"event {first} is not what was recorded there: events were changed, moved, put in or "
            f"taken out{others}"
        )
    if size > derived.size:
        yield (
            f"the log holds {derived.size} events and {size} were recorded: "
            f"{size - derived.size} are missing"
        )
    elif not count and not whole:
        yield "the kept tree is damaged, the events are not: run duban log rebuild"


def broken_checkpoints(
    issued: Sequence[Issued], cosignatures: Sequence[Cosignature], trust: Trust, derived: TiledTree
) -> Iterator[str]:
    """Each against the events, with its signature and those of witnesses; the first few."""
    lines: dict[int, list[str]] = {}
    for cosignature in cosignatures:
        lines.setdefault(cosignature.size, []).append(cosignature.line)
    said, good = 0, 0
    for each in issued:
        name = f"the checkpoint of {each.size} events ({_when(each.at)})"
        found = list(_problems(each, lines.get(each.size, []), trust, derived, good))
        good = good if found else max(good, each.size)
        said += bool(found)
        yield from (f"{name} {sentence}" for sentence in found)
        if said == SAID:
            yield "there may be more wrong with later checkpoints"
            return
    sizes = {each.size for each in issued}
    for size in sorted(lines.keys() - sizes)[:SAID]:
        yield f"witnesses signed a checkpoint of {size} events that is not among those kept"


def _problems(
    issued: Issued, lines: Sequence[str], trust: Trust, derived: TiledTree, good: int
) -> Iterator[str]:
    try:
        note, checkpoint = read_checkpoint(issued.note + "".join(lines))
    except Invalid:
        yield "cannot be read: it was changed"
        return
    if checkpoint.size != issued.size:
        yield f"says that it is of {checkpoint.size}"
    yield from trust.problems(note, checkpoint)
    if said := _contradiction(checkpoint, derived):
        since = f"; what was signed at {good} still is as it was" if good else ""
        yield said + since


def unmet_demands(
    outside: Outside, issued: Sequence[Issued], cosignatures: Sequence[Cosignature], trust: Trust,
    derived: TiledTree,
) -> Iterator[str]:  # fmt: skip
    """What somebody outside has seen of the log, and who is said to watch it."""
    for source, text in outside.checkpoints:
        try:
            note, checkpoint = read_checkpoint(text)
        except Invalid as refusal:
            yield f"{source}: {refusal.message}"
            continue
        said = next(trust.problems(note, checkpoint), "") or _contradiction(checkpoint, derived)
        if said:
            yield f"the checkpoint in {source} {said}"
    for key in outside.witnesses:
        if not _seen_by(key, issued, cosignatures, trust):
            yield (
                f"no checkpoint is cosigned by the witness {key.name}: the log was signed anew "
                "without it, or it never saw it"
            )


def newest_cosigned(
    issued: Sequence[Issued], cosignatures: Sequence[Cosignature], trust: Trust
) -> int:
    """How many events witnesses vouch for."""
    sizes = {cosignature.size for cosignature in cosignatures}
    for each in reversed(issued):
        if each.size in sizes and any(_cosigners(each, cosignatures, trust)):
            return each.size
    return 0


def _seen_by(
    key: Key, issued: Sequence[Issued], cosignatures: Sequence[Cosignature], trust: Trust
) -> bool:
    sizes = {cosignature.size for cosignature in cosignatures}
    return any(
        key in _cosigners(each, cosignatures, trust)
        for each in reversed(issued)
        if each.size in sizes
    )


def _cosigners(issued: Issued, cosignatures: Sequence[Cosignature], trust: Trust) -> list[Key]:
    lines = "".join(c.line for c in cosignatures if c.size == issued.size)
    note, checkpoint = read_checkpoint(issued.note + lines)
    return trust.cosigners(note, checkpoint)


def _contradiction(checkpoint: Checkpoint, derived: TiledTree) -> str:
    if checkpoint.size > derived.size:
        return (
            f"is of more than the log holds: the last {checkpoint.size - derived.size} of its "
            f"{checkpoint.size} events are missing"
        )
    if derived.root(checkpoint.size) != checkpoint.root:
        return "is not of this history: events up to there were changed, put in or taken out"
    return ""


def _when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="minutes")
