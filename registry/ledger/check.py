"""What the parts of ``verify`` share in one run: the rows, the notebook, the findings, the scope.

The scope is the whole ledger, or one chain. Decides nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Select
from sqlalchemy.sql.expression import TableClause

from registry.ledger.findings import Findings
from registry.ledger.scratch import Scratch
from registry.ledger.stored import Stored

if TYPE_CHECKING:
    from registry.ledger.keyring import Keyring

HEX = re.compile(r"[0-9a-f]{64}")


def is_hash(value: object) -> bool:
    """Whether the value is a hash as we write it: 64 digits, lower case."""
    return isinstance(value, str) and HEX.fullmatch(value) is not None


@dataclass
class Check:
    """One run. ``only`` is the chain looked at, or empty for the whole ledger."""

    stored: Stored
    scratch: Scratch
    keys: Keyring | None = None
    only: str = ""
    progress: Callable[[int], None] = field(default=lambda done: None)
    findings: Findings = field(default_factory=Findings)
    entries: int = 0
    chains: int = 0
    signatures: int = 0
    checkpoints: int = 0
    places: list[int] = field(default_factory=list)

    def in_scope(self, query: Select, rows: TableClause) -> Select:  # type: ignore[type-arg]
        """The query, narrowed to the chain looked at."""
        return query.where(rows.c.chain == self.only) if self.only else query
