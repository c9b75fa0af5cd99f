"""What a request names: things by their ids, and places in lists by their numbers.

An id that leads nowhere is told beside its field, all of them at once. What may be done with the
things is left to the verbs.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from registry.core.db import db
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.model import Base
from registry.core.words import N_
from registry.tickets.places import Place, unknown_place


def named_in(body: BaseModel, **kinds: type[Base]) -> dict[str, Any]:
    """The things that the body's fields name by id; None for those left out.

    Raises Refused with every id that leads nowhere.
    """
    ids = {name: getattr(body, name) for name in kinds}
    things = {name: db.session.get(kind, ids[name]) if ids[name] is not None else None
              for name, kind in kinds.items()}
    refuse_if(*(Reason("unknown_id", N_("There is none with this id."), field=name)
                for name, thing in things.items() if thing is None and ids[name] is not None))
    return things


def place_after(cursor: str) -> int:
    """The number after which a page begins; 0 for the first page. Raises Refused for a cursor
    that no list has given out."""
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 17):
        raise unknown_place("cursor")
    return int(cursor)


def ticket_place(cursor: str) -> Place | None:
    """The ticket after which a page begins; None for the first page. Raises Refused alike."""
    try:
        return Place.from_args({"after": cursor})
    except Refused:
        raise unknown_place("cursor") from None
