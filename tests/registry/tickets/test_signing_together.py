"""Three sign one after the other at one screen, or each at their own: whose turn it is, who may,
and what a page is told of the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.errors import Refused
from registry.core.times import utc_now
from registry.ledger.entries import content_of, entries_of
from registry.people.absences import record_absence
from registry.people.models import Person, Signature
from registry.people.passwords import hash_password
from registry.people.rules import Away
from registry.tickets.acts import open_handoff
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.handoffs import witness_handoff
from registry.tickets.lapsing import lapse_all_due
from tests.factories import PASSWORD, House, a_signing, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled, shown, signed
from tests.registry.tickets.signing_screen import NEXT, Screen, logins
from tests.registry.tickets.test_act_views import hidden, in_two_days, parties, ticket_again
from tests.registry.tickets.test_half_signed import take

SignIn = Callable[[Person], FlaskClient]


pytestmark = pytest.mark.usefixtures("at_a_name")


def signers(session: Session, handoff: Handoff) -> list[int]:
    """Who has signed the handoff, in order."""
    return [signature.signer_id for signature in signatures(session, handoff)]


def signatures(session: Session, handoff: Handoff) -> list[Signature]:
    """As the chain names them."""
    named = [each["statement"] for entry in entries_of(handoff.ticket.chain)
             for each in content_of(entry).get("signatures", ())]
    return [session.scalars(select(Signature).where(Signature.statement_hash == each)).one()
            for each in named]


def test_three_sign_in_turn_at_the_givers_screen(
    house: House, sign_in: SignIn, session: Session
) -> None:
    number = a_ticket(house).number
    visitor = sign_in(house.visitor)
    address = f"/tickets/{number}/together/take?{parties(house)}"
    page = visitor.get(address).text
    assert page.count('type="password"') == 1
    answer = visitor.post(address, data={**hidden(page), "password": PASSWORD})
    handoff = open_handoff(ticket_again(session, number))
    assert handoff is not None
    screen = Screen(visitor, handoff.id)
    assert answer.location == screen.address
    page = screen.page()
    assert "1 of 3 signatures are given; missing: Pavel Orlov, Oleg Chernov." in page
    assert "You take ticket" in page
    assert "Password of Pavel Orlov" in page
    assert 'autocomplete="off"' in page
    answer = screen.sign(next_step="", next_step_by="")
    assert answer.status_code == 422
    answer = screen.sign(**NEXT, next_step_by=in_two_days())
    assert answer.location == screen.address
    page = screen.page()
    assert "2 of 3 signatures are given; missing: Oleg Chernov." in page
    assert "by midnight" in page
    assert "You witness" in page
    answer = screen.sign()
    assert answer.location == f"/tickets/{number}"
    assert ticket_again(session, number).holder_id == house.engineer.id
    assert signers(session, handoff) == [house.visitor.id, house.engineer.id, house.registrar.id]
    assert "All have signed" in screen.page()


def test_each_statement_names_the_signature_before_it(
    screen: Screen, handoff: Handoff, session: Session
) -> None:
    heads = []
    for _turn in range(2):
        heads.append(handoff.ticket.head_hash)
        assert screen.sign(**NEXT, next_step_by=in_two_days()).status_code == 303
    statements = [each.statement for each in signatures(session, handoff)]
    for head, statement in zip(heads, statements[1:], strict=True):
        assert head.encode() in statement


def test_the_witness_may_sign_before_the_receiver(
    house: House, screen: Screen, handoff: Handoff
) -> None:
    assert "You witness" in screen.page("?part=witness")
    assert screen.sign(asked="?part=witness").status_code == 303
    assert "missing: Pavel Orlov." in screen.page()
    assert screen.sign(**NEXT, next_step_by=in_two_days()).status_code == 303
    assert handoff.state is HandoffState.ACCEPTED


def test_the_password_is_that_of_whose_turn_it_is(
    house: House, screen: Screen, handoff: Handoff
) -> None:
    house.visitor.password_hash = hash_password("the giver's own 1")
    house.engineer.password_hash = hash_password("the receiver's 2")
    answer = screen.sign("the giver's own 1", **NEXT, next_step_by=in_two_days())
    assert answer.status_code == 422
    assert "Login or password is wrong" in answer.text
    assert "I measure it" in answer.text
    assert handoff.receiver_signed_at is None
    assert screen.sign("the receiver's 2", **NEXT,
                       next_step_by=in_two_days()).status_code == 303


def test_each_opens_the_page_at_the_own_part(
    house: House, handoff: Handoff, sign_in: SignIn
) -> None:
    assert "You witness" in Screen(sign_in(house.registrar), handoff.id).page()
    assert "You take ticket" in Screen(sign_in(house.engineer), handoff.id).page()
    assert "You take ticket" in Screen(sign_in(house.visitor), handoff.id).page()


def test_a_signature_is_not_given_twice_by_sending_the_form_again(
    screen: Screen, handoff: Handoff, session: Session
) -> None:
    page = screen.page()
    form = hidden(page) | logins(page) | NEXT | {"next_step_by": in_two_days(),
                                                 "password": PASSWORD}
    address = f"{screen.address}?part=receiver"
    assert screen.client.post(address, data=form).status_code == 303
    again = screen.client.post(address, data=form)
    assert again.status_code == 409
    assert len(signers(session, handoff)) == 2


def test_of_two_devices_one_signs_and_the_other_is_told(
    house: House, screen: Screen, handoff: Handoff, sign_in: SignIn, session: Session
) -> None:
    own = Screen(sign_in(house.engineer), handoff.id)
    said = NEXT | {"next_step_by": in_two_days(), "password": PASSWORD}
    shown_here, shown_there = hidden(screen.page()), hidden(own.page())
    assert own.client.post(own.address, data=shown_there | said).status_code == 303
    late = screen.client.post(f"{screen.address}?part=receiver", data=shown_here | said)
    assert late.status_code == 409
    assert signers(session, handoff) == [house.visitor.id, house.engineer.id]


def test_what_has_lapsed_is_not_signed_and_the_page_says_so(
    house: House, screen: Screen, handoff: Handoff, session: Session
) -> None:
    assert screen.sign(**NEXT, next_step_by=in_two_days()).status_code == 303
    form = hidden(screen.page()) | {"password": PASSWORD}
    session.commit()
    lapse_all_due(now=utc_now() + timedelta(days=1))
    assert handoff.state is HandoffState.LAPSED
    assert screen.client.post(screen.address, data=form).status_code == 409
    page = screen.page()
    assert "This handoff has lapsed" in page
    assert 'type="password"' not in page
    assert handoff.ticket.holder_id == house.visitor.id
    ticket = screen.client.get(f"/tickets/{handoff.ticket.number}").text
    assert "Lapsed at the end of the day without a signature of Oleg Chernov" in ticket


# Persons who are two of the three.

def away(person: Person, deputy: Person, session: Session, *, days: int = 3) -> None:
    """The person is away from now on, and the deputy stands in."""
    begins = utc_now() - timedelta(hours=1)
    record_absence(Away(person, deputy, begins, begins + timedelta(days=days)), by=person,
                   now=begins)
    session.flush()


def test_a_deputy_signs_in_the_own_name_at_the_givers_screen(
    house: House, screen: Screen, handoff: Handoff, session: Session
) -> None:
    away(house.engineer, house.other_engineer, session)
    page = screen.page()
    assert "You sign in your own name for Pavel Orlov" in page
    assert "Password of Ivan Sokolov" in page
    assert "Pavel Orlov signs instead" in page
    assert screen.sign(**NEXT, next_step_by=in_two_days()).status_code == 303
    assert handoff.taker_id == house.other_engineer.id


def test_nobody_signs_for_who_is_not_away(
    house: House, screen: Screen, handoff: Handoff, sign_in: SignIn
) -> None:
    """A wish for another signer in the address is as good as none."""
    wish = f"?part=receiver&signer={house.other_engineer.id}"
    assert "Password of Pavel Orlov" in screen.page(wish)
    with pytest.raises(Refused) as refused:
        take(handoff, utc_now(), by=house.other_engineer)
    assert refused.value.reasons[0].code == "not_yours"
    colleague = Screen(sign_in(house.other_engineer), handoff.id)
    assert "Password of Pavel Orlov" in colleague.page(wish)


@pytest.mark.parametrize("first", ["witness", "receiver"])
def test_one_deputy_of_two_absent_persons_signs_once(
    house: House, handoff: Handoff, session: Session, first: str
) -> None:
    away(house.engineer, house.other_engineer, session)
    away(house.registrar, house.other_engineer, session)
    deputy, now = house.other_engineer, utc_now()

    def witness() -> None:
        witness_handoff(handoff, by=deputy, signing=a_signing(deputy), now=now)

    def receive() -> None:
        take(handoff, now, by=deputy)

    begin, end = (witness, receive) if first == "witness" else (receive, witness)
    begin()
    with pytest.raises(Refused) as refused:
        end()
    assert "witness_is_party" in {each.code for each in refused.value.reasons}
    assert handoff.state is HandoffState.OFFERED


def test_the_giver_and_the_receiver_witness_nothing(house: House, handoff: Handoff,
                                                    session: Session) -> None:
    away(house.registrar, house.engineer, session)
    for person in (house.visitor, house.engineer):
        with pytest.raises(Refused):
            witness_handoff(handoff, by=person, signing=a_signing(person), now=utc_now())
    assert handoff.witness_signed_at is None


# With passkeys, at a screen where one is not signed in.

def test_the_receivers_passkey_signs_at_the_givers_screen(
    house: House, screen: Screen, handoff: Handoff, session: Session
) -> None:
    device = Authenticator()
    passkey = enrolled(house.engineer, device, now=utc_now())
    session.commit()
    form = hidden(screen.page()) | NEXT | {"next_step_by": in_two_days()}
    told = shown(screen.client, screen.address, form).get_json()
    assert told["options"]["allowCredentials"][0]["id"] == passkey.credential_id
    (statement,) = told["statements"]
    assert (statement["signer"], statement["head"]) == (house.engineer.ref,
                                                        handoff.ticket.head_hash)
    assert handoff.receiver_signed_at is None
    answer = screen.client.post(screen.address, data=form | signed(told, device))
    assert answer.status_code == 303
    assert handoff.receiver_signed_at is not None
    last = signatures(session, handoff)[-1]
    assert (last.method, last.signer_id) == ("passkey", house.engineer.id)


def test_the_givers_passkey_signs_nothing_in_the_receivers_place(
    house: House, screen: Screen, handoff: Handoff, session: Session
) -> None:
    theirs, own = Authenticator(), Authenticator()
    enrolled(house.engineer, theirs, now=utc_now())
    enrolled(house.visitor, own, now=utc_now())
    session.commit()
    form = hidden(screen.page()) | NEXT | {"next_step_by": in_two_days()}
    told = shown(screen.client, screen.address, form).get_json()
    answer = screen.client.post(screen.address, data=form | signed(told, own))
    assert answer.status_code == 422
    assert "This passkey is not Pavel Orlov" in answer.text
    assert handoff.receiver_signed_at is None


def test_whoever_has_signed_at_the_own_screen_finds_the_others_form_folded(
    house: House, screen: Screen, handoff: Handoff, sign_in: SignIn
) -> None:
    folded = "Oleg Chernov is here and signs at this screen"
    own = Screen(sign_in(house.engineer), handoff.id)
    assert own.sign(**NEXT, next_step_by=in_two_days()).status_code == 303
    assert folded in own.page()
    assert folded not in screen.page()
    assert own.sign().status_code == 303
    assert handoff.state is HandoffState.ACCEPTED
