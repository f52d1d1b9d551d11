"""Merkle trees as RFC 6962 and RFC 9162 hash them: roots, proofs, and how a proof is checked."""

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY = sha256().digest()

# The root of the complete subtree number ``index`` of height ``level``: it covers the leaves from
# ``index << level`` to ``(index + 1) << level``, counted from 0.
Nodes = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def fold(hashes: bytes) -> bytes:
    """The root over a power of two of hashes that lie side by side."""
    while len(hashes) > HASH_BYTES:
        pairs = range(0, len(hashes), 2 * HASH_BYTES)
        hashes = b"".join(
            [sha256(b"\1" + hashes[at : at + 2 * HASH_BYTES]).digest() for at in pairs]
        )
    return hashes


def root(size: int, nodes: Nodes) -> bytes:
    """Of the first ``size`` leaves."""
    return _range_root(0, size, nodes) if size else EMPTY


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """That the leaf ``index`` (from 0) is among the first ``size``: RFC 9162, 2.1.3.1."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among the first {size}")
    proof: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _left_part(high - low)
        if index < middle:
            proof.append(_range_root(middle, high, nodes))
            high = middle
        else:
            proof.append(_range_root(low, middle, nodes))
            low = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """That the first ``old`` leaves are those the first ``new`` begin with: RFC 9162, 2.1.4.1.
    From nothing to anything there is nothing to prove."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not continue one of {old}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    low, high, whole = 0, new, True
    while high != old:
        middle = low + _left_part(high - low)
        if old <= middle:
            proof.append(_range_root(middle, high, nodes))
            high = middle
        else:
            proof.append(_range_root(low, middle, nodes))
            low, whole = middle, False
    if not whole:
        proof.append(_range_root(low, high, nodes))
    return proof[::-1]


def root_by_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root that the proof leads to from the hash of a leaf; None for a proof that fits no tree
    of that size: RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def is_consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the tree of ``new`` leaves continues the one of ``old``:
    RFC 9162, 2.1.4.2."""
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if old > new or not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _range_root(low: int, high: int, nodes: Nodes) -> bytes:
    """Over the leaves from ``low`` to before ``high``; ``low`` begins a subtree of that size."""
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes(level, low >> level)
    middle = low + _left_part(count)
    return node_hash(_range_root(low, middle, nodes), _range_root(middle, high, nodes))


def _left_part(count: int) -> int:
    """The largest power of two smaller than ``count``."""
    return 1 << ((count - 1).bit_length() - 1)
