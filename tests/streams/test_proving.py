"""Whatever is changed in any stored field of any event is found, and what was signed with it."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from infra.transparency.files import FileLedger
from infra.transparency.signing import ed25519_signer, verify
from projections.transparency.checkpoints import Checkpoint
from projections.transparency.notes import COSIGNATURE, ED25519, Note, Signature
from projections.transparency.tiles import MemoryTiles, TiledTree
from projections.transparency.trust import KeyEntry, Trust
from streams.notary import hashed
from streams.ports import RawEvent
from streams.proving import (
    Outside,
    broken_checkpoints,
    changed_events,
    newest_cosigned,
    unmet_demands,
)
from streams.transparency import Cosignature, Issued
from tests.support.memory_log import MemoryLog
from tests.support.signed_logs import KEYS, LOG, WITNESS, cosign, grown, in_files, notary

MUTATIONS = 12_000
FIELDS = ("position", "stream", "version", "type", "data", "metadata", "recorded_at")


class Signed:
    """24 events, signed at 10 and 24, witnessed at 10; ``wrong`` is what a verifier says of a
    store that now holds these events."""

    def __init__(self, folder: Path) -> None:
        log = MemoryLog()
        tree, ledger = in_files(folder)
        rider = notary(log, tree, ledger)
        for cases, first in ((5, 1), (7, 6)):
            grown(log, cases, first)
            rider.issue()
        self.events: Sequence[RawEvent] = tuple(log.events)
        self.issued: Sequence[Issued] = ledger.issued()
        cosign(ledger, self.issued[0])
        self.cosignatures: Sequence[Cosignature] = ledger.cosignatures()
        self.stored = MemoryTiles([hashed(event) for event in self.events])
        self.trust = Trust(ledger.key_list(), verify)

    def wrong(self, events: Sequence[RawEvent], tree_too: bool = False) -> list[str]:
        """``tree_too``: who changed the events has also made the tree anew from them."""
        tiles = MemoryTiles([hashed(event) for event in events])
        derived = TiledTree(tiles, tiles.size)
        stored = tiles if tree_too else self.stored
        return [
            *changed_events(stored, stored.size, derived),
            *broken_checkpoints(self.issued, self.cosignatures, self.trust, derived),
        ]


@pytest.fixture
def signed(tmp_path: Path) -> Signed:
    return Signed(tmp_path)


def test_an_untouched_log_is_sound(signed: Signed) -> None:
    assert signed.wrong(signed.events) == []
    assert newest_cosigned(signed.issued, signed.cosignatures, signed.trust) == 10


def changed(chance: random.Random, event: RawEvent, field: int) -> RawEvent:
    value = event[field]
    new: object
    match value:
        case int():
            new = (
                value ^ (1 << chance.randrange(31))
                if field != 6
                else value ^ (1 << chance.randrange(50))
            )
        case str():
            at = chance.randrange(len(value))
            new = value[:at] + chr(ord(value[at]) ^ (1 << chance.randrange(5))) + value[at + 1 :]
        case _:
            at = chance.randrange(len(value))
            new = value[:at] + bytes([value[at] ^ (1 << chance.randrange(8))]) + value[at + 1 :]
    return (*event[:field], new, *event[field + 1 :])  # type: ignore[return-value]


def test_every_changed_bit_of_every_field_is_found(signed: Signed) -> None:
    chance, found = random.Random(5), 0
    for number in range(MUTATIONS):
        at, field = chance.randrange(len(signed.events)), number % len(FIELDS)
        event = changed(chance, signed.events[at], field)
        events = [*signed.events[:at], event, *signed.events[at + 1 :]]
        tiles = MemoryTiles([hashed(event) for event in events])
        (said,) = changed_events(signed.stored, 24, TiledTree(tiles, 24))
        assert said.startswith(f"event {at + 1} is not what was recorded there"), FIELDS[field]
        found += 1
    assert found == MUTATIONS


def test_the_actor_and_both_times_are_among_what_is_hashed(signed: Signed) -> None:
    for at, event in enumerate(signed.events):
        for name in msgspec.json.decode(event[5]):
            meta = msgspec.json.decode(event[5])
            meta[name] = f"{meta[name]}x"
            altered = (*event[:5], msgspec.json.encode(meta), event[6])
            events = [*signed.events[:at], altered, *signed.events[at + 1 :]]
            assert signed.wrong(events), name


@pytest.mark.parametrize("tree_too", [False, True])
def test_order_insertion_removal_and_a_cut_tail_are_found(signed: Signed, tree_too: bool) -> None:
    """Also when positions are given anew, so that no gap shows."""
    events, size = list(signed.events), len(signed.events)
    foreign = MemoryLog()
    grown(foreign, 1, 900)
    for at in range(size):
        for told in (
            events[:at] + events[at + 1 :],
            events[:at] + foreign.events[:1] + events[at:],
            [*events[:at], *events[at + 1 : at + 2], events[at], *events[at + 2 :]],
            events[:at],
        ):
            if told == events:
                continue
            numbered = [(n, *event[1:]) for n, event in enumerate(told, 1)]
            assert signed.wrong(told, tree_too)
            assert signed.wrong(numbered, tree_too)  # type: ignore[arg-type]


def test_the_sentence_says_where(signed: Signed) -> None:
    events = list(signed.events)
    events[14] = (*events[14][:4], b"{}", *events[14][5:])
    assert signed.wrong(events) == [
        "event 15 is not what was recorded there: events were changed, moved, put in or taken out",
        "the checkpoint of 24 events (2026-03-02T04:00+00:00) is not of this history: events up "
        "to there were changed, put in or taken out; what was signed at 10 still is as it was",
    ]
    (told,) = signed.wrong(events, tree_too=True)
    assert told.startswith("the checkpoint of 24 events")
    missing = signed.wrong(events[:14])
    assert "the log holds 14 events and 24 were recorded: 10 are missing" in missing


def test_an_event_after_the_last_signature_is_held_to_the_tree_alone(signed: Signed) -> None:
    more = MemoryLog()
    grown(more, 1, 77)
    extra = (25, *more.events[0][1:])
    assert signed.wrong([*signed.events, extra]) == []


Forging = Callable[[Signed], tuple[Sequence[Issued], Sequence[Cosignature]]]


def _root(signed: Signed, size: int) -> bytes:
    return TiledTree(signed.stored, 24).root(size)


def _note(text: str, secret: object = LOG) -> str:
    signature = Signature(LOG.key.name, LOG.key.id, secret.sign(text.encode()))  # type: ignore[attr-defined]
    return str(Note(text, (signature,)))


@pytest.mark.parametrize(
    ("forge", "told"),
    [
        (lambda s: (s.issued[1:], s.cosignatures), "of 10 events that is not among those kept"),
        (
            lambda s: ([msgspec.structs.replace(s.issued[0], size=11), s.issued[1]], ()),
            "says that it is of 10",
        ),
        (
            lambda s: ([msgspec.structs.replace(s.issued[0], note="x")], ()),
            "cannot be read: it was changed",
        ),
        (
            lambda s: (
                [Issued(24, _note(Checkpoint(LOG.key.name, 24, _root(s, 23)).text), 1)], (),
            ),
            "is not of this history",
        ),
        (
            lambda s: ([Issued(24, _note(Checkpoint("town/1", 24, _root(s, 24)).text), 1)], ()),
            "is of another log (town/1)",
        ),
        (
            lambda s: (
                [Issued(24, _note(
                    Checkpoint(LOG.key.name, 24, _root(s, 24)).text,
                    ed25519_signer(LOG.key.name, ED25519, bytes(32)),
                ), 1)], (),
            ),
            "does not match the signature",
        ),
        (
            lambda s: (s.issued, [Cosignature(24, s.cosignatures[0].line)]),
            "does not match the cosignature of audit.example",
        ),
    ],
)  # fmt: skip
def test_forged_checkpoints_and_cosignatures_are_found(
    forge: Forging, told: str, signed: Signed
) -> None:
    issued, cosignatures = forge(signed)
    derived = TiledTree(signed.stored, 24)
    found = list(broken_checkpoints(issued, cosignatures, signed.trust, derived))
    assert any(told in sentence for sentence in found), found


def test_who_signs_a_rewritten_history_anew_is_found_by_what_others_hold(
    signed: Signed, tmp_path: Path
) -> None:
    """The whole store, its tree, its checkpoints and even its keys may be new: the witness's key
    and its last checkpoint are in other hands."""
    log = MemoryLog()
    grown(log, 12, 31)
    tree, ledger = in_files(tmp_path / "rewritten")
    notary(log, tree, ledger).issue()
    derived = TiledTree(tree, 24)
    trust = Trust(ledger.key_list(), verify)
    assert not list(broken_checkpoints(ledger.issued(), (), trust, derived))  # by itself, sound
    seen = signed.issued[0].note + signed.cosignatures[0].line
    for outside, told in (
        (Outside(witnesses=(WITNESS.key,)), "no checkpoint is cosigned by the witness audit"),
        (Outside((("audit.seen", seen),)), "audit.seen is not of this history"),
        (Outside((("bulletin 9", signed.issued[1].note),)), "bulletin 9 is not of this history"),
    ):
        (sentence,) = unmet_demands(outside, ledger.issued(), (), trust, derived)
        assert told in sentence


def test_what_others_bring_is_read_with_care(signed: Signed) -> None:
    derived = TiledTree(signed.stored, 24)
    foreign = _note(Checkpoint("town/1", 24, _root(signed, 24)).text)
    larger = _note(Checkpoint(LOG.key.name, 30, _root(signed, 24)).text)
    half = signed.issued[0].note[:-20]
    brought = Outside((("a", foreign), ("b", larger), ("c", half), ("d", signed.issued[0].note)))
    told = list(unmet_demands(brought, signed.issued, signed.cosignatures, signed.trust, derived))
    assert told == [
        f"the checkpoint in a is of another log (town/1), not of {LOG.key.name}",
        "the checkpoint in b is of more than the log holds: the last 6 of its 30 events are "
        "missing",
        "c: this is not a whole signed note: it was cut off or changed on the way",
    ]
    other = ed25519_signer("court.example", COSIGNATURE, bytes(32)).key
    trust = Trust((*KEYS, KeyEntry(str(other), 1)), verify)
    demand = Outside(witnesses=(WITNESS.key, other))
    (told_of,) = unmet_demands(demand, signed.issued, signed.cosignatures, trust, derived)
    assert "court.example" in told_of


def test_only_the_first_few_of_many_broken_checkpoints_are_told(
    signed: Signed, tmp_path: Path
) -> None:
    ledger = FileLedger(tmp_path / "many")
    for number in range(1, 10):
        ledger.keep(Issued(number, "x", number))
    derived = TiledTree(signed.stored, 24)
    told = list(broken_checkpoints(ledger.issued(), (), signed.trust, derived))
    assert len(told) == 4
    assert told[-1] == "there may be more wrong with later checkpoints"
