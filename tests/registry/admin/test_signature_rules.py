"""The rules of signatures: who changes them, what is refused, what stands in the ledger, and that
they bind the next signature."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from registry.cli import cli
from registry.core.db import db
from registry.core.errors import Forbidden, Refused
from registry.core.times import utc_now
from registry.ledger.entries import content_of, entries_of
from registry.ledger.verify import verify
from registry.people.models import Person
from registry.people.passkey_counts import holders
from registry.people.proof import Proof
from registry.people.rule_models import MINUTES, signature_rules
from registry.tickets.requirements import asked_for
from registry.tickets.signature_rules import MOST_MINUTES, WantedRules, change_signature_rules
from tests.factories import NOW, PASSWORD, House, a_person, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled

RULES = "/settings/signatures"

@pytest.fixture
def house(at_a_name: Flask, session: Any) -> House:
    return House()


def proof(person: Person, method: str = "password") -> Proof:
    return Proof(person.id, method, NOW, "127.0.0.1")


def change(house: House, *names: str, minutes: int | None = MINUTES, by: Person | None = None,
           method: str = "password") -> None:
    by = by or house.administrator
    change_signature_rules(WantedRules(minutes, frozenset(names)), by=by, proved=proof(by, method),
                           now=NOW)


def codes(error: Any) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def test_in_a_new_registry_ten_minutes_and_no_passkeys(session: Any) -> None:
    rules = signature_rules()
    assert (rules.unbroken_minutes, rules.passkeys_for) == (10, [])


def test_a_change_is_in_force_and_in_the_ledger(house: House) -> None:
    for person in (house.administrator, house.registrar):
        enrolled(person, Authenticator())
    change(house, "role:registrar", "move:hold", minutes=30)
    rules = signature_rules()
    assert (rules.unbroken_minutes, asked_for()) == (30, {"role:registrar", "move:hold"})
    entry = entries_of(rules.chain)[-1]
    assert (entry.kind, entry.actor) == ("signature_rules_changed", house.administrator.ref)
    assert content_of(entry) == {"unbroken_minutes": 30,
                                 "passkeys_for": ["move:hold", "role:registrar"]}
    change(house, "move:hold", minutes=0, method="passkey")
    assert [each.seq for each in entries_of(rules.chain)] == [1, 2]
    assert verify(verifier=None).is_sound


def test_only_an_administrator_changes_them(house: House) -> None:
    with pytest.raises(Forbidden):
        change(house, by=house.deputy)


@pytest.mark.parametrize("minutes", [None, -1, MOST_MINUTES + 1])
def test_minutes_are_a_number_that_makes_sense(house: House, minutes: int | None) -> None:
    with pytest.raises(Refused) as error:
        change(house, minutes=minutes)
    assert codes(error) == ["minutes_wrong"]


@pytest.mark.parametrize("name", ["role:enginer", "tier:gold", "move:fly", "hold"])
def test_what_does_not_exist_is_not_asked_for(house: House, name: str) -> None:
    enrolled(house.administrator, Authenticator())
    with pytest.raises(Refused) as error:
        change(house, name)
    assert "requirement_unknown" in codes(error)


def test_it_needs_the_administrators_proof(house: House) -> None:
    with pytest.raises(Refused) as error:
        change_signature_rules(WantedRules(5, frozenset()), by=house.administrator,
                               proved=proof(house.engineer), now=NOW)
    assert codes(error) == ["no_proof"]


def test_nobody_is_locked_out(house: House) -> None:
    enrolled(house.administrator, Authenticator())
    with pytest.raises(Refused) as error:
        change(house, "role:engineer")
    assert codes(error) == ["nobody_could_sign"]
    enrolled(house.engineer, Authenticator())
    change(house, "role:engineer")
    assert asked_for() == {"role:engineer"}


def test_whoever_asks_for_passkeys_has_one(house: House) -> None:
    enrolled(house.engineer, Authenticator())
    with pytest.raises(Refused) as error:
        change(house, "role:engineer")
    assert codes(error) == ["no_own_passkey"]


def test_where_the_address_allows_none_none_is_asked_for(app: Flask, session: Any) -> None:
    house = House()
    with pytest.raises(Refused) as error:
        change(house, "move:hold")
    assert codes(error) == ["no_passkeys_here", "no_own_passkey", "nobody_could_sign"]


def test_a_password_takes_nothing_away(house: House) -> None:
    enrolled(house.administrator, Authenticator())
    change(house, "move:hold")
    with pytest.raises(Refused) as error:
        change(house)
    assert codes(error) == ["passkey_takes_away"]
    change(house, method="passkey")
    assert not asked_for()


def test_what_the_installation_asks_for_stays(at_a_name: Flask, house: House) -> None:
    at_a_name.config["SETTINGS"] = replace(at_a_name.config["SETTINGS"],
                                           passkeys_for=("move:hold",))
    change(house, minutes=20)
    assert (asked_for(), signature_rules().passkeys_for) == ({"move:hold"}, [])


def test_the_counts_say_who_could_not_sign(house: House) -> None:
    enrolled(house.engineer, Authenticator())
    a_person(is_active=False, name="Has Left")
    counted = holders().of("role:engineer")
    assert (counted.able, counted.people) == (1, 2)
    assert counted.lacking == (house.other_engineer.name,)
    everybody = holders().of("move:hold")
    assert everybody.people == 10
    assert "Has Left" not in everybody.lacking


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(nonce|shown_head)"[^>]*value="([^"]*)"', page))


def test_what_is_ticked_on_the_page_binds_the_next_signature(house: House, sign_in: Any) -> None:
    for person in (house.administrator, house.engineer):
        enrolled(person, Authenticator(), now=utc_now())
    ticket = a_ticket(house, "in_fix")
    administrator = sign_in(house.administrator)
    page = administrator.get(RULES).text
    assert house.other_engineer.name in page
    refused = administrator.post(RULES, data={"minutes": "15", "passkeys_for": ["move:hold"],
                                              "password": "wrong"})
    assert refused.status_code == 422
    assert 'value="move:hold" checked' in refused.text
    done = administrator.post(RULES, data={"minutes": "15", "passkeys_for": ["move:hold"],
                                           "password": PASSWORD})
    assert done.status_code == 303
    assert house.administrator.name in administrator.get(RULES).text
    engineer, address = sign_in(house.engineer), f"/tickets/{ticket.number}/moves/hold"
    form = {"reason": "A part", "until": "2099-01-01T10:00", "password": PASSWORD}
    answer = engineer.post(address, data={**form, **hidden(engineer.get(address).text)})
    assert (answer.status_code, ticket.state) == (422, "in_fix")
    assert "This step is signed with a passkey" in answer.text


def test_the_operator_takes_away_what_nobody_can_any_more(house: House, app: Flask) -> None:
    enrolled(house.administrator, Authenticator())
    change(house, "move:hold")
    answer = app.test_cli_runner().invoke(cli, ["signature-rules", "change", "--minutes", "5"])
    assert answer.exit_code == 0, answer.output
    db.session.expire_all()
    assert (signature_rules().unbroken_minutes, asked_for()) == (5, frozenset())
    assert entries_of(signature_rules().chain)[-1].actor == "system"
