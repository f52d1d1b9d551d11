"""What proves a package: a checkpoint and who cosigned it, proofs, earlier ones, the seal."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.errors import Refused
from infra.casefiles.verify import SEALED
from infra.settings import Settings
from infra.transparency.kept import Kept, signer_of
from projections.transparency.checkpoints import Checkpoint, read_checkpoint
from projections.transparency.notes import KINDS, Key, Note, Signature, encoded, parse_key
from projections.transparency.tiles import TiledTree
from streams.notary import Signer
from streams.transparency import Issued, Ledger, noted

NEWEST, SPREAD = 32, 32


class Ground(NamedTuple):
    """What a package is proven against: ``note`` is the checkpoint with all who signed it."""

    checkpoint: Checkpoint
    note: str
    at: int
    tree: TiledTree
    signer: Signer


def ground_for(kept: Kept, settings: Settings, last: int) -> Ground:
    """The newest checkpoint that holds the event ``last``, if there is one the newest that a
    witness has seen; signed now if there is none. Raises ``Refused`` (``key.none``, ``key.*``,
    ``log.*``)."""
    signer = signer_of(settings, kept.ledger)
    if signer is None:
        raise Refused(
            "key.none",
            "there is no key to sign with, and a package without a signature proves nothing: "
            "duban keys make",
        )
    issued = _newest(kept.ledger, last, signer.key) or kept.notary.issue()
    if issued is None or issued.size < last:
        raise Refused(
            "log.behind", f"event {last} is not in the tree yet: try again in a few seconds"
        )
    if kept.tree.size() < issued.size:
        kept.notary.catch_up()
    note = noted(kept.ledger, issued)
    checkpoint, tree = read_checkpoint(note)[1], TiledTree(kept.tree, kept.tree.size())
    if tree.root(checkpoint.size) != checkpoint.root:
        raise Refused(
            "log.forked", "the log is not the one that was signed: run duban verify before anything"
        )
    return Ground(checkpoint, note, issued.at, tree, signer)


def proofs(ground: Ground, positions: Sequence[int]) -> bytes:
    """A line for each event: its position and the hashes that lead from it to the root."""
    size = ground.checkpoint.size
    lines = (
        " ".join([str(position), *map(encoded, ground.tree.inclusion(position - 1, size))]) + "\n"
        for position in positions
    )
    return "".join(lines).encode()


def history(ground: Ground, ledger: Ledger) -> bytes:
    """A line for each of the newest checkpoints before, and for some of the older ones: size, root,
    and the hashes that lead from there to this one."""
    new = ground.checkpoint.size
    sizes = sorted({issued.size for issued in ledger.issued() if 0 < issued.size < new})
    older = sizes[:-NEWEST]
    kept = [*older[:: len(older) // SPREAD + 1], *sizes[-NEWEST:]]
    lines = (
        " ".join([
            str(old), encoded(ground.tree.root(old)),
            *map(encoded, ground.tree.consistency(old, new)),
        ]) + "\n"
        for old in kept
    )  # fmt: skip
    return "".join(lines).encode()


def key_lines(ledger: Ledger) -> bytes:
    """The keys as ``duban keys list`` prints them: to compare, not to believe."""
    ended = {entry.key: entry for entry in ledger.key_list() if entry.end}
    lines = []
    for text in dict.fromkeys(entry.key for entry in ledger.key_list()):
        over = ended.get(text)
        state = f"{over.end} at {over.size} events" if over else "in force"
        lines.append(f"{text}  {KINDS[parse_key(text).kind]}, {state}\n")
    return "".join(lines).encode()


def seal(ground: Ground, manifest_sha256: str) -> bytes:
    """The log's own signature over the manifest, and so over every file that it lists."""
    key, checkpoint = ground.signer.key, ground.checkpoint
    text = SEALED.format(checkpoint.origin, checkpoint.size, manifest_sha256)
    signature = Signature(key.name, key.id, ground.signer.sign(text.encode()))
    return str(Note(text, (signature,))).encode()


def _newest(ledger: Ledger, last: int, key: Key) -> Issued | None:
    seen = {cosignature.size for cosignature in ledger.cosignatures()}
    known = [each for each in ledger.issued() if each.size >= last and _is_by(key, each)]
    return next((issued for issued in reversed(known) if issued.size in seen), None) or next(
        iter(known[-1:]), None
    )


def _is_by(key: Key, issued: Issued) -> bool:
    """What was signed before a key was rotated holds, but who has the new key alone cannot tell."""
    return any(signature.by(key) for signature in read_checkpoint(issued.note)[0].signatures)
