"""Small logs with a tree over them, signed and witnessed, in memory or in files."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.cases.events import CaseFiled, CaseReported, Place
from infra.transparency.files import FileLedger, FileTree
from infra.transparency.signing import ed25519_signer
from projections.transparency.checkpoints import cosigned, read_checkpoint, timed
from projections.transparency.notes import COSIGNATURE, ED25519, Signature
from projections.transparency.trust import KeyEntry
from streams.notary import Notary
from streams.transparency import Cosignature, Issued, Ledger, TreeStore
from tests.support.memory_log import MemoryLog

START = datetime(2026, 3, 2, 4, tzinfo=UTC)
STORE = "5f1e"
LOG = ed25519_signer(f"city/{STORE}", ED25519, bytes(range(32)))
WITNESS = ed25519_signer("audit.example", COSIGNATURE, bytes(range(1, 33)))
KEYS = (KeyEntry(str(LOG.key), 1), KeyEntry(str(WITNESS.key), 1))


class Clock:
    """Seconds since 1970, as told."""

    def __init__(self) -> None:
        self.seconds = int(START.timestamp())

    def __call__(self) -> int:
        return self.seconds


def grown(log: MemoryLog, cases: int, first: int = 1) -> None:
    """Two events for each case."""
    for number in range(first, first + cases):
        at = START + timedelta(minutes=number)
        reported = CaseReported(
            case_no=f"2026-{number}", source="hotline", category="litter", text="垃圾",
            severity="minor", place=Place(grid="g1", district="d1"),
        )  # fmt: skip
        log.append(f"case-{number}", reported, at, ("p1",), f"officer-{number}", f"api:{number}")
        log.append(f"case-{number}", CaseFiled(standard="4.1"), at + timedelta(seconds=30))


def notary(
    log: MemoryLog, tree: TreeStore, ledger: Ledger, clock: Clock | None = None, signs: bool = True
) -> Notary:
    signer = LOG if signs else None
    return Notary(log, tree, ledger, lambda: signer, clock or Clock(), 600)


def in_files(folder: Path, keys: Sequence[KeyEntry] = KEYS) -> tuple[FileTree, FileLedger]:
    ledger = FileLedger(folder)
    for key in keys:
        ledger.keep_key(key)
    return FileTree(folder, STORE), ledger


def cosign(ledger: Ledger, issued: Issued, seconds: int = 1_772_424_000) -> None:
    note, checkpoint = read_checkpoint(issued.note)
    signature = timed(seconds, WITNESS.sign(cosigned(note.text, seconds)))
    line = str(Signature(WITNESS.key.name, WITNESS.key.id, signature))
    ledger.cosign(Cosignature(checkpoint.size, line))
