"""The transparency log as it is asked: signed checkpoints, proofs, and what witnesses add."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from domain.errors import Forbidden, Invalid, NotFound
from projections.leaves import leaf_of
from projections.transparency.checkpoints import (
    Checkpoint,
    Consistency,
    Inclusion,
    Signatures,
    read_checkpoint,
    untimed,
)
from projections.transparency.notes import COSIGNATURE, ED25519, Note
from projections.transparency.tiles import TiledTree, Tiles
from projections.transparency.trust import KeyEntry, Trust, Verify
from streams.ports import RawEvent


class TreeStore(Tiles, Protocol):
    """Where the hashes of the tree are kept. Raises ``Refused`` (``log.io``, ``store.*``)."""

    def size(self) -> int:
        """How many leaves it holds for certain."""

    def append(self, size: int, gains: Sequence[bytes]) -> None:
        """What each level gains when leaves are added to the ``size`` that are there. Done twice,
        or again after a failure, it changes nothing."""

    def sync(self, size: int, root: bytes) -> None:
        """Returns when so many leaves are durable."""

    def clear(self) -> None: ...


class Issued(msgspec.Struct, frozen=True):
    """A checkpoint as the log signed it; ``at``: when, in seconds since 1970."""

    size: int
    note: str
    at: int


class Cosignature(msgspec.Struct, frozen=True):
    """``line`` is the witness's, as it stands in the note of the checkpoint."""

    size: int
    line: str


class Ledger(Protocol):
    """Every checkpoint ever issued, every cosignature and every key, in the order they came in.
    What is kept is durable on return. Raises ``Refused`` (``log.io``, ``log.damaged``,
    ``store.*``)."""

    def newest(self) -> Issued | None: ...

    def at(self, size: int) -> Issued | None:
        """The newest of exactly this size."""

    def issued(self) -> Sequence[Issued]: ...

    def keep(self, issued: Issued) -> None: ...

    def cosignatures(self, size: int | None = None) -> Sequence[Cosignature]:
        """Of the checkpoint of a size, or all."""

    def cosign(self, cosignature: Cosignature) -> None: ...

    def key_list(self) -> Sequence[KeyEntry]: ...

    def keep_key(self, entry: KeyEntry) -> None: ...


def noted(ledger: Ledger, issued: Issued) -> str:
    """The checkpoint with all who signed it."""
    return issued.note + "".join(c.line for c in ledger.cosignatures(issued.size))


class TransparencyLog:
    """``catch_up`` is called when more is asked of the tree than it holds; ``read_raw`` gives
    events as they lie in the store, after a position."""

    def __init__(
        self, tree: TreeStore, ledger: Ledger, verify: Verify,
        catch_up: Callable[[], None] = lambda: None,
        read_raw: Callable[[int, int], Sequence[RawEvent]] = lambda after, limit: (),
    ) -> None:  # fmt: skip
        self._read_raw = read_raw
        self._tree = tree
        self._ledger = ledger
        self._verify = verify
        self._catch_up = catch_up

    def checkpoint(self, size: int | None = None) -> str:
        """The newest, or the one of exactly that size, with all who signed it. Raises
        ``NotFound`` (``log.no_checkpoint``)."""
        found = self._ledger.newest() if size is None else self._ledger.at(size)
        if found is None:
            raise (
                _none()
                if size is None
                else NotFound(
                    "log.no_checkpoint", f"no checkpoint of {size} events was ever issued"
                )
            )
        return noted(self._ledger, found)

    def inclusion(self, position: int, size: int | None = None) -> Inclusion:
        """Without a size: in the newest checkpoint. Raises ``NotFound`` (``log.no_checkpoint``)
        and ``Invalid`` (``proof.impossible``)."""
        if size is None:
            newest = self._ledger.newest()
            if newest is None:
                raise _none()
            size = newest.size
        if not 1 <= position <= size:
            raise Invalid(
                "proof.impossible",
                f"there is no proof of position {position} among {size} events: it is not one "
                "of them",
            )
        tree = self._tree_of(size)
        index = position - 1
        issued = self._ledger.at(size)
        return Inclusion(
            position, size, tree.leaf(index), tree.root(size), tree.inclusion(index, size),
            noted(self._ledger, issued) if issued else "",
        )  # fmt: skip

    def consistency(self, old: int, new: int | None = None) -> Consistency:
        """Without ``new``: with the newest checkpoint. Raises like ``inclusion``."""
        if new is None:
            newest = self._ledger.newest()
            if newest is None:
                raise _none()
            new = newest.size
        if not 0 <= old <= new:
            raise Invalid("proof.impossible", f"{new} events do not continue {old}")
        tree = self._tree_of(new)
        return Consistency(old, new, tree.root(old), tree.root(new), tree.consistency(old, new))

    def cosign(self, text: str) -> int:
        """Keeps the cosignatures that a witness brings below a checkpoint of ours, and answers
        how many were new. Raises ``Invalid`` (``note.unreadable``), ``NotFound``
        (``log.no_checkpoint``) and ``Forbidden`` (``witness.unknown``)."""
        note, checkpoint = read_checkpoint(text)
        issued = self._ledger.at(checkpoint.size)
        if issued is None or not issued.note.startswith(f"{note.text}\n"):
            raise NotFound("log.no_checkpoint", "this log never issued that checkpoint")
        return self._keep(note, checkpoint)

    def _keep(self, note: Note, checkpoint: Checkpoint) -> int:
        trust = Trust(self._ledger.key_list(), self._verify)
        cosigners = {key.id for key in trust.cosigners(note, checkpoint)}
        if not cosigners:
            raise Forbidden(
                "witness.unknown",
                "no cosignature here is by a witness of this log: let its keeper add the key of "
                "yours with duban keys trust",
            )
        kept = [c.line for c in self._ledger.cosignatures(checkpoint.size)]
        fresh = [
            str(signature)
            for signature in note.signatures
            if signature.key_id in cosigners
            and not any(signature.same_signer(line) for line in kept)
        ]
        for line in fresh:
            self._ledger.cosign(Cosignature(checkpoint.size, line))
        return len(fresh)

    def stored(self, position: int) -> bytes:
        """The canonical bytes of an event, made anew of what lies in the store now: they hash to
        its leaf unless somebody changed it. Raises ``NotFound`` (``event.unknown``)."""
        for raw in self._read_raw(position - 1, 1):
            if raw[0] == position:
                return leaf_of(*raw)
        raise NotFound("event.unknown", f"there is no event {position}")

    def signatures(self, text: str) -> Signatures:
        """Of a checkpoint, checked with the keys that this log believes. Raises ``Invalid``
        (``note.unreadable``)."""
        note, checkpoint = read_checkpoint(text)
        trust = Trust(self._ledger.key_list(), self._verify)
        names = {key.id: key.name for key in trust.cosigners(note, checkpoint)}
        witnesses = tuple(
            (names[signature.key_id], found[0])
            for signature in note.signatures
            if signature.key_id in names and (found := untimed(signature))
        )
        wrong = tuple(trust.problems(note, checkpoint))
        return Signatures(trust.signed(note, checkpoint), witnesses, wrong)

    def keys(self) -> list[str]:
        """The public keys in force: the log's and its witnesses'."""
        trust = Trust(self._ledger.key_list(), self._verify)
        return [str(key) for kind in (ED25519, COSIGNATURE) for key in trust.keys(kind)]

    def _tree_of(self, size: int) -> TiledTree:
        have = self._tree.size()
        if have < size:
            self._catch_up()
            have = self._tree.size()
        if have < size:
            raise Invalid("proof.impossible", f"the log has {have} events in its tree, not {size}")
        return TiledTree(self._tree, have)


def _none() -> NotFound:
    return NotFound(
        "log.no_checkpoint",
        "no checkpoint has been issued: make a key with duban keys, and one follows with the "
        "next events",
    )
