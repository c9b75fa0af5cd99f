"""Three sign one after the other at a screen where none of them is signed in: the lead's here, who
signs nothing and could not."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.people.models import Person, SignInAttempt
from registry.tickets.acts import open_handoff
from registry.tickets.handoff_models import Handoff
from tests.factories import PASSWORD, House, a_ticket
from tests.registry.tickets.sheet_steps import away
from tests.registry.tickets.signing_screen import NEXT, Screen, logins
from tests.registry.tickets.test_act_views import hidden, in_two_days, parties, ticket_again
from tests.registry.tickets.test_signing_together import signers

SignIn = Callable[[Person], FlaskClient]


def test_at_a_screen_of_none_of_them_the_page_tells_how_it_stands_and_asks_on_wish(
    house: House, handoff: Handoff, sign_in: SignIn
) -> None:
    stranger = Screen(sign_in(house.lead), handoff.id)
    page = stranger.page()
    assert "1 of 3 signatures" in page
    assert 'type="password"' not in page
    assert f'href="{stranger.address}?part=next"' in page
    assert "They are here and sign one after the other" in page
    page = stranger.page("?part=next")
    assert "Login of Pavel Orlov" in page
    assert "<details" not in page.partition("Login of Pavel Orlov")[0].rpartition("data-turn")[2]
    answer = stranger.client.post(stranger.address, data=hidden(page) | NEXT | {
        "password": PASSWORD, "next_step_by": in_two_days()})
    assert answer.status_code == 422  # the reader's being signed in is nobody's login
    assert handoff.receiver_signed_at is None


def test_three_sign_at_a_screen_of_none_of_them(
    house: House, sign_in: SignIn, session: Session
) -> None:
    number = a_ticket(house).number
    screen = sign_in(house.lead)
    assert f'href="/tickets/{number}/together/take"' in screen.get(f"/tickets/{number}").text
    address = f"/tickets/{number}/together/take?{parties(house)}"
    page = screen.get(address).text
    assert "Anna Kim signs first. Then Pavel Orlov, Oleg Chernov sign in turn" in page
    assert "Password of Anna Kim" in page
    form = hidden(page) | {"password": PASSWORD}
    assert screen.post(address, data=form).status_code == 422
    answer = screen.post(address, data=form | logins(page))
    handoff = open_handoff(ticket_again(session, number))
    assert handoff is not None
    turns = Screen(screen, handoff.id)
    assert answer.location == f"{turns.address}?part=next"
    answer = turns.sign(asked="?part=next", **NEXT, next_step_by=in_two_days())
    assert answer.location == f"{turns.address}?part=next"
    assert turns.sign(asked="?part=next").location == f"/tickets/{number}"
    assert ticket_again(session, number).holder_id == house.engineer.id
    assert signers(session, handoff) == [house.visitor.id, house.engineer.id, house.registrar.id]


def test_the_givers_attempts_at_another_screen_count_against_the_giver(
    house: House, sign_in: SignIn, session: Session
) -> None:
    number = a_ticket(house).number
    screen, address = sign_in(house.lead), f"/tickets/{number}/together/take?{parties(house)}"
    page = screen.get(address).text
    answer = screen.post(address, data=hidden(page) | logins(page) | {"password": "not this"})
    assert answer.status_code == 422
    last = session.scalars(select(SignInAttempt).order_by(SignInAttempt.id.desc())).first()
    assert last is not None
    assert (last.login, last.succeeded) == (house.visitor.login, False)
    assert open_handoff(ticket_again(session, number)) is None


def test_the_givers_deputy_signs_at_another_screen_too(
    house: House, sign_in: SignIn, session: Session
) -> None:
    ticket = a_ticket(house)
    away(house.visitor, house.other_visitor)
    screen = sign_in(house.lead)
    address = f"/tickets/{ticket.number}/together/take?{parties(house)}"
    page = screen.get(address).text
    assert "You sign in your own name for Anna Kim" in page
    assert "Anna Kim signs instead" in page
    own = screen.get(f"{address}&giver={house.visitor.id}").text
    assert "You sign in your own name" not in own
    assert "Password of Anna Kim" in own
    assert screen.post(address, data=hidden(page) | logins(page) | {"password": PASSWORD}
                       ).status_code == 303
    handoff = open_handoff(ticket)
    assert handoff is not None
    assert handoff.offered_by_id == house.other_visitor.id


def test_nobody_takes_by_authority_at_the_holders_place(
    house: House, sign_in: SignIn, session: Session
) -> None:
    """Where the one at the screen may begin it themselves, it is their signature."""
    number = a_ticket(house, "in_fix").number
    address = f"/tickets/{number}/together/take_by_authority?receiver={house.registrar.id}"
    assert "Password of Pavel Orlov" not in sign_in(house.deputy).get(address).text
    assert "Password of Pavel Orlov" not in sign_in(house.lead).get(address).text
