"""A witness on another machine: signs what continues, refuses what was rewritten, says why."""

import base64
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.errors import Invalid, Refused
from infra.transparency.signing import ed25519_signer, verify
from infra.transparency.witnessing import HttpLog, Witness
from projections.transparency.checkpoints import Checkpoint, read_checkpoint
from projections.transparency.notes import ED25519, Note, Signature
from projections.transparency.tiles import MemoryTiles, TiledTree
from projections.transparency.trust import KeyEntry, Trust
from streams.notary import hashed
from tests.support.memory_log import MemoryLog
from tests.support.signed_logs import LOG, WITNESS, grown
from tests.support.strange_servers import answering

OLD = ed25519_signer(LOG.key.name, ED25519, bytes(32))


class Shown:
    """``WatchedLog``: the log of a city as it shows itself at the moment."""

    def __init__(self, events: MemoryLog) -> None:
        tiles = MemoryTiles([hashed(event) for event in events.events])
        self.tree = TiledTree(tiles, tiles.size)
        self.name, self.secret = LOG.key.name, LOG
        self.cosigned: list[str] = []
        self.asked: list[tuple[int, int]] = []

    def checkpoint(self) -> str:
        text = Checkpoint(self.name, self.tree.size, self.tree.root()).text
        signature = Signature(self.name, self.secret.key.id, self.secret.sign(text.encode()))
        lines = [read_checkpoint(note)[0].signatures[-1] for note in self.cosigned]
        return str(Note(text, (signature, *lines)))

    def consistency(self, old: int, new: int) -> Sequence[bytes]:
        self.asked.append((old, new))
        return self.tree.consistency(old, new)

    def send(self, note: str) -> None:
        self.cosigned.append(note)


def city(cases: int, first: int = 1) -> MemoryLog:
    log = MemoryLog()
    grown(log, cases, first)
    return log


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(WITNESS, [LOG.key], tmp_path / "audit.key.seen", lambda: 1_772_424_000)


def refused(witness: Witness, log: Shown) -> Refused:
    """Nothing is signed and nothing else is remembered."""
    before = witness.memory.read_bytes() if witness.memory.exists() else None
    with pytest.raises(Refused) as told:
        witness.look(log)
    assert log.cosigned == []
    assert before == (witness.memory.read_bytes() if witness.memory.exists() else None)
    assert "\n" not in told.value.message
    return told.value


def test_what_only_grew_is_signed_each_time_it_grew(witness: Witness) -> None:
    log = city(5)
    first = Shown(log)
    assert witness.look(first).size == 10
    witness.look(first)
    assert len(first.cosigned) == 1  # once is enough
    grown(log, 8, 6)
    later = Shown(log)
    assert witness.look(later).size == 26
    assert later.asked == [(10, 26)]
    note, checkpoint = read_checkpoint(later.cosigned[0])
    assert Trust([KeyEntry(str(WITNESS.key), 0)], verify).cosigners(note, checkpoint)
    assert read_checkpoint(witness.memory.read_text())[1] == checkpoint


def test_a_rewritten_history_is_refused(witness: Witness) -> None:
    log = city(5)
    witness.look(Shown(log))
    log.events[3] = (*log.events[3][:4], b"{}", *log.events[3][5:])
    same_size = refused(witness, Shown(log))
    grown(log, 5, 6)
    for told in (same_size, refused(witness, Shown(log))):
        assert told.code == "witness.rewritten"
        assert told.message == (
            "the history of this log was rewritten: the first 10 events are not those it has "
            "shown before"
        )


def test_a_log_that_lost_its_end_is_refused(witness: Witness) -> None:
    witness.look(Shown(city(5)))
    told = refused(witness, Shown(city(4)))
    assert (told.code, "shows 8 events and has shown 10" in told.message) == (
        "witness.rewritten", True,
    )  # fmt: skip


def test_a_proof_that_proves_nothing_is_refused(witness: Witness) -> None:
    witness.look(Shown(city(5)))
    log = Shown(city(9))
    log.consistency = lambda old, new: []  # type: ignore[method-assign]
    assert refused(witness, log).code == "witness.rewritten"


def test_another_city_s_log_is_refused(witness: Witness) -> None:
    log = Shown(city(5))
    log.name = "town/77"
    told = refused(witness, log)
    assert told.code == "witness.other_log"
    assert told.message == (
        f"this is a checkpoint of the log town/77, and this witness watches {LOG.key.name}"
    )
    witness.look(Shown(city(5)))
    town = ed25519_signer("town/77", ED25519, bytes(range(5, 37)))
    log.secret = town
    both = Witness(WITNESS, [LOG.key, town.key], witness.memory)
    assert "remembers the log city/" in refused(both, log).message


def test_a_rotated_key_is_refused_until_the_witness_is_given_the_new_one(
    witness: Witness,
) -> None:
    log = Shown(city(5))
    log.secret = OLD
    told = refused(witness, log)
    assert (told.code, "whether the key was rotated" in told.message) == ("witness.unsigned", True)
    Witness(WITNESS, [LOG.key, OLD.key], witness.memory).look(log)


@pytest.mark.parametrize("kept", ["", "half", "forged", "bytes"])
def test_a_damaged_memory_is_said_and_not_passed_over(kept: str, witness: Witness) -> None:
    witness.look(Shown(city(5)))
    text = witness.memory.read_text()
    match kept:
        case "half":
            witness.memory.write_text(text[: len(text) // 2])
        case "forged":
            witness.memory.write_text(text.replace("\n10\n", "\n11\n"))
        case "bytes":
            witness.memory.write_bytes(b"\xff\xfe")
        case _:
            witness.memory.write_text("")
    told = refused(witness, Shown(city(5)))
    assert told.code == "witness.memory"
    assert "restore it from a copy" in told.message


def test_a_memory_that_cannot_be_written_keeps_the_witness_from_signing(tmp_path: Path) -> None:
    witness = Witness(WITNESS, [LOG.key], tmp_path / "nowhere" / "seen")
    assert refused(witness, Shown(city(5))).code == "witness.memory"


def test_a_half_sent_checkpoint_is_refused(witness: Witness) -> None:
    log = Shown(city(5))
    whole = log.checkpoint()
    log.checkpoint = lambda: whole[:-30]  # type: ignore[method-assign]
    assert refused(witness, log).code == "note.unreadable"


def test_a_server_that_is_away_or_no_log_is_said(witness: Witness) -> None:
    with pytest.raises(Refused, match="does not answer") as told:
        HttpLog("http://127.0.0.1:9").checkpoint()
    assert told.value.code == "witness.unreachable"
    with pytest.raises(Invalid, match="http://HOST:PORT"):
        HttpLog("ftp://127.0.0.1")
    problem = b'{"detail": "no checkpoint has been issued", "code": "log.no_checkpoint"}'
    for status, body, said in (
        (404, problem, r"says: no checkpoint has been issued \(log.no_checkpoint\)"),
        (500, b"<html>", "is no log of ours"),
        (404, b"[]", "is no log of ours"),
    ):
        with answering(status, body) as url, pytest.raises(Refused, match=said) as strange:
            HttpLog(url).checkpoint()
        assert strange.value.code == "witness.not_answered"
    for body in (b"", b"[]", b'{"hashes": 3}', b'{"hashes": ["%"]}'):
        with answering(200, body) as url, pytest.raises(Refused, match="no log of ours"):
            HttpLog(url).consistency(1, 2)
    proof = b'{"hashes": ["%s"]}' % base64.b64encode(b"x" * 32)
    with answering(200, proof) as url:
        assert HttpLog(url).consistency(1, 2) == [b"x" * 32]
