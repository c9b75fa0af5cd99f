"""Who may see which page and send which form: every address against every role, as the domain's
table of persons has it; nobody who is not signed in; nothing that is another person's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.db import db
from registry.core.times import utc_now
from registry.demo.company import Company
from registry.people.gate import ALWAYS_OPEN
from registry.people.models import Person, Role, SignInSession
from registry.tickets.handoff_models import Handoff, HandoffState, JointAct, JointState
from registry.tickets.models import SavedView
from tests.factories import a_person
from tests.lived.days import Places
from tests.lived.house import lived_house

SignIn = Callable[[Person], Any]
Way = tuple[str, str]  # method and address

EVERYBODY = frozenset(Role)
LOGGERS = {Role.VISITOR, Role.LEAD, Role.HEAD_OF_SALES, Role.REGISTRAR, Role.DEPUTY}
CLIENT_KEEPERS = {Role.VISITOR, Role.LEAD, Role.HEAD_OF_SALES, Role.DEPUTY, Role.ADMINISTRATOR}
IMPORTERS = {Role.LEAD, Role.HEAD_OF_SALES, Role.ADMINISTRATOR}
NORM_SETTERS = {Role.LEAD, Role.DEPUTY, Role.ADMINISTRATOR}
READERS = {Role.COMMERCIAL_DIRECTOR, Role.HEAD_OF_SALES, Role.LEAD, Role.DEPUTY, Role.REGISTRAR,
           Role.ADMINISTRATOR}
POSTMEN = {Role.ADMINISTRATOR, Role.DEPUTY}
CALENDAR_KEEPERS = {Role.ADMINISTRATOR, Role.DEPUTY}
ADMINISTRATORS = {Role.ADMINISTRATOR}
ABSENCE_KEEPERS = {Role.ADMINISTRATOR, Role.REGISTRAR, Role.DEPUTY, Role.LEAD, Role.HEAD_OF_SALES}
SUCCESSION = {Role.ADMINISTRATOR, Role.REGISTRAR, Role.DEPUTY, Role.LEAD}
SHEET_MAKERS = {Role.REGISTRAR, Role.DEPUTY, Role.LEAD, Role.HEAD_OF_SALES}

# Who gets past the door of each address; all others are told that their role does not allow it.
# What may be done with one ticket, and by whom, is its lifecycle's business and tested there.
DOORS: tuple[tuple[frozenset[Role] | set[Role], str, tuple[str, ...]], ...] = (
    (EVERYBODY, "GET", (
        "/", "/tickets", "/tickets/{in_fix}", "/tickets/{in_fix}/ledger", "/tickets/names",
        "/tickets/export.csv", "/tickets/export.xlsx", "/tickets/{in_fix}/files", "/call-backs",
        "/attachments/{attachment}", "/sheets/{sheet}", "/sheets/new", "/lifecycles",
        "/lifecycles/{lifecycle}", "/clients", "/clients/{client}", "/clients/sites",
        "/clients/sites/{site}", "/clients/criteria", "/people", "/people/{engineer}",
        "/departments", "/account", "/account/password", "/settings", "/settings/calendar")),
    (LOGGERS, "GET", ("/tickets/new", "/tickets/new?client={client}")),
    (CLIENT_KEEPERS, "GET", (
        "/clients/new", "/clients/{client}/edit", "/clients/{client}/persons",
        "/clients/{client}/contacts/new", "/clients/{client}/sites/new",
        "/clients/contacts/{contact}", "/clients/sites/{site}/edit", "/clients/sites/new")),
    (IMPORTERS, "GET", ("/clients/import", "/clients/import/{nothing}",
                        "/clients/import/template-en.csv")),
    (NORM_SETTERS, "GET", ("/clients/criteria/new", "/clients/criteria/{criterion}")),
    (READERS, "GET", ("/reports", "/reports/daily/{day}", "/reports/daily/{day}/open")),
    (POSTMEN, "GET", ("/reports/mail", "/reports/mail/{mail}", "/reports/mail/{mail}/html",
                      "/reports/mail/{mail}.eml", "/reports/jobs")),
    (ADMINISTRATORS, "GET", (
        "/people/new", "/people/{engineer}/edit", "/people/{engineer}/leave", "/people/attempts",
        "/departments/{department}")),
    # one's own, and for others
    (ABSENCE_KEEPERS | {Role.ENGINEER}, "GET", ("/people/{engineer}/absence",)),
    (ABSENCE_KEEPERS | {Role.ENGINEER}, "POST", ("/people/{engineer}/absence",)),
    (SHEET_MAKERS | {Role.ENGINEER}, "GET", ("/sheets/new?giver={engineer}",)),
    (LOGGERS, "POST", ("/tickets/new?client={client}",)),
    (SUCCESSION, "GET", ("/people/{engineer}/successor",)),
    (SUCCESSION, "POST", ("/people/{engineer}/successor",)),
    (CLIENT_KEEPERS, "POST", (
        "/clients/new", "/clients/{client}/edit", "/clients/{client}/persons",
        "/clients/{client}/contacts/new", "/clients/contacts/{contact}",
        "/clients/{client}/sites/new", "/clients/sites/{site}/edit", "/clients/sites/new",
        "/clients/{client}/retire",
        "/clients/{client}/restore", "/clients/contacts/{contact}/retire",
        "/clients/contacts/{contact}/restore", "/clients/sites/{site}/retire",
        "/clients/sites/{site}/restore")),
    (IMPORTERS, "POST", ("/clients/import", "/clients/import/{nothing}",
                         "/clients/import/{nothing}/leave")),
    (NORM_SETTERS, "POST", ("/clients/criteria/new", "/clients/criteria/{criterion}",
                            "/clients/criteria/{criterion}/retire",
                            "/clients/criteria/{criterion}/restore")),
    (POSTMEN, "POST", ("/reports/mail/{mail}/again", "/reports/jobs/{job}/again")),
    (CALENDAR_KEEPERS, "POST", ("/settings/calendar", "/settings/calendar/{free}/forget")),
    (ADMINISTRATORS, "POST", (
        "/people/new", "/people/{engineer}/edit", "/people/{engineer}/password",
        "/people/{left}/return", "/people/{engineer}/leave", "/departments",
        "/departments/{department}", "/departments/{department}/close",
        "/departments/{department}/reopen", "/lifecycles", "/lifecycles/{lifecycle}/carry")),
)


# No role decides these: they are open before signing in, or one's own, or what may be done is
# decided by the ticket's lifecycle.
OTHERWISE = frozenset({
    "static", "core.choose_language", "people.sign_in", "people.sign_in_demo", "people.sign_out",
    "people.account", "people.change_password", "people.stop_session", "people.stop_absence",
    "tickets.save", "tickets.forget", "tickets.act", "tickets.together", "tickets.accept",
    "tickets.decline", "tickets.withdraw", "tickets.witness", "tickets.agree", "tickets.promise",
    "tickets.withdraw_joint", "tickets.sheet_new", "tickets.sheet_answer", "tickets.sheet_witness",
    "tickets.attach", "callbacks.check",
})


@pytest.fixture
def lived(session: Session, settings: Any) -> tuple[Company, Places]:
    """The house with everything, and where it stands."""
    company, places = lived_house(Path(settings.data_dir), utc_now())
    return company, places | {"nothing": f"{'0' * 64}.csv"}


def doors() -> dict[Way, frozenset[Role]]:
    return {(method, address): frozenset(roles)
            for roles, method, addresses in DOORS for address in addresses}


def persons_of(company: Company) -> dict[Role, Person]:
    return company.managers | {Role.VISITOR: company.visitors[0],
                               Role.ENGINEER: company.engineers[0]}


def test_every_address_has_its_door(app: Flask) -> None:
    ways = app.url_map.bind("localhost")
    seen = {(ways.match(re.sub(r"{\w+}", "1", address).partition("?")[0], method=method)[0], method)
            for method, address in doors()}
    there = {(rule.endpoint, method) for rule in app.url_map.iter_rules()
             for method in (rule.methods or set()) & {"GET", "POST"}
             if rule.endpoint not in OTHERWISE}
    assert there - seen == set(), "say who may pass these"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_passes_the_doors_that_are_its_own(
    lived: tuple[Company, Places], sign_in: SignIn, role: Role
) -> None:
    company, places = lived
    client = sign_in(persons_of(company)[role])
    passed = {}
    for method, address in sorted(doors()):
        way = method, address
        answer = client.open(address.format(**places), method=method, buffered=True)
        assert answer.status_code in (200, 303, 403, 404, 409, 422), f"{way}: {answer.status}"
        assert not (answer.location or "").startswith("/sign-in"), way
        passed[way] = answer.status_code != 403
    assert passed == {way: role in roles for way, roles in sorted(doors().items())}


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page(
    app: Flask, lived: tuple[Company, Places], client: Any
) -> None:
    _company, places = lived
    for rule in app.url_map.iter_rules():
        if rule.endpoint in ALWAYS_OPEN or getattr(
                app.view_functions[rule.endpoint], "open_to_all", False):
            continue
        address = re.sub(r"<[^>]*>", "1", rule.rule.replace("<any(csv, xlsx):kind>", "csv"))
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = client.open(address, method=method)
            assert answer.status_code == 303, (method, address)
            assert answer.location.startswith("/sign-in"), (method, address)
    assert client.get(f"/tickets/{places['in_fix']}").location == (
        f"/sign-in?next=/tickets/{places['in_fix']}")


def test_only_the_sign_in_page_and_what_it_needs_are_open(app: Flask) -> None:
    marked = {name for name, view in app.view_functions.items()
              if getattr(view, "open_to_all", False)}
    assert marked | ALWAYS_OPEN == {"people.sign_in", "people.sign_in_demo", "static",
                                    "core.choose_language"}


def test_no_form_is_taken_without_its_token(
    app: Flask, lived: tuple[Company, Places], sign_in: SignIn
) -> None:
    company, _places = lived
    client = sign_in(company.managers[Role.ADMINISTRATOR])
    app.config["WTF_CSRF_ENABLED"] = True
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            address = re.sub(r"<[^>]*>", "1", rule.rule)
            assert client.post(address, data={"password": "x"}).status_code == 400, address


def test_a_saved_view_is_forgotten_by_nobody_else(
    lived: tuple[Company, Places], sign_in: SignIn
) -> None:
    company, _places = lived
    view = db.session.scalars(select(SavedView)).one()
    other = sign_in(company.visitors[1])
    assert view.name not in other.get("/tickets").text
    assert other.post(f"/tickets/views/{view.id}/forget").status_code == 404
    assert db.session.get(SavedView, view.id) is not None


def test_a_session_is_ended_by_its_own_person_only(
    lived: tuple[Company, Places], sign_in: SignIn
) -> None:
    company, _places = lived
    mine, other = sign_in(company.visitors[0]), sign_in(company.visitors[1])
    row = db.session.scalars(
        select(SignInSession).where(SignInSession.person_id == company.visitors[0].id)).one()
    assert other.post("/sessions/end", data={"session": row.id}).status_code == 403
    assert mine.get("/account").status_code == 200


def test_a_list_that_is_being_brought_in_is_seen_by_who_brought_it(
    lived: tuple[Company, Places], sign_in: SignIn
) -> None:
    company, places = lived
    address = f"/clients/import/{places['import']}"
    assert sign_in(company.managers[Role.LEAD]).get(address).status_code == 200
    another = sign_in(company.managers[Role.HEAD_OF_SALES])
    assert another.get(address).status_code == 404
    assert another.post(f"{address}/leave").status_code in (303, 404)
    assert sign_in(company.managers[Role.LEAD]).get(address).status_code == 200


@pytest.mark.parametrize("address", ["/handoffs/{handoff}/accept", "/handoffs/{handoff}/decline",
                                     "/handoffs/{half}/witness", "/joint/{joint}/agree"])
def test_what_waits_for_somebody_else_is_not_signed(
    lived: tuple[Company, Places], sign_in: SignIn, address: str
) -> None:
    _company, places = lived
    stranger = sign_in(a_person(Role.ENGINEER, Role.VISITOR))
    answer = stranger.post(address.format(**places), data={
        "password": "correct horse 7", "reason": "Not mine", "next_step": "I look",
        "next_step_by": "2099-01-01T10:00", "nonce": "n" * 22})
    assert answer.status_code in (403, 422), answer.status_code
    assert {db.session.get(Handoff, int(places[each])).state for each in ("handoff", "half")} == {
        HandoffState.OFFERED}
    assert db.session.get(JointAct, int(places["joint"])).state is JointState.PROPOSED


def test_whoever_has_left_is_let_in_nowhere(session: Session, sign_in: SignIn) -> None:
    person = a_person(Role.ADMINISTRATOR)
    client = sign_in(person)
    assert client.get("/people/new").status_code == 200
    person.is_active = False
    assert client.get("/people/new").location == "/sign-in?next=/people/new"
