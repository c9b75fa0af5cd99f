"""A person's own names for sets of filters: saved, listed, forgotten; nobody else sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import func, select

from registry.core.db import db
from registry.core.errors import NotFound, Reason, refuse_if
from registry.core.words import N_
from registry.people.models import Person
from registry.tickets.filters import Filters, printable
from registry.tickets.models import SavedView

LONGEST_NAME = 80
MOST_VIEWS = 30


@dataclass(frozen=True)
class ViewLine:
    """A saved view as the page lists it: ``args`` are those of the list's address."""

    id: int
    name: str
    args: dict[str, str]


def save_view(name: str, filters: Filters, *, by: Person, now: datetime) -> SavedView:
    """Keep the filters under a name of the person's own.

    Raises Refused for a name that is missing, too long or taken, and where there are too many.
    """
    name = printable(name)
    standing = views_of(by)
    refuse_if(
        None if name else Reason("name_missing", N_("Give the view a name."), field="name"),
        Reason("name_long", N_("Keep the name under %(count)d characters."),
               {"count": LONGEST_NAME}, "name") if len(name) > LONGEST_NAME else None,
        Reason("name_taken", N_("You have a view of this name already. Choose another name, or "
                                "forget that view first."), field="name")
        if name.casefold() in {each.name.casefold() for each in standing} else None,
        Reason("too_many_views", N_("You have %(count)d saved views. Forget one of them first."),
               {"count": MOST_VIEWS}, "name") if len(standing) >= MOST_VIEWS else None,
    )
    view = SavedView(person_id=by.id, name=name, query=urlencode(filters.to_args()),
                     created_at=now)
    db.session.add(view)
    db.session.flush()
    return view


def forget_view(view_id: int, *, by: Person) -> None:
    """Forget a view. Raises NotFound where the person has no such view, others' included."""
    view = db.session.get(SavedView, view_id)
    if view is None or view.person_id != by.id:
        raise NotFound()
    db.session.delete(view)
    db.session.flush()


def views_of(person: Person) -> tuple[ViewLine, ...]:
    """The person's views by name."""
    query = (select(SavedView.id, SavedView.name, SavedView.query)
             .where(SavedView.person_id == person.id)
             .order_by(func.lower(SavedView.name), SavedView.id))
    return tuple(ViewLine(key, name, dict(parse_qsl(query_text)))
                 for key, name, query_text in db.session.execute(query))
