"""The declaration that a signature here binds: signed with the first signature, once for each
version; without it nothing is signed, on any road."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from registry.admin.erasing import erase_subject
from registry.admin.erasing_plan import plan_erasure
from registry.core.db import db
from registry.core.errors import Refused
from registry.core.times import utc_now
from registry.ledger.entries import content_of, entries_of
from registry.ledger.verify import verify
from registry.people import declaration
from registry.people.erasures import Subject
from registry.people.models import Person, Role, Signature
from registry.people.signing import declare
from registry.tickets.service import Making, make_move
from tests.factories import NOW, PASSWORD, a_person, a_signing, a_ticket
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled, shown, signed


def undeclared(person: Person) -> Person:
    person.declared_version, person.declared_at = 0, None
    db.session.flush()
    return person


def declarations() -> list[Signature]:
    return list(db.session.scalars(select(Signature).where(Signature.act == "declare")))


def codes(error: Any) -> list[str]:
    return [reason.code for reason in error.value.reasons]


def test_signed_by_itself_it_stands_in_the_own_chain(session):
    person = a_person(Role.ENGINEER, declared_version=0, declared_at=None, language="ru")
    signature = declare(a_signing(person), now=NOW)
    assert (person.declared_version, person.declared_at) == (declaration.VERSION, NOW)
    entry = entries_of(person.chain)[-1]
    said = content_of(entry)
    assert (entry.kind, said["version"]) == ("declared", declaration.VERSION)
    assert said["signatures"][0]["statement"] == signature.statement_hash
    statement = json.loads(signature.statement)
    assert statement["text"] == declaration.declaration_text("ru")
    assert (statement["chain"], statement["signer"]) == (person.chain, person.ref)


def test_verify_knows_the_signature(session):
    declare(a_signing(a_person(declared_version=0)), now=NOW)
    assert verify(verifier=None).is_sound


def test_it_is_signed_once(session):
    person = a_person(declared_version=0)
    declare(a_signing(person), now=NOW)
    with pytest.raises(Refused) as error:
        declare(a_signing(person), now=NOW)
    assert codes(error) == ["declared_already"]


def test_it_needs_a_proof(session):
    person = a_person(declared_version=0)
    with pytest.raises(Refused) as error:
        declare(a_signing(person, proof=None), now=NOW)
    assert codes(error) == ["no_proof"]


def test_without_it_nothing_is_signed(house):
    ticket = a_ticket(house, "accepted")
    engineer = undeclared(ticket.holder)
    with pytest.raises(Refused) as error:
        make_move(ticket, Making("start"), by=engineer, signing=a_signing(engineer), now=NOW)
    assert codes(error) == ["not_declared"]
    assert error.value.reasons[0].params["name"] == engineer.name
    assert ticket.state == "accepted"


@pytest.mark.parametrize("shown", [0, declaration.VERSION + 1])
def test_only_the_version_in_force_counts(house, shown):
    ticket = a_ticket(house, "accepted")
    engineer = undeclared(ticket.holder)
    with pytest.raises(Refused) as error:
        make_move(ticket, Making("start"), by=engineer, now=NOW,
                  signing=a_signing(engineer, declares=shown))
    assert codes(error) == ["not_declared"]


def test_the_first_signature_signs_it_too(house):
    ticket = a_ticket(house, "accepted")
    engineer = undeclared(ticket.holder)
    signing = a_signing(engineer, declares=declaration.VERSION)
    make_move(ticket, Making("start"), by=engineer, signing=signing, now=NOW)
    assert (ticket.state, len(declarations())) == ("in_fix", 1)
    assert engineer.declared_version == declaration.VERSION


def test_a_new_version_is_signed_anew(house, monkeypatch):
    ticket = a_ticket(house, "accepted")
    engineer = ticket.holder
    monkeypatch.setattr(declaration, "VERSION", declaration.VERSION + 1)
    with pytest.raises(Refused) as error:
        make_move(ticket, Making("start"), by=engineer, signing=a_signing(engineer), now=NOW)
    assert codes(error) == ["not_declared"]


def form_of(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
                ) | dict(re.findall(
                    r'<input[^>]*name="([^"]+)"[^>]*type="hidden"[^>]*value="([^"]*)"', page))


def test_the_page_of_an_act_shows_it_once_and_one_password_signs_both(house, sign_in):
    ticket = a_ticket(house, "accepted")
    engineer = undeclared(ticket.holder)
    client, address = sign_in(engineer), f"/tickets/{ticket.number}/moves/start"
    page = client.get(address).text
    assert declaration.declaration_text("en").split("\n")[0] in page
    done = client.post(address, data=form_of(page) | {"password": PASSWORD})
    assert done.status_code == 303
    assert len(declarations()) == 1
    assert "declares_" not in client.get(f"/tickets/{ticket.number}/moves/hold").text


def test_a_refused_act_declares_nothing_and_asks_again(house, sign_in):
    ticket = a_ticket(house, "in_fix")
    engineer = undeclared(ticket.holder)
    client, address = sign_in(engineer), f"/tickets/{ticket.number}/moves/hold"
    page = client.get(address).text
    refused = client.post(address, data=form_of(page) | {"password": PASSWORD, "reason": "Waits"})
    assert refused.status_code == 422
    assert "Waits" in refused.text
    assert f'name="declares_{engineer.id}"' in refused.text
    assert not declarations()


def test_a_page_that_did_not_show_it_is_refused_by_name(house, sign_in):
    ticket = a_ticket(house, "accepted")
    engineer = undeclared(ticket.holder)
    client, address = sign_in(engineer), f"/tickets/{ticket.number}/moves/start"
    form = form_of(client.get(address).text)
    form.pop(f"declares_{engineer.id}")
    refused = client.post(address, data=form | {"password": PASSWORD})
    assert refused.status_code == 422
    assert "/account/declaration" in refused.text


def test_the_account_leads_to_it_and_says_when_it_was_signed(session, sign_in):
    person = a_person(Role.COMMERCIAL_DIRECTOR, declared_version=0, declared_at=None)
    client = sign_in(person)
    assert "Sign the declaration" in client.get("/account").text
    page = client.get("/account/declaration").text
    wrong = client.post("/account/declaration", data=form_of(page) | {"password": "another"})
    assert (wrong.status_code, person.declared_version) == (422, 0)
    done = client.post("/account/declaration", data=form_of(page) | {"password": PASSWORD})
    assert (done.status_code, person.declared_version) == (303, declaration.VERSION)
    for address in ("/account", "/account/declaration"):
        assert "You signed the declaration" in client.get(address).text
    again = client.post("/account/declaration", data=form_of(page) | {"password": PASSWORD})
    assert (again.status_code, len(declarations())) == (200, 1)


def test_one_touch_of_a_passkey_signs_it_and_the_act(at_a_name, house, sign_in):
    ticket, device = a_ticket(house, "accepted"), Authenticator()
    enrolled(house.engineer, device, now=utc_now())
    client, address = sign_in(undeclared(house.engineer)), f"/tickets/{ticket.number}/moves/start"
    form = form_of(client.get(address).text)
    told = shown(client, address, form).json
    assert [each["act"] for each in told["statements"]] == ["declare", "start"]
    assert not declarations()
    done = client.post(address, data={**form, **signed(told, device)})
    assert (done.status_code, ticket.state) == (303, "in_fix")
    assert [each.method for each in declarations()] == ["passkey"]
    assert verify(verifier=None).is_sound


def test_its_own_page_takes_a_passkey_too(at_a_name, house, sign_in):
    device = Authenticator()
    enrolled(house.engineer, device, now=utc_now())
    client, address = sign_in(undeclared(house.engineer)), "/account/declaration"
    form = form_of(client.get(address).text)
    told = shown(client, address, form).json
    assert [each["act"] for each in told["statements"]] == ["declare"]
    assert client.post(address, data={**form, **signed(told, device)}).status_code == 303
    assert [each.method for each in declarations()] == ["passkey"]


def test_erasing_who_declared_leaves_a_chain_that_verifies(house):
    left = a_person(Role.ENGINEER, name="Zzeta Quuxova", declared_version=0, is_active=False)
    declare(a_signing(left), now=NOW)
    plan = plan_erasure(Subject.PERSON, left, further=(), tickets=False)
    erase_subject(plan, reason="Request of 24 November", by=house.administrator, now=NOW,
                  signing=a_signing(house.administrator))
    assert left.name != "Zzeta Quuxova"
    assert [each.signer_id for each in declarations()] == [left.id]
    assert verify(verifier=None).is_sound
