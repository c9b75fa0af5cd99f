"""The tree is that of RFC 6962: known roots, and the same as its recursive definition."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.evidence.verify import is_extension, is_included
from registry.ledger.entries import leaf_hash
from registry.ledger.tree import (
    EMPTY,
    Frontier,
    consistency_proof,
    inclusion_proof,
    node_hash,
    root_of,
)

# The leaves and roots by which implementations of Certificate Transparency test themselves.
KNOWN_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                "606162636465666768696a6b6c6d6e6f")
KNOWN_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

leaves_of = st.integers(min_value=1, max_value=70).map(
    lambda size: [hashlib.sha256(bytes([each])).digest() for each in range(size)])


def recursive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(recursive_root(leaves[:half]), recursive_root(leaves[half:]))


def test_the_roots_are_those_that_everybody_computes() -> None:
    leaves = [bytes.fromhex(leaf_hash(bytes.fromhex(each))) for each in KNOWN_LEAVES]

    roots = [root_of(leaves[: size + 1]).hex() for size in range(len(leaves))]

    assert roots == list(KNOWN_ROOTS)


def test_the_empty_tree_has_the_hash_of_nothing_for_its_root() -> None:
    assert Frontier().root() == EMPTY == hashlib.sha256(b"").digest()


@given(leaves_of)
def test_growing_leaf_by_leaf_gives_the_recursive_root(leaves: list[bytes]) -> None:
    frontier = Frontier()
    for size, leaf in enumerate(leaves, start=1):
        frontier.append(leaf)
        frontier = Frontier.parse(size, frontier.text)

    assert frontier.root() == recursive_root(leaves)
    assert len(frontier.nodes) == len(leaves).bit_count()


@given(leaves_of, st.data())
def test_an_inclusion_proof_holds_for_its_leaf_and_place_only(
    leaves: list[bytes], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(leaves) - 1))
    root, proof = recursive_root(leaves), inclusion_proof(leaves, at)

    assert is_included(leaves[at], at, len(leaves), proof, root)
    assert not is_included(EMPTY, at, len(leaves), proof, root)
    assert not is_included(leaves[at], at, len(leaves), [*proof, EMPTY], root)
    assert not is_included(leaves[at], len(leaves), len(leaves), proof, root)
    for other in range(len(leaves)):
        assert is_included(leaves[at], other, len(leaves), proof, root) == (other == at)
    for step in range(len(proof)):
        broken = [*proof[:step], EMPTY, *proof[step + 1:]]
        assert not is_included(leaves[at], at, len(leaves), broken, root)
        assert not is_included(leaves[at], at, len(leaves), proof[:step], root)


@given(leaves_of, st.data())
def test_a_consistency_proof_holds_for_its_two_trees_only(
    leaves: list[bytes], data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    size, old_root, root = len(leaves), recursive_root(leaves[:old]), recursive_root(leaves)
    proof = consistency_proof(leaves, old)

    assert is_extension(old, size, old_root, root, proof)
    assert not is_extension(old, size, EMPTY, root, proof)
    assert not is_extension(old, size, old_root, EMPTY, proof)
    assert not is_extension(old, size, old_root, root, [*proof, EMPTY])
    assert not is_extension(size + 1, size, old_root, root, proof)
    for step in range(len(proof)):
        broken = [*proof[:step], EMPTY, *proof[step + 1:]]
        assert not is_extension(old, size, old_root, root, broken)
        assert not is_extension(old, size, old_root, root, proof[:step])


@given(leaves_of)
def test_of_the_empty_tree_nothing_is_proved(leaves: list[bytes]) -> None:
    """Every tree begins with it, so a mail that covers nothing would prove nothing."""
    root = recursive_root(leaves)

    assert not is_extension(0, len(leaves), EMPTY, root, [])
    assert not is_extension(0, len(leaves), root, root, [])
    assert not is_extension(0, len(leaves), EMPTY, root, [EMPTY])


def test_there_is_no_proof_of_what_is_not_in_the_tree() -> None:
    leaves = [EMPTY, EMPTY]

    for at in (-1, 2):
        with pytest.raises(IndexError):
            inclusion_proof(leaves, at)
    for size in (0, 3):
        with pytest.raises(IndexError):
            consistency_proof(leaves, size)


@pytest.mark.parametrize(("size", "text"), [
    (1, ""), (2, "00" * 32 + " " + "00" * 32), (1, "00" * 31), (1, "no hash"), (-1, "00" * 32),
])
def test_a_frontier_of_another_size_is_refused(size: int, text: str) -> None:
    with pytest.raises(ValueError, match=r"subtrees|32 bytes|fromhex"):
        Frontier.parse(size, text)
