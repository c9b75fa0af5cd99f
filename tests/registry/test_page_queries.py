"""The number of queries of every page, pinned; with thirty rows in each list it is as with three.

A page that is not in ``PINNED`` fails, and so does one that asks more, or less, than is written.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.demo.company import Company
from registry.people.models import Person, Role
from registry.tickets import timelines
from tests.lived.days import Places
from tests.lived.house import lived_house, more_of_everything
from tests.lived.pages import Look, looks

Count = Callable[[], AbstractContextManager[list[str]]]
Costs = dict[str, dict[str, int]]

# The day's lists are counted from the history, so many chains at a time: one query for each batch.
BATCHES = {f"/reports/daily/{{day}}/{what}": 2 for what in ("new", "open", "broken")} | {
    "/tickets?mine=1": 1, "/tickets?late=1": 1}  # a list that is longer than its page is counted
PINNED: Costs = {
    "guest": {
        "/sign-in": 0, "/evidence/check": 0,
    },
    "administrator": {
        "/people/{engineer}/tokens": 4,
        "/": 7, "/lifecycles": 3, "/lifecycles/{lifecycle}": 4, "/people": 6, "/people?left=1": 6,
        "/people/{engineer}": 11, "/people/{left}": 10, "/passkeys/{passkey}/revoke": 4,
        "/people/{engineer}/passkeys": 5,
        "/people/new": 2,
        "/people/{engineer}/edit": 4, "/people/{engineer}/absence": 5,
        "/people/{engineer}/leave": 9, "/people/{director}/leave": 6, "/departments": 2,
        "/departments/{department}": 2, "/people/attempts": 2, "/reports": 4, "/reports/mail": 3,
        "/reports/mail?state=refused": 3, "/reports/mail/{mail}": 2, "/reports/jobs": 4,
        "/settings": 1, "/settings/calendar": 3, "/settings/imports": 2,
        "/settings/imports/{run}": 4, "/settings/erased": 2, "/settings/signatures": 6,
        "/settings/erase/person/{left}": 7, "/settings/erase/person/{engineer}": 7,
        "/settings/erase/client/{client}": 3, "/settings/erase/contact/{contact}": 4,
        "/settings/webhooks": 2, "/settings/webhooks/new": 1, "/settings/webhooks/{endpoint}": 3,
        "/settings/webhooks/{endpoint}?state=given_up": 3,
        "/settings/webhooks/{endpoint}/edit": 2,
    },
    "commercial_director": {
        "/": 7, "/tickets/{logged}": 12, "/tickets/{returned}/check": 6, "/sheets/{sheet}": 13,
        "/tickets/{closed}/ledger": 27, "/clients": 6, "/reports": 3, "/reports/daily/{day}": 4,
        "/reports/daily/{earlier}": 23, "/reports/daily/{day}/new": 13,
        "/reports/daily/{day}/open": 13, "/reports/daily/{day}/broken": 14,
        "/account": 7, "/account/declaration": 2,
        "/handoffs/{half}/together": 9,
    },
    "deputy": {
        "/": 7, "/settings/imports": 2, "/tickets/{accepted}": 12,
        "/tickets/{in_fix}/moves/take_by_authority?receiver={registrar}": 6,
    },
    "engineer": {
        "/passkeys/{passkey}/revoke": 2, "/people/{engineer}/passkeys": 3,
        "/api/v1/": 1,
        "/": 8, "/tickets/{in_fix}": 12, "/tickets/{on_hold}": 12, "/tickets/{offered}": 14,
        "/tickets/{in_fix}/moves/return?witness={registrar}": 8,
        "/tickets/{in_fix}/moves/hold": 4, "/tickets/{in_fix}/moves/pass_on": 5,
        "/tickets/{accepted}/moves/start": 4, "/tickets/{on_hold}/moves/resume": 4,
        "/handoffs/{handoff}/accept": 9, "/handoffs/{handoff}/decline": 5,
        "/tickets/{in_fix}/promise": 3, "/tickets/{in_fix}/files": 3, "/sheets/{sheet}": 14,
        "/sheets/new": 13, "/sheets/new?receiver={colleague}&purpose=absence": 12,
        "/tickets/{in_fix}/ledger": 26, "/lifecycles?here={in_fix}": 5, "/clients/{client}": 12,
        "/clients/sites": 3, "/clients/criteria": 2, "/account": 7,
        "/handoffs/{declined}/accept": 5, "/documents/00000000": 2,
        "/handoffs/{half}/together": 11,
    },
    "head_of_sales": {
        "/": 7,
    },
    "lead": {
        "/": 7, "/call-backs": 3, "/call-backs?of=all": 5,
        "/sheets/new?giver={engineer}&purpose=departure": 15, "/clients/new": 1,
        "/clients/{client}/edit": 7, "/clients/{client}/persons": 9,
        "/clients/{client}/contacts/new": 7, "/clients/contacts/{contact}": 3,
        "/clients/{client}/sites/new": 8, "/clients/sites": 3, "/clients/sites/{site}": 9,
        "/clients/sites/{node}": 7, "/clients/sites/{site}/edit": 5,
        "/clients/sites/{node}/edit": 3, "/clients/sites/new": 2, "/clients/criteria": 2,
        "/clients/criteria/{criterion}": 2, "/clients/criteria/new": 1, "/clients/import": 1,
        "/clients/import/{import}": 4, "/reports/daily/{day}?for=lead": 4,
        "/people/{engineer}/successor": 6, "/people/{visitor}/successor": 6,
    },
    "registrar": {
        "/": 10, "/handoffs/{half}/witness": 10, "/handoffs/{handoff}/witness": 9,
        "/joint/{joint}/agree": 8, "/sheets/{sheet}": 14, "/documents/{document}": 15,
        "/tickets": 12,
        "/tickets?show=all&sort=promise": 13, "/tickets?late=1": 12, "/tickets?q=zzz": 10,
        "/handoffs/{half}/together": 12,
    },
    "visitor": {
        "/account/tokens": 2,
        "/": 8, "/tickets/new": 2, "/tickets/new?client_name=zzz": 2,
        "/tickets/new?client={client}": 5, "/tickets/{offered}": 16, "/tickets/{closed}": 10,
        "/tickets/{cancelling}": 12, "/tickets/{returned}": 12, "/tickets/{not_gone}": 12,
        "/call-backs": 5, "/tickets/{returned}/check": 6, "/tickets/{logged}/moves/take": 7,
        "/tickets/{logged}/moves/take?receiver={engineer}&witness={registrar}": 8,
        "/tickets/{logged}/moves/cancel": 4, "/tickets/{logged}/together/take": 7,
        "/tickets/{logged}/together/take?receiver={engineer}&witness={registrar}": 8,
        "/handoffs/{handoff}/withdraw": 5, "/tickets?mine=1": 12, "/lifecycles": 3, "/clients": 6,
        "/clients?q=zzz": 6, "/clients/{client}": 12, "/account": 7, "/account/password": 1,
        "/account/declaration": 1, "/account/passkeys/new": 2,
        "/account/mail": 3,
        "/people": 6, "/people/{engineer}": 8, "/settings": 1, "/settings/calendar": 3,
        "/documents": 2, "/documents/{document}": 15,
        "/nowhere": 1, "/tickets/999999": 2, "/tickets?age=x": 8, "/reports": 1,
        "/handoffs/{declined}/together": 8,
        "/handoffs/{handoff}/together": 10,
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
    settings: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timelines, "MOST_KEPT", 0)  # each line of hands is read anew
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
