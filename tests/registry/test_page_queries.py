"""The number of queries of every page, pinned; with thirty rows in each list it is as with three.

A page that is not in ``PINNED`` fails, and so does one that asks more, or less, than is written.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.demo.company import Company
from registry.people.models import Person, Role
from tests.lived.days import Places
from tests.lived.house import lived_house, more_of_everything
from tests.lived.pages import Look, looks

Count = Callable[[], AbstractContextManager[list[str]]]
Costs = dict[str, dict[str, int]]

# The day's lists are counted from the history, so many chains at a time: one query for each batch.
BATCHES = {f"/reports/daily/{{day}}/{what}": 2 for what in ("new", "open", "broken")}
PINNED: Costs = {
    "guest": {
        "/sign-in": 0,
    },
    "administrator": {
        "/": 9, "/lifecycles": 5, "/lifecycles/{lifecycle}": 6, "/people": 8, "/people?left=1": 8,
        "/people/{engineer}": 12, "/people/{left}": 11, "/people/new": 4,
        "/people/{engineer}/edit": 6, "/people/{engineer}/absence": 7,
        "/people/{engineer}/leave": 11, "/people/{director}/leave": 8, "/departments": 4,
        "/departments/{department}": 4, "/people/attempts": 4, "/reports": 6, "/reports/mail": 5,
        "/reports/mail?state=refused": 5, "/reports/mail/{mail}": 4, "/reports/jobs": 6,
        "/settings": 3, "/settings/calendar": 5,
    },
    "commercial_director": {
        "/": 9, "/tickets/{logged}": 17, "/tickets/{returned}/check": 12, "/sheets/{sheet}": 15,
        "/tickets/{closed}/ledger": 31, "/clients": 8, "/reports": 5, "/reports/daily/{day}": 6,
        "/reports/daily/{earlier}": 26, "/reports/daily/{day}/new": 13,
        "/reports/daily/{day}/open": 14, "/reports/daily/{day}/broken": 15,
    },
    "deputy": {
        "/": 9, "/tickets/{accepted}": 19,
        "/tickets/{in_fix}/moves/take_by_authority?receiver={registrar}": 11,
    },
    "engineer": {
        "/": 10, "/tickets/{in_fix}": 20, "/tickets/{on_hold}": 19, "/tickets/{offered}": 19,
        "/tickets/{in_fix}/moves/return?witness={registrar}": 12,
        "/tickets/{in_fix}/moves/hold": 8, "/tickets/{in_fix}/moves/pass_on": 10,
        "/tickets/{accepted}/moves/start": 8, "/tickets/{on_hold}/moves/resume": 8,
        "/handoffs/{handoff}/accept": 8, "/handoffs/{handoff}/decline": 7,
        "/tickets/{in_fix}/promise": 8, "/tickets/{in_fix}/files": 8, "/sheets/{sheet}": 15,
        "/sheets/new": 16, "/sheets/new?receiver={colleague}&purpose=absence": 15,
        "/sheets/new?receiver={colleague}&witness={registrar}&together=1": 16,
        "/tickets/{in_fix}/ledger": 30, "/lifecycles?here={in_fix}": 10, "/clients/{client}": 13,
        "/clients/sites": 5, "/clients/criteria": 4, "/account": 8,
        "/handoffs/{declined}/accept": 7,
    },
    "head_of_sales": {
        "/": 9,
    },
    "lead": {
        "/": 9, "/call-backs": 5, "/call-backs?of=all": 7,
        "/sheets/new?giver={engineer}&purpose=departure": 18, "/clients/new": 3,
        "/clients/{client}/edit": 9, "/clients/{client}/persons": 11,
        "/clients/{client}/contacts/new": 9, "/clients/contacts/{contact}": 5,
        "/clients/{client}/sites/new": 10, "/clients/sites": 5, "/clients/sites/{site}": 11,
        "/clients/sites/{node}": 9, "/clients/sites/{site}/edit": 7,
        "/clients/sites/{node}/edit": 5, "/clients/sites/new": 4, "/clients/criteria": 4,
        "/clients/criteria/{criterion}": 4, "/clients/criteria/new": 3, "/clients/import": 3,
        "/clients/import/{import}": 6, "/reports/daily/{day}?for=lead": 6,
        "/people/{engineer}/successor": 8, "/people/{visitor}/successor": 8,
    },
    "registrar": {
        "/": 11, "/handoffs/{half}/witness": 8, "/handoffs/{handoff}/witness": 8,
        "/joint/{joint}/agree": 9, "/sheets/{sheet}": 15, "/tickets": 15,
        "/tickets?show=all&sort=promise": 16, "/tickets?late=1": 15, "/tickets?q=zzz": 13,
    },
    "visitor": {
        "/": 10, "/tickets/new": 4, "/tickets/new?client_name=zzz": 4,
        "/tickets/new?client={client}": 7, "/tickets/{offered}": 21, "/tickets/{closed}": 18,
        "/tickets/{cancelling}": 17, "/tickets/{returned}": 20, "/tickets/{not_gone}": 20,
        "/call-backs": 7, "/tickets/{returned}/check": 11, "/tickets/{logged}/moves/take": 11,
        "/tickets/{logged}/moves/take?receiver={engineer}&witness={registrar}": 11,
        "/tickets/{logged}/moves/cancel": 7, "/tickets/{logged}/together/take": 11,
        "/tickets/{logged}/together/take?receiver={engineer}&witness={registrar}": 11,
        "/handoffs/{handoff}/withdraw": 7, "/tickets?mine=1": 15, "/lifecycles": 5, "/clients": 8,
        "/clients?q=zzz": 8, "/clients/{client}": 13, "/account": 8, "/account/password": 3,
        "/people": 8, "/people/{engineer}": 10, "/settings": 3, "/settings/calendar": 5,
        "/nowhere": 3, "/tickets/999999": 4, "/tickets?age=x": 11, "/reports": 3,
    },
}


class Readers:
    """Each role at a client of its own; counts what a look costs."""

    def __init__(self, company: Company, sign_in: Callable[[Person], Any], guest: Any,
                 count: Count) -> None:
        persons = company.managers | {Role.VISITOR: company.visitors[0],
                                      Role.ENGINEER: company.engineers[0]}
        self.clients = {role: sign_in(person) for role, person in persons.items()} | {None: guest}
        self.count = count

    def look(self, look: Look, places: Places) -> list[str]:
        """The queries of one page."""
        with self.count() as queries:
            answer = self.clients[look.role].get(look.address.format(**places))
        assert answer.status_code == look.status, f"{look}: {answer.status_code}"
        return queries

    def costs(self, places: Places) -> Costs:
        """The number of queries of every page, by who looks at it."""
        costs: Costs = {}
        for look in looks():
            costs.setdefault(look.role or "guest", {})[look.address] = len(self.look(look, places))
        return costs


def differing(some: Costs, others: Costs) -> dict[str, tuple[int, int]]:
    """The pages whose numbers are not the same; -1 stands for a page that is not there."""
    flat = [{f"{role} {page}": count for role, pages in costs.items()
             for page, count in pages.items()} for costs in (some, others)]
    return {page: pair for page in sorted({*flat[0], *flat[1]})
            if (pair := (flat[0].get(page, -1), flat[1].get(page, -1)))[0] != pair[1]}


def test_every_page_asks_what_is_pinned_however_many_rows_it_shows(
    session: Session, sign_in: Callable[[Person], Any], client: Any, count_queries: Count,
    settings: Any,
) -> None:
    now, folder = utc_now(), Path(settings.data_dir)
    company, places = lived_house(folder, now)
    readers = Readers(company, sign_in, client, count_queries)
    more_of_everything(company, places, 3, folder, now)
    readers.costs(places)  # what is read once in a process is read now
    few = readers.costs(places)
    more_of_everything(company, places, 27, folder, now)
    many = readers.costs(places)
    assert differing(few, PINNED) == {}
    grown = {page: (before, after) for page, (before, after) in differing(few, many).items()
             if after > before + BATCHES.get(page.partition(" ")[2], 0)}
    assert grown == {}
