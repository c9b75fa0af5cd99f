"""Passkeys: enrolled, used and revoked by whoever they belong to, on a page of ours, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.errors import Forbidden, Refused
from registry.ledger.entries import content_of, entries_of
from registry.people.assertions import key_text
from registry.people.models import Role, SignInAttempt, SignInSession
from registry.people.passkey_models import Passkey, PasskeyChallenge
from registry.people.passkeys import (
    LASTS,
    Enrolling,
    ask_for,
    enrol_passkey,
    passkeys_of,
    revoke_passkey,
    spend,
)
from registry.people.proof import FAILURES_OF_ACCOUNT, Proof
from registry.people.relying import Relying, relying_party
from registry.people.service import deactivate_person
from tests.factories import NOW, PASSWORD, a_person
from tests.ground.authenticator import ATTESTED, PRESENT, Authenticator
from tests.ground.passkeys import enrolled

SignIn = Callable[..., Any]


def proof_of(person: Any) -> Proof:
    return Proof(person.id, "password", NOW, "127.0.0.1")


def enter(client: Any, device: Authenticator) -> Any:
    """Sign in as the page does it."""
    options = client.post("/sign-in/passkey/ask").get_json()
    return client.post("/sign-in/passkey", data={
        "passkey": json.dumps(device.answered(options["challenge"]))})


def kinds(person: Any) -> list[str]:
    return [each.kind for each in entries_of(person.chain)]


@pytest.mark.parametrize(("base_url", "expected"), [
    ("https://registry.example", Relying("registry.example", "https://registry.example")),
    ("https://Registry.Example:8443", Relying("registry.example",
                                              "https://registry.example:8443")),
    ("http://localhost:8000", Relying("localhost", "http://localhost:8000")),
    ("http://registry.example", None), ("https://10.0.0.7", None),
    ("http://127.0.0.1:8000", None)])
def test_a_browser_makes_passkeys_for_a_name_that_nobody_listens_in_to(
    app: Flask, base_url: str, expected: Relying | None
) -> None:
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, base_url=base_url)
    try:
        with app.app_context():
            assert relying_party() == expected
    finally:
        app.config["SETTINGS"] = before


def test_a_passkey_is_enrolled_with_the_password_and_its_key_stands_in_the_chain(
    at_a_name: Flask, session: Session, sign_in: SignIn
) -> None:
    person, device = a_person(), Authenticator()
    client = sign_in(person)
    options = client.post("/account/passkeys/ask", data={"purpose": "enrol"}).get_json()
    assert options["authenticatorSelection"]["userVerification"] == "required"
    answer = client.post("/account/passkeys/new", data={
        "name": " My  phone ", "password": PASSWORD, "passkey": device.made(options)})
    assert (answer.status_code, answer.location) == (303, "/account")
    (passkey,) = passkeys_of(person)
    content = content_of(entries_of(person.chain)[-1])
    assert content["credential"] == passkey.credential_id
    assert content["key"] == key_text(passkey.public_key)
    assert content["label"].startswith("seal:")
    page = client.get("/account").text
    assert "My phone" in page
    assert "not used yet" in page


@pytest.mark.parametrize(("changes", "said"), [
    ({"password": "wrong"}, "The password is wrong"), ({"name": " "}, "Give the passkey a name"),
    ({"name": "n" * 61}, "at most 60"), ({"passkey": ""}, "made no passkey"),
    ({"passkey": "{}"}, "made no passkey"), ({"passkey": "[1"}, "made no passkey"),
    ({"passkey": "[" * 50_000}, "made no passkey")],
    ids=["password", "blank", "long", "none", "empty", "cut_short", "deep"])
def test_nothing_is_enrolled_without_proof_name_and_key(
    at_a_name: Flask, session: Session, sign_in: SignIn, changes: dict[str, str], said: str
) -> None:
    person, device = a_person(), Authenticator()
    client = sign_in(person)
    options = client.post("/account/passkeys/ask", data={"purpose": "enrol"}).get_json()
    answer = client.post("/account/passkeys/new", data={
        "name": "Phone", "password": PASSWORD, "passkey": device.made(options)} | changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert passkeys_of(person) == []


@pytest.mark.parametrize("wrong", [
    {"origin": "http://elsewhere:8000"}, {"relying": "elsewhere"}, {"flags": PRESENT | ATTESTED}],
    ids=["origin", "relying", "unverified"])
def test_a_passkey_of_another_page_or_without_verification_is_not_enrolled(
    at_a_name: Flask, session: Session, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Refused, match="made no passkey"):
        enrolled(a_person(), Authenticator(**wrong))


def test_a_key_of_another_curve_is_not_enrolled(at_a_name: Flask, session: Session) -> None:
    """What is signed with SHA-256 is signed on the curve of that size: so every verifier has it."""
    with pytest.raises(Refused):
        enrolled(a_person(), Authenticator(key=ec.generate_private_key(ec.SECP384R1())))


def test_a_challenge_enrols_once_and_only_whom_it_was_asked_for(
    at_a_name: Flask, session: Session
) -> None:
    person, other, device = a_person(), a_person(), Authenticator()
    sent = device.made(ask_for("enrol", person, now=NOW))
    with pytest.raises(Refused, match="made no passkey"):
        enrol_passkey(other, Enrolling(sent, "Mine"), proved=proof_of(other), now=NOW)
    enrol_passkey(person, Enrolling(sent, "Mine"), proved=proof_of(person), now=NOW)
    with pytest.raises(Refused, match="made no passkey"):
        enrol_passkey(person, Enrolling(sent, "Mine"), proved=proof_of(person), now=NOW)


def test_a_passkey_that_is_known_is_not_enrolled_again(at_a_name: Flask, session: Session) -> None:
    device = Authenticator()
    enrolled(a_person(), device)
    with pytest.raises(Refused, match="known here already"):
        enrolled(a_person(), device)


def test_a_challenge_is_over_after_a_while_and_is_cleared_away(
    at_a_name: Flask, session: Session
) -> None:
    challenge = PasskeyChallenge(challenge="AAAA", purpose="sign_in", expires_at=NOW + LASTS)
    session.add(challenge)
    session.flush()
    assert not spend(b"\0\0\0", "sign_in", None, now=NOW + LASTS + timedelta(seconds=1))
    assert not spend(b"\0\0\0", "confirm", None, now=NOW)
    assert not spend(b"\0\0\0", "sign_in", a_person(), now=NOW)
    assert spend(b"\0\0\0", "sign_in", None, now=NOW)
    assert not spend(b"\0\0\0", "sign_in", None, now=NOW)
    ask_for("sign_in", None, now=NOW + LASTS * 2)
    assert len(session.scalars(select(PasskeyChallenge)).all()) == 1


def test_somebody_signs_in_with_a_passkey_and_without_a_name(
    at_a_name: Flask, session: Session, client: Any
) -> None:
    person, device = a_person(language="ru"), Authenticator(count=7)
    enrolled(person, device)
    device.count = 8
    answer = enter(client, device)
    assert (answer.status_code, answer.location) == (303, "/")
    assert 'lang="ru"' in client.get("/account").text
    (standing,) = session.scalars(select(SignInSession))
    assert standing.person_id == person.id
    (attempt,) = session.scalars(select(SignInAttempt))
    assert (attempt.login, attempt.purpose, attempt.succeeded) == (
        person.login, "passkey_in", True)
    assert session.scalars(select(Passkey)).one().sign_count == 8


@pytest.mark.parametrize("wrong", [
    {"origin": "http://elsewhere:8000"}, {"relying": "elsewhere"}, {"flags": PRESENT},
    {"key": Authenticator().key}, {"id": b"another credential"}],
    ids=["origin", "relying", "unverified", "key", "unknown"])
def test_a_wrong_answer_signs_nobody_in_and_is_written_down(
    at_a_name: Flask, session: Session, client: Any, wrong: dict[str, Any]
) -> None:
    device = Authenticator()
    enrolled(a_person(), device)
    answer = enter(client, replace(device, **wrong))
    assert answer.status_code == 422
    assert "assert" not in answer.text
    assert session.scalars(select(SignInSession)).all() == []
    (attempt,) = session.scalars(select(SignInAttempt))
    assert not attempt.succeeded


@pytest.mark.parametrize("added", ["\ud800", "\0", "A", "="], ids=ascii)
def test_an_answer_under_a_name_that_is_not_its_own_is_none(
    at_a_name: Flask, session: Session, client: Any, added: str
) -> None:
    device = Authenticator()
    enrolled(a_person(), device)
    options = client.post("/sign-in/passkey/ask").get_json()
    given = device.answered(options["challenge"])
    answer = client.post("/sign-in/passkey", data={
        "passkey": json.dumps(given | {"id": given["id"] + added})})
    assert answer.status_code == 422
    assert "answer is not right" in answer.text
    (attempt,) = session.scalars(select(SignInAttempt))
    assert (attempt.login, attempt.purpose, attempt.succeeded) == ("", "passkey_in", False)


def test_an_answer_signs_in_once(at_a_name: Flask, session: Session, client: Any) -> None:
    device = Authenticator()
    enrolled(a_person(), device)
    options = client.post("/sign-in/passkey/ask").get_json()
    sent = {"passkey": json.dumps(device.answered(options["challenge"]))}
    assert client.post("/sign-in/passkey", data=sent).status_code == 303
    client.post("/sign-out")
    assert client.post("/sign-in/passkey", data=sent).status_code == 422


def test_wrong_answers_slow_the_next_as_wrong_passwords_do(
    at_a_name: Flask, session: Session, client: Any
) -> None:
    person, device = a_person(), Authenticator()
    enrolled(person, device)
    for _ in range(FAILURES_OF_ACCOUNT):
        enter(client, replace(device, flags=PRESENT))
    assert "Wait 15 minutes" in enter(client, device).text
    answer = client.post("/sign-in", data={"login": person.login, "password": PASSWORD})
    assert "Wait 15 minutes" in answer.text


def test_a_counter_that_went_back_is_refused_and_entered_in_the_chain(
    at_a_name: Flask, session: Session, client: Any
) -> None:
    person, device = a_person(), Authenticator(count=5)
    enrolled(person, device)
    answer = enter(client, device)
    assert answer.status_code == 422
    assert "its count went back" in answer.text
    assert content_of(entries_of(person.chain)[-1])["came"] == 5
    assert kinds(person)[-1] == "passkey_doubted"


def test_a_revoked_passkey_and_one_of_somebody_who_left_prove_nothing(
    at_a_name: Flask, session: Session, client: Any
) -> None:
    person, administrator, device = a_person(), a_person(Role.ADMINISTRATOR), Authenticator()
    passkey = enrolled(person, device)
    revoke_passkey(passkey, by=person, proved=proof_of(person), now=NOW)
    assert "not known here, or was revoked" in enter(client, device).text
    other = a_person()
    last = enrolled(other, Authenticator())
    deactivate_person(other, by=administrator, now=NOW)
    assert last.revoked_at == NOW
    assert kinds(other)[-2:] == ["person_left", "passkey_revoked"]


def test_revoking_asks_for_the_own_password_or_another_passkey(
    at_a_name: Flask, session: Session, sign_in: SignIn
) -> None:

    person, device = a_person(), Authenticator()
    first, second = enrolled(person, device), enrolled(person, Authenticator())
    client = sign_in(person)
    assert client.post(f"/passkeys/{second.id}/revoke",
                       data={"password": "wrong"}).status_code == 422
    options = client.post("/account/passkeys/ask", data={"purpose": "confirm"}).get_json()
    answer = client.post(f"/passkeys/{second.id}/revoke", data={
        "confirmation": json.dumps(device.answered(options["challenge"]))})
    assert answer.status_code == 303
    assert client.post(f"/passkeys/{first.id}/revoke",
                       data={"password": PASSWORD}).status_code == 303
    assert passkeys_of(person) == []
    assert client.post(f"/passkeys/{first.id}/revoke",
                       data={"password": PASSWORD}).status_code == 422


def test_only_an_administrator_revokes_the_passkey_of_another(
    at_a_name: Flask, session: Session, sign_in: SignIn
) -> None:
    person, administrator = a_person(), a_person(Role.ADMINISTRATOR)
    passkey = enrolled(person, Authenticator())
    with pytest.raises(Forbidden):
        revoke_passkey(passkey, by=a_person(), proved=proof_of(a_person()), now=NOW)
    assert sign_in(a_person()).get(f"/passkeys/{passkey.id}/revoke").status_code == 403
    client = sign_in(administrator)
    assert "My phone" in client.get(f"/people/{person.id}").text
    answer = client.post(f"/passkeys/{passkey.id}/revoke", data={"password": PASSWORD})
    assert answer.location == f"/people/{person.id}"
    entry = entries_of(person.chain)[-1]
    assert (entry.kind, entry.actor) == ("passkey_revoked", administrator.ref)


def test_where_the_address_allows_none_the_page_says_so(
    session: Session, sign_in: SignIn, client: Any
) -> None:
    page = sign_in(a_person()).get("/account/passkeys/new")
    assert "need an address with a name and https" in page.text
    answer = client.post("/sign-in/passkey/ask")
    assert (answer.status_code, answer.mimetype) == (422, "application/json")
    assert "Sign in with a passkey" not in client.get("/sign-in").text
