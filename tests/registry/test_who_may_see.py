"""What is open, what asks for a form's token, and what is another person's own. Who may see which
page and send which form is the table of tests/security/doors.py."""

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
# What answers without signing in; each new one is a decision and is written here.
OPEN = ALWAYS_OPEN | {
    "people.sign_in", "people.sign_in_demo", "people.sign_in_passkey", "people.ask_who_comes",
    "admin.healthz", "admin.readyz", "admin.metrics", "api.openapi",
    "evidence.check", "evidence.judge", "evidence.program"}


@pytest.fixture
def lived(session: Session, settings: Any) -> tuple[Company, Places]:
    """The house with everything, and where it stands."""
    return lived_house(Path(settings.data_dir), utc_now())


def test_whoever_is_not_signed_in_comes_back_to_the_page(
    lived: tuple[Company, Places], client: Any
) -> None:
    _company, places = lived
    assert client.get(f"/tickets/{places['in_fix']}").location == (
        f"/sign-in?next=/tickets/{places['in_fix']}")


def test_only_the_sign_in_page_and_what_it_needs_are_open(app: Flask) -> None:
    marked = {name for name, view in app.view_functions.items()
              if getattr(view, "open_to_all", False)}
    assert marked | ALWAYS_OPEN == OPEN


def test_no_form_is_taken_without_its_token(
    app: Flask, lived: tuple[Company, Places], sign_in: SignIn
) -> None:
    company, _places = lived
    client = sign_in(company.managers[Role.ADMINISTRATOR])
    app.config["WTF_CSRF_ENABLED"] = True
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.endpoint.startswith("api."):
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
