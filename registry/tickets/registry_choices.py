"""What the filters of the registry offer to choose from, and what the chosen ones are called."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, or_, select

from registry.clients.models import Client, Criterion, Site
from registry.core.db import db
from registry.core.languages import language
from registry.people.models import Department, Person
from registry.tickets.filters import Filters
from registry.tickets.state_names import StateNames

MOST_PEOPLE = 1000


@dataclass(frozen=True)
class FilterChoices:
    """Ids with what people call them; ``client`` and ``site`` name the chosen one only."""

    people: dict[int, str]
    departments: dict[int, str]
    criteria: dict[int, str]
    open_states: dict[str, str]
    final_states: dict[str, str]
    client: str
    site: str

    def said(self, filters: Filters) -> dict[str, str]:
        """What each chosen filter names, by the filter's name; a thing that is gone is «—»."""
        said = {
            "holder": self.people.get(filters.holder or 0, "—"),
            "originator": self.people.get(filters.originator or 0, "—"),
            "department": self.departments.get(filters.department or 0, "—"),
            "criterion": self.criteria.get(filters.criterion or 0, "—"),
            "client": self.client or "—", "site": self.site or "—",
            "state": {**self.open_states, **self.final_states}.get(filters.state, filters.state),
        }
        return {name: text for name, text in said.items() if getattr(filters, name)}


PEOPLE = (select(Person.id, Person.name)
          .where(or_(Person.is_active, Person.id.in_(bindparam("chosen", expanding=True))))
          .order_by(Person.name).limit(MOST_PEOPLE))
DEPARTMENTS = select(Department.id, Department.name).order_by(Department.name)
CRITERIA = {"ru": select(Criterion.id, Criterion.name_ru).order_by(Criterion.id),
            "en": select(Criterion.id, Criterion.name_en).order_by(Criterion.id)}


def filter_choices(filters: Filters, names: StateNames) -> FilterChoices:
    """Read the choices: persons who work here (and whoever is chosen), departments, criteria."""
    chosen = [each for each in (filters.holder, filters.originator) if each]
    titles = {key: state.title.said(language()) for key, state in names.states.items()}
    return FilterChoices(
        people=dict(db.session.execute(PEOPLE, {"chosen": chosen}).all()),
        departments=dict(db.session.execute(DEPARTMENTS).all()),
        criteria=dict(db.session.execute(CRITERIA[language()]).all()),
        open_states={key: titles[key] for key, state in names.states.items()
                     if not state.is_final},
        final_states={key: titles[key] for key, state in names.states.items() if state.is_final},
        client=_name_of(Client, filters.client), site=_name_of(Site, filters.site))


def _name_of(kind: type[Client] | type[Site], key: int | None) -> str:
    if key is None:
        return ""
    return db.session.scalar(select(kind.name).where(kind.id == key)) or ""
