"""The tree is the one of RFC 6962: against its published vectors, its definition, and another's."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from projections.transparency.merkle import (
    EMPTY,
    is_consistent,
    leaf_hash,
    node_hash,
    root_by_inclusion,
)
from projections.transparency.tiles import MemoryTiles, TiledTree, levels_of

# The vectors of Certificate Transparency's own tests: leaves, and the root after each.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# Sizes around where tiles end and a level begins.
SIZES = st.one_of(st.integers(0, 70), st.sampled_from((255, 256, 257, 511, 512, 513, 1000)))
NUMBERED = [leaf_hash(b"%d" % number) for number in range(65_540)]


@pytest.fixture(scope="module")
def tree() -> TiledTree:
    return tree_of(NUMBERED)


def tree_of(leaves: list[bytes]) -> TiledTree:
    tiles = MemoryTiles(leaves)
    return TiledTree(tiles, tiles.size)


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, as it stands there."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(by_definition(leaves[:k]), by_definition(leaves[k:]))


def path_by_definition(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m < k:
        return [*path_by_definition(m, leaves[:k]), by_definition(leaves[k:])]
    return [*path_by_definition(m - k, leaves[k:]), by_definition(leaves[:k])]


def test_the_published_roots_come_out() -> None:
    for size, root in enumerate(ROOTS, 1):
        assert tree_of([leaf_hash(leaf) for leaf in LEAVES[:size]]).root().hex() == root


def test_an_empty_tree_has_the_root_of_nothing() -> None:
    assert TiledTree(MemoryTiles(), 0).root() == EMPTY == sha256().digest()


@given(SIZES)
def test_every_root_is_the_one_of_the_definition(size: int) -> None:
    tree = tree_of(NUMBERED[:size])
    assert tree.root() == by_definition(NUMBERED[:size])


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537])
def test_the_second_level_of_tiles_is_right_too(size: int, tree: TiledTree) -> None:
    assert tree.root(size) == by_definition(NUMBERED[:size])
    index = size - 2
    proof = tree.inclusion(index, size)
    assert root_by_inclusion(index, size, NUMBERED[index], proof) == tree.root(size)


@given(st.integers(1, 600).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_every_inclusion_proof_is_the_one_of_the_definition(asked: tuple[int, int]) -> None:
    index, size = asked
    assert tree_of(NUMBERED[:size]).inclusion(index, size) == path_by_definition(
        index, NUMBERED[:size]
    )


@settings(max_examples=300)
@given(st.data())
def test_a_proof_holds_for_its_leaf_its_place_and_its_size_alone(data: st.DataObject) -> None:
    size = data.draw(SIZES.filter(bool))
    index = data.draw(st.integers(0, size - 1))
    tree = tree_of(NUMBERED[:size])
    proof, root, leaf = tree.inclusion(index, size), tree.root(), NUMBERED[index]
    assert root_by_inclusion(index, size, leaf, proof) == root
    assert root_by_inclusion(index, size, leaf_hash(b"another"), proof) != root
    assert root_by_inclusion((index + 1) % (size + 1), size, leaf, proof) != root
    assert root_by_inclusion(index, size, leaf, [*proof, EMPTY]) is None
    if proof:
        assert root_by_inclusion(index, size, leaf, proof[:-1]) != root
        at = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof[:at], EMPTY, *proof[at + 1 :]]
        assert root_by_inclusion(index, size, leaf, changed) != root


@settings(max_examples=300)
@given(st.data())
def test_a_tree_continues_what_it_was_and_nothing_else(data: st.DataObject) -> None:
    new = data.draw(SIZES)
    old = data.draw(st.integers(0, new))
    tree = tree_of(NUMBERED[:new])
    proof, before, after = tree.consistency(old, new), tree.root(old), tree.root()
    assert is_consistent(old, new, before, after, proof)
    assert is_consistent(old, new, EMPTY[::-1], after, proof) is False
    assert not old or is_consistent(old, new, before, EMPTY[::-1], proof) is False
    assert not is_consistent(old, new, before, after, [*proof, EMPTY])
    if proof:
        assert not is_consistent(old, new, before, after, proof[:-1])
        assert not is_consistent(old, new, before, after, [EMPTY, *proof[1:]])
    if 0 < old < new:
        fork = tree_of([leaf_hash(b"rewritten"), *NUMBERED[1:new]])
        assert not is_consistent(old, new, before, fork.root(), fork.consistency(old, new))


@given(st.lists(st.integers(1, 700), max_size=6))
def test_it_makes_no_difference_in_what_pieces_a_tree_grows(pieces: list[int]) -> None:
    tiles = MemoryTiles()
    for piece in pieces:
        tiles.add(NUMBERED[tiles.size : tiles.size + piece])
    assert TiledTree(tiles, tiles.size).root() == tree_of(NUMBERED[: sum(pieces)]).root()


def test_what_a_tree_has_not_is_not_proven(tree: TiledTree) -> None:
    for impossible in (
        lambda: tree.inclusion(5, 5),
        lambda: tree.inclusion(0, tree.size + 1),
        lambda: tree.consistency(7, 6),
        lambda: tree.root(tree.size + 1),
    ):
        with pytest.raises(ValueError, match=r"tree|leaf"):
            impossible()


def test_damaged_tiles_are_noticed() -> None:
    with pytest.raises(ValueError, match="lacks hashes"):
        TiledTree(MemoryTiles(NUMBERED[:5]), 6).root()


def test_levels_hold_what_is_complete() -> None:
    assert levels_of(0) == [0]
    assert levels_of(255) == [255]
    assert levels_of(256) == [256, 1]
    assert levels_of(70_000) == [70_000, 273, 1]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100, 257, 300])
def test_another_implementation_comes_to_the_same(size: int) -> None:
    """pymerkle proves and checks in its own way; its roots and its paths are ours."""
    other = InmemoryTree(algorithm="sha256")
    for number in range(size):
        other.append_entry(b"%d" % number)
    tree = tree_of(NUMBERED[:size])
    assert other.get_root() == tree.root()
    for index in range(0, size, 13):
        theirs = other.prove_inclusion(index + 1, size)
        assert theirs.path[0] == NUMBERED[index]
        assert sorted(theirs.path[1:]) == sorted(tree.inclusion(index, size))
        assert other.get_root(index + 1) == tree.root(index + 1)
