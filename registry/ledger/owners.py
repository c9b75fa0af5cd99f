"""What the areas above tell the ledger: who owns which chains, and how a row is proved by them.

The ledger imports nothing above itself; each area registers its chains when it is loaded. A chain
that nobody owns is a finding of ``verify``, so an area cannot be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from registry.core.db import db
from registry.ledger.findings import Finding


@dataclass(frozen=True)
class Head:
    """Where an owner's row says that its chain ends; ``name`` is the part of the chain's name after
    the colon, ``hash`` is empty where the row keeps none."""

    name: str
    seq: int
    hash: str


# Both take the name of one chain (after the colon), or None for every chain of the kind.
Heads = Callable[[str | None], Iterable[Head]]
Projection = Callable[[str | None], Iterable[Finding]]

Files = Callable[[], Iterable[Finding]]

_heads: dict[str, Heads] = {}
_projections: dict[str, Projection] = {}
_files: dict[str, Files] = {}


def register_owner(kind: str, heads: Heads) -> None:
    """Let ``heads`` tell the heads of the chains whose names begin with ``kind:``."""
    _heads[kind] = heads


def register_projection(kind: str, check: Projection) -> None:
    """Let ``verify`` ask ``check`` whether the rows are what replaying their chains gives."""
    _projections[kind] = check


def register_files(kind: str, check: Files) -> None:
    """Let ``verify --attachments`` ask ``check`` whether the files on the disk are those that the
    chains of this kind name."""
    _files[kind] = check


def files() -> Mapping[str, Files]:
    """Every registered check of files by the kind of the chains that name them."""
    return _files


def owners() -> Mapping[str, Heads]:
    """Every registered owner by the kind of its chains."""
    return _heads


def projections() -> Mapping[str, Projection]:
    """Every registered projection by the kind of its chains."""
    return _projections


def chain_number(name: str) -> int | None:
    """The number by which a chain is named; None where no row can have it."""
    return int(name) if re.fullmatch(r"[1-9][0-9]{0,17}", name) else None


def heads_by(key: Any) -> Heads:
    """The heads kept by the rows of a Chained model; ``key`` is the column that names the chain.

    ``register_owner("ticket", heads_by(Ticket.number))`` stands for ``ticket:1042``.
    """
    model = key.class_

    def heads(only: str | None) -> Iterator[Head]:
        query = select(key, model.head_seq, model.head_hash)
        if only is not None:
            number = chain_number(only)
            if number is None:
                return
            query = query.where(key == number)
        for name, seq, head in db.session.execute(query.execution_options(yield_per=1000)):
            yield Head(str(name), seq, head)

    return heads
