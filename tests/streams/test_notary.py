"""The tree follows the log whatever happens, and nothing is signed that does not continue it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import Forbidden, Invalid, NotFound, Refused
from domain.rankings.events import RankingPublished
from infra.transparency.files import FileLedger, FileTree
from infra.transparency.signing import verify
from projections.transparency.checkpoints import read_checkpoint
from projections.transparency.merkle import is_consistent, root_by_inclusion
from projections.transparency.notes import Note
from projections.transparency.tiles import MemoryTiles, TiledTree
from streams.notary import Notary, hashed
from streams.transparency import TransparencyLog
from tests.support.memory_log import MemoryLog
from tests.support.signed_logs import (
    KEYS,
    START,
    STORE,
    WITNESS,
    Clock,
    cosign,
    grown,
    in_files,
    notary,
)


@pytest.fixture
def log() -> MemoryLog:
    log = MemoryLog()
    grown(log, 300)
    return log


def root_of(log: MemoryLog) -> bytes:
    tiles = MemoryTiles([hashed(event) for event in log.events])
    return TiledTree(tiles, tiles.size).root()


def proofs(tree: FileTree, ledger: FileLedger) -> TransparencyLog:
    return TransparencyLog(tree, ledger, verify)


def test_the_tree_is_that_of_the_events_in_whatever_pieces_they_come(
    log: MemoryLog, tmp_path: Path
) -> None:
    tree, ledger = in_files(tmp_path)
    rider = notary(log, tree, ledger, signs=False)
    rider.take(log.read_raw(0, 5))
    rider.take(log.read_raw(3, 10))  # some of them again
    rider.take(log.read_raw(100, 50))  # some of them missed
    rider.take(log.read_raw(20, 30))  # all of them known
    rider.rest()
    assert (rider.size, rider.problem) == (600, "")
    assert TiledTree(tree, 600).root() == root_of(log)
    assert ledger.newest() is None


def test_a_tree_that_lost_its_end_is_completed_from_the_events(
    log: MemoryLog, tmp_path: Path
) -> None:
    tree, ledger = in_files(tmp_path)
    first = notary(log, tree, ledger, signs=False)
    first.take(log.read_raw(0, 400))
    first.close()
    first.take(log.read_raw(400, 100))  # never made durable: the process is killed here
    tree.close()
    with (tmp_path / "tree.0").open("r+b") as file:
        file.truncate(450 * 32 + 7)
    tree = FileTree(tmp_path, STORE)
    assert tree.size() == 400
    again = notary(log, tree, ledger, signs=False)
    again.catch_up()
    assert TiledTree(tree, 600).root() == root_of(log)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "tree.size").write_text("5f1e 60"),
        lambda folder: (folder / "tree.size").write_bytes(b"\xff\xfe"),
        lambda folder: (folder / "tree.size").unlink(),
        lambda folder: (folder / "tree.0").write_bytes(b"\0" * 700 * 32),
        lambda folder: os.truncate(folder / "tree.0", 100),
        lambda folder: (folder / "tree.1").unlink(),
    ],
)
def test_a_damaged_tree_is_made_again_from_the_events(
    damage: Callable[[Path], object], log: MemoryLog, tmp_path: Path
) -> None:
    tree, ledger = in_files(tmp_path)
    with_tree = notary(log, tree, ledger)
    with_tree.catch_up()
    with_tree.issue()
    with_tree.close()
    tree.close()
    damage(tmp_path)
    tree = FileTree(tmp_path, STORE)
    assert tree.size() == 0
    again = notary(log, tree, ledger)
    again.catch_up()
    assert TiledTree(tree, 600).root() == root_of(log)


def test_what_is_recorded_is_signed_at_the_interval_and_what_is_published_at_once(
    tmp_path: Path,
) -> None:
    log, clock = MemoryLog(), Clock()
    tree, ledger = in_files(tmp_path)
    rider = notary(log, tree, ledger, clock)

    def taken(cases: int, first: int) -> list[int]:
        grown(log, cases, first)
        rider.take(log.read_raw(rider.size, 100))
        return [issued.size for issued in ledger.issued()]

    assert taken(2, 1) == [4]  # the first at once
    assert taken(2, 3) == [4]
    clock.seconds += 600
    assert taken(1, 5) == [4, 10]
    clock.seconds += 600
    rider.rest()
    assert [issued.size for issued in ledger.issued()] == [4, 10]  # nothing was recorded
    published = RankingPublished("2026-W10", "street", (), 1, (), "", "li")
    log.append("ranking-x", published, START)
    rider.take(log.read_raw(rider.size, 100))
    assert [issued.size for issued in ledger.issued()] == [4, 10, 11]
    assert rider.issue() == ledger.newest()  # once is enough


def test_nothing_is_signed_that_is_not_a_continuation(log: MemoryLog, tmp_path: Path) -> None:
    tree, ledger = in_files(tmp_path)
    rider = notary(log, tree, ledger)
    rider.issue()
    log.events[7] = (*log.events[7][:4], b"{}", *log.events[7][5:])
    grown(log, 1, 400)
    rider.rebuild()
    with pytest.raises(Refused, match="not the same any more") as refused:
        rider.issue()
    assert refused.value.code == "log.forked"
    rider.rest()
    del log.events[400:]
    rider.rebuild()
    with pytest.raises(Refused, match="only 400 events are there"):
        rider.issue()
    assert [issued.size for issued in ledger.issued()] == [600]


def test_a_log_that_was_cut_or_changed_at_its_end_is_noticed_before_it_goes_on(
    log: MemoryLog, tmp_path: Path
) -> None:
    tree, ledger = in_files(tmp_path)
    rider = notary(log, tree, ledger)
    rider.issue()
    rider.close()
    del log.events[500:]
    again = notary(log, FileTree(tmp_path, STORE), ledger)
    again.rest()
    assert "run duban verify" in again.problem
    with pytest.raises(Refused) as refused:
        again.catch_up()
    assert refused.value.code == "log.forked"


def test_a_log_that_nobody_signed_may_be_restored_from_a_backup(
    log: MemoryLog, tmp_path: Path
) -> None:
    tree, ledger = in_files(tmp_path)
    rider = notary(log, tree, ledger, signs=False)
    rider.catch_up()
    rider.close()
    del log.events[500:]
    again = notary(log, FileTree(tmp_path, STORE), ledger, signs=False)
    again.rest()
    assert (again.size, again.problem) == (500, "")


def test_another_store_s_tree_counts_for_nothing(log: MemoryLog, tmp_path: Path) -> None:
    tree, ledger = in_files(tmp_path)
    rider = notary(log, tree, ledger, signs=False)
    rider.catch_up()
    rider.close()
    assert FileTree(tmp_path, "another").size() == 0


def test_what_keeps_the_tree_from_growing_is_said_and_holds_nothing_up(
    log: MemoryLog, tmp_path: Path
) -> None:
    class FullDisk(FileTree):
        full = True

        def append(self, size: int, gains: object) -> None:
            if self.full:
                raise Refused("log.io", "the disk is full")
            super().append(size, gains)  # type: ignore[arg-type]

    tree = FullDisk(tmp_path, STORE)
    rider = notary(log, tree, FileLedger(tmp_path), signs=False)
    rider.take(log.read_raw(0, 10))
    assert (rider.size, rider.problem) == (0, "the disk is full")
    tree.full = False
    rider.take(log.read_raw(10, 10))
    assert (rider.size, rider.problem) == (20, "")


def test_proofs_are_those_of_the_newest_checkpoint(log: MemoryLog, tmp_path: Path) -> None:
    tree, ledger = in_files(tmp_path)
    asked = proofs(tree, ledger)
    with pytest.raises(NotFound, match="no checkpoint"):
        asked.checkpoint()
    with pytest.raises(NotFound, match="no checkpoint"):
        asked.inclusion(1)
    with pytest.raises(NotFound, match="no checkpoint"):
        asked.consistency(1)
    notary(log, tree, ledger).issue()
    found = asked.inclusion(17)
    assert (found.size, found.leaf) == (600, hashed(log.events[16]))
    assert root_by_inclusion(16, 600, found.leaf, found.hashes) == found.root == root_of(log)
    assert found.checkpoint == asked.checkpoint() == asked.checkpoint(600)
    older = asked.consistency(250)
    assert is_consistent(250, 600, older.old_root, older.new_root, older.hashes)
    assert asked.inclusion(5, 9).checkpoint == ""


@pytest.mark.parametrize(
    ("position", "size"), [(0, 600), (601, 600), (5, 4), (601, None), (1, 700)]
)
def test_what_cannot_be_proven_is_refused(
    position: int, size: int | None, log: MemoryLog, tmp_path: Path
) -> None:
    tree, ledger = in_files(tmp_path)
    notary(log, tree, ledger).issue()
    with pytest.raises(Invalid) as refused:
        proofs(tree, ledger).inclusion(position, size)
    assert refused.value.code == "proof.impossible"
    with pytest.raises(Invalid):
        proofs(tree, ledger).consistency(600, 599)


def test_cosignatures_of_witnesses_are_kept_once_and_those_of_strangers_not(
    log: MemoryLog, tmp_path: Path
) -> None:
    tree, ledger = in_files(tmp_path)
    issued = notary(log, tree, ledger).issue()
    assert issued is not None
    aside = FileLedger(tmp_path / "aside")
    cosign(aside, issued)
    (line,) = [c.line for c in aside.cosignatures(600)]
    asked = proofs(tree, ledger)
    assert asked.cosign(issued.note + line) == 1
    assert asked.cosign(issued.note + line) == 0
    assert asked.checkpoint() == issued.note + line
    note, _ = read_checkpoint(issued.note + line)
    for foreign in (note.text.replace("600", "601"), note.text.replace("city", "town")):
        with pytest.raises(NotFound, match="never issued"):
            asked.cosign(str(Note(foreign, note.signatures)))
    forged = line[:-10] + ("AAAAAAA=\n" if line[-2] == "=" else "AAAAAAAA\n")
    for stranger in (issued.note, issued.note + forged):
        with pytest.raises((Forbidden, Invalid)):
            asked.cosign(stranger)
    assert asked.keys() == [entry.key for entry in KEYS]
    assert WITNESS.key.name in asked.checkpoint()


def test_a_half_written_line_was_never_told_and_goes(tmp_path: Path) -> None:
    in_files(tmp_path)
    with (tmp_path / "keys.jsonl").open("ab") as file:
        file.write(b'{"key":"city+012')
    again = FileLedger(tmp_path)
    assert list(again.key_list()) == list(KEYS)
    again.keep_key(KEYS[0])
    assert list(FileLedger(tmp_path).key_list()) == [*KEYS, KEYS[0]]


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    in_files(tmp_path)
    text = (tmp_path / "keys.jsonl").read_text()
    (tmp_path / "keys.jsonl").write_text(text.replace('"at"', '"et"', 1))
    with pytest.raises(Refused, match=r"line 1 of .*keys.jsonl cannot be read") as refused:
        FileLedger(tmp_path).key_list()
    assert refused.value.code == "log.damaged"


def test_a_notary_without_a_key_signs_nothing(log: MemoryLog, tmp_path: Path) -> None:
    tree, ledger = in_files(tmp_path)
    unsigned: Notary = notary(log, tree, ledger, signs=False)
    assert unsigned.issue() is None
    assert unsigned.problem == ""
