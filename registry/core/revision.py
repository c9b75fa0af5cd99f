"""Whether program and database fit: the revision that each is at.

A program finds tables that it does not know as often as tables that it misses: between an upgrade's
two halves, on a node that was forgotten, after an old backup. It then says which, and waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from registry.config import ROOT
from registry.core.db import db


@dataclass(frozen=True)
class Fit:
    """The revision of the database ("" where it is empty) and the program's own."""

    database: str
    program: str
    is_known: bool

    def __bool__(self) -> bool:
        return self.database == self.program

    @property
    def remedy(self) -> str:
        """What to do where they do not fit."""
        if self.is_known:
            return "bring the database up to the program: countersign up (or serve)"
        return "the program is older than the database: start it from the newest checkout"


@cache
def known_revisions() -> tuple[str, ...]:
    """The program's revisions, the newest first, as they were when this process first asked."""
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    return tuple(each.revision for each in scripts.walk_revisions())


def program_revision() -> str:
    """The revision that this program needs."""
    return known_revisions()[0]


def fit() -> Fit:
    """How the two stand. Raises OperationalError where the database is away."""
    found = MigrationContext.configure(db.session.connection()).get_current_heads()
    database = ",".join(sorted(found))
    return Fit(database, program_revision(), database == "" or database in known_revisions())
