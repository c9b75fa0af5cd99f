"""What an application offers to its definitions by name: guards, effects, people.

A guard judges an act and returns None or a Reason. Effects are names only: the engine says which
belong to a step, and the application performs them in the transaction of the act. Roles and
relations are those in which its people may stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workflows.errors import Reason
from workflows.parties import Act

Guard = Callable[[Act], Reason | None]


@dataclass(frozen=True)
class Catalogue:
    """The guards (name → function of the act), and the names of the effects, of the roles and of
    the relations; roles and relations that are left out (None) are taken on trust."""

    guards: Mapping[str, Guard] = field(default_factory=dict)
    effects: frozenset[str] | set[str] = frozenset()
    roles: frozenset[str] | set[str] | None = None
    relations: frozenset[str] | set[str] | None = None
