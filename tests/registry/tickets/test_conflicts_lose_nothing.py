"""Whoever signs a moment after somebody else acted is told so on the form itself: what was typed is
still there, and can be signed for the ticket as it stands now."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from registry.core.times import utc_now
from registry.people.models import Person
from registry.tickets.acts import open_handoff
from registry.tickets.attachments import Upload, attach_file
from registry.tickets.handoff_models import Handoff
from registry.tickets.models import Ticket
from tests.factories import PASSWORD, House, a_ticket
from tests.registry.tickets.sheet_steps import handoffs, signed, to
from tests.registry.tickets.signing_screen import Screen
from tests.registry.tickets.test_act_views import hidden, in_two_days, parties, ticket_again
from tests.registry.tickets.test_half_signed import see

SignIn = Callable[[Person], FlaskClient]
Happens = Callable[[Ticket], None]
SINCE = "has changed since you opened it"
WORDS = "Port 7, behind the rack"


@pytest.fixture
def happens(house: House, tmp_path: Path) -> Happens:
    """Somebody attaches a file to the ticket: its history goes on."""
    def attach(ticket: Ticket) -> None:
        attach_file(ticket, Upload("note.txt", BytesIO(b"seen on the spot")), folder=tmp_path,
                    limit=1000, by=house.visitor, now=utc_now())

    return attach


def signed_again(client: FlaskClient, address: str, refused: Any, typed: dict[str, str]) -> Any:
    """The form as it came back, sent once more with the password."""
    assert refused.status_code == 409
    assert SINCE in refused.text
    assert WORDS in refused.text
    return client.post(address, data=typed | hidden(refused.text))


def test_an_offer(house: House, sign_in: SignIn, session: Session, happens: Happens) -> None:
    ticket, client = a_ticket(house), sign_in(house.visitor)
    address = f"/tickets/{ticket.number}/moves/take?{parties(house)}"
    shown = hidden(client.get(address).text)
    happens(ticket)
    typed = {"reason": WORDS, "password": PASSWORD}
    refused = client.post(address, data=shown | typed)
    assert open_handoff(ticket_again(session, ticket.number)) is None
    assert signed_again(client, address, refused, typed).status_code == 303


def test_taking(house: House, sign_in: SignIn, handoff: Handoff, happens: Happens) -> None:
    client, address = sign_in(house.engineer), f"/handoffs/{handoff.id}/accept"
    shown = hidden(client.get(address).text)
    happens(handoff.ticket)
    typed = {"next_step": WORDS, "next_step_by": in_two_days(), "password": PASSWORD}
    refused = client.post(address, data=shown | typed)
    assert handoff.receiver_signed_at is None
    assert signed_again(client, address, refused, typed).status_code == 303


def test_taking_together(
    house: House, sign_in: SignIn, handoff: Handoff, happens: Happens
) -> None:
    screen = Screen(sign_in(house.engineer), handoff.id)
    shown = hidden(screen.page())
    happens(handoff.ticket)
    typed = {"next_step": WORDS, "next_step_by": in_two_days(), "password": PASSWORD}
    refused = screen.client.post(screen.address, data=shown | typed)
    assert signed_again(screen.client, screen.address, refused, typed).status_code == 303


def test_who_was_asked_twice_sees_how_it_stands(
    house: House, sign_in: SignIn, handoff: Handoff
) -> None:
    """The witness has signed elsewhere meanwhile: no form of theirs is left."""
    screen = Screen(sign_in(house.registrar), handoff.id)
    shown = hidden(screen.page())
    see(handoff, utc_now())
    refused = screen.client.post(f"{screen.address}?part=witness",
                                 data=shown | {"password": PASSWORD})
    assert refused.status_code == 409
    assert SINCE in refused.text
    assert "2 of 3 signatures" in refused.text


def test_the_clients_check(house: House, sign_in: SignIn, happens: Happens) -> None:
    ticket, client = a_ticket(house, "returned"), sign_in(house.visitor)
    address = f"/tickets/{ticket.number}/check"
    shown = hidden(client.get(address).text)
    happens(ticket)
    typed = {"result": "gone", "contact_name": "Galina", "note": WORDS, "password": PASSWORD}
    refused = client.post(address, data=shown | typed)
    assert ticket.state == "returned"
    assert signed_again(client, address, refused, typed).status_code == 303


def test_the_clients_check_that_another_has_recorded(
    house: House, sign_in: SignIn
) -> None:
    """It can not be signed any more; the words are there to be taken along."""
    ticket, client = a_ticket(house, "returned"), sign_in(house.visitor)
    address = f"/tickets/{ticket.number}/check"
    typed = {"result": "gone", "contact_name": "Galina", "password": PASSWORD}
    shown = hidden(client.get(address).text) | typed
    other = hidden(client.get(address).text) | typed | {"note": "It works"}
    assert client.post(address, data=other).status_code == 303
    refused = client.post(address, data=shown | {"note": WORDS})
    assert refused.status_code == 409
    assert WORDS in refused.text
    assert 'type="password"' not in refused.text


def test_a_sheet(house: House, engineer: FlaskClient) -> None:
    number = a_ticket(house, "in_fix").number
    args = to(house.visitor, witness=house.registrar.id)
    said = {f"what_was_wrong-{number}": WORDS, f"what_was_done-{number}": "Replaced it"}
    refused = signed(engineer, args, **said, **{f"head-{number}": "0" * 64})
    assert (refused.status_code, handoffs()) == (409, [])
    assert SINCE in refused.text
    assert WORDS in refused.text
    assert signed(engineer, args, **said).status_code == 303


def test_a_second_signature_that_came_too_late(
    house: House, sign_in: SignIn, happens: Happens
) -> None:
    ticket, visitor = a_ticket(house), sign_in(house.visitor)
    address = f"/tickets/{ticket.number}/moves/cancel"
    visitor.post(address, data=hidden(visitor.get(address).text) | {
        "reason": "Twice", "password": PASSWORD})
    client = sign_in(house.registrar)
    [agree] = {part.partition('"')[0] for part in client.get(
        f"/tickets/{ticket.number}").text.split('href="') if part.partition('"')[0].endswith(
            "/agree")}
    shown = hidden(client.get(agree).text)
    happens(ticket)
    refused = client.post(agree, data=shown | {"password": PASSWORD})
    assert (refused.status_code, SINCE in refused.text) == (409, True)
    again = client.post(agree, data=hidden(refused.text) | {"password": PASSWORD})
    assert (again.status_code, ticket.state) == (303, "cancelled")
    late = client.post(agree, data=shown | {"password": PASSWORD})
    assert late.status_code in (409, 422)
