"""The Merkle tree of RFC 6962: its root, its frontier, and proofs about it (that they hold, the
program in each evidence file checks: registry/evidence/verify.py).

Hashes are bytes; a leaf comes as its leaf hash. ``Frontier`` grows a tree leaf by leaf and keeps
only the roots of its whole subtrees (about log2 of its size), so a million leaves need no memory.
Nothing here knows of entries or databases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()
HASH_SIZE = 32


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 over a one byte and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree of ``size`` leaves, kept as the roots of its whole subtrees, the largest first."""

    def __init__(self, size: int = 0, nodes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.nodes = list(nodes)
        if size < 0 or len(self.nodes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves does not have {len(self.nodes)} subtrees")

    @classmethod
    def parse(cls, size: int, text: str) -> Frontier:
        """Read what ``text`` gave back. Raises ValueError where it is not of that size."""
        nodes = [bytes.fromhex(word) for word in text.split()]
        if any(len(node) != HASH_SIZE for node in nodes):
            raise ValueError("a hash has 32 bytes")
        return cls(size, nodes)

    @property
    def text(self) -> str:
        """The subtrees' roots as hex with a space between."""
        return " ".join(node.hex() for node in self.nodes)

    def append(self, leaf: bytes) -> None:
        """Grow by one leaf, joining the subtrees that have become whole."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self.nodes.pop(), node)
            size >>= 1
        self.nodes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it is."""
        if not self.nodes:
            return EMPTY
        *rest, node = self.nodes
        for left in reversed(rest):
            node = node_hash(left, node)
        return node


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over all ``leaves``."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf ``index`` to the root (RFC 6962, 2.1.1).

    Raises IndexError where there is no such leaf.
    """
    return [root_of(leaves[first:end]) for first, end in inclusion_ranges(len(leaves), index)]


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """The hashes showing that the tree over ``leaves`` extends the one of its first ``old_size``.

    RFC 6962, 2.1.2. Raises IndexError where there was no such tree.
    """
    return [root_of(leaves[first:end]) for first, end in consistency_ranges(len(leaves), old_size)]


def inclusion_ranges(size: int, index: int) -> list[tuple[int, int]]:
    """The leaves (first, and the one after the last) under each hash of an inclusion proof."""
    if not 0 <= index < size:
        raise IndexError(f"there is no leaf {index} among {size}")
    return _siblings(0, size, index)


def _siblings(first: int, end: int, index: int) -> list[tuple[int, int]]:
    if end - first == 1:
        return []
    middle = first + split(end - first)
    if index < middle:
        return [*_siblings(first, middle, index), (middle, end)]
    return [*_siblings(middle, end, index), (first, middle)]


def consistency_ranges(size: int, old_size: int) -> list[tuple[int, int]]:
    """The leaves under each hash of a consistency proof, as of ``inclusion_ranges``."""
    if not 0 < old_size <= size:
        raise IndexError(f"no tree of {old_size} leaves precedes one of {size}")
    return _steps(0, size, old_size, whole=True)


def _steps(first: int, end: int, old_end: int, *, whole: bool) -> list[tuple[int, int]]:
    if old_end == end:
        return [] if whole else [(first, end)]
    middle = first + split(end - first)
    if old_end <= middle:
        return [*_steps(first, middle, old_end, whole=whole), (middle, end)]
    return [*_steps(middle, end, old_end, whole=False), (first, middle)]


def split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)
