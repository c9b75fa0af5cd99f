"""A cookie is worth nothing once its session is over, and travels only where it should. Planted and
forged cookies: tests/registry/people/test_signing_in.py and test_gate.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from registry.core.db import db
from registry.core.times import utc_now
from registry.people import credentials, gate, session_access, sessions, sign_in_views
from registry.people.credentials import issue_password
from registry.people.models import Person, SignInSession
from tests.factories import PASSWORD, a_person


def copied(client: Any) -> str:
    """The session's cookie as somebody copied it."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    return str(cookie.value)


def with_cookie(new_client: Callable[[], Any], cookie: str) -> Any:
    thief = new_client()
    thief.set_cookie("session", cookie)
    return thief.get("/account")


def status_with(new_client: Callable[[], Any], cookie: str) -> int:
    return int(with_cookie(new_client, cookie).status_code)


def test_a_copied_cookie_ends_with_its_session(
    session: Session, sign_in: Callable[..., Any], new_client: Callable[[], Any]
) -> None:
    client = sign_in(a_person())
    cookie = copied(client)
    assert status_with(new_client, cookie) == 200
    client.post("/sign-out")
    assert status_with(new_client, cookie) == 303


def test_if_signing_out_only_forgot_the_cookie_a_copy_would_live_on(
    session: Session, sign_in: Callable[..., Any], new_client: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(_session_id: str, *, now: datetime) -> None:
        """Leaves the row of the session as it is."""

    client = sign_in(a_person())
    cookie = copied(client)
    monkeypatch.setattr(sign_in_views, "sign_out", forgetful)
    client.post("/sign-out")
    assert status_with(new_client, cookie) == 200


def plant(client: Any) -> None:
    """What somebody put into the browser before its owner signs in."""
    with client.session_transaction() as cookie:
        cookie["sign_in"], cookie["planted"] = "known to the thief", "x"


def planted(client: Any) -> set[str]:
    with client.session_transaction() as cookie:
        return {"known to the thief", "x"} & set(map(str, cookie.values()))


def enter(client: Any, person: Person) -> None:
    answer = client.post("/sign-in", data={"login": person.login, "password": PASSWORD})
    assert answer.status_code == 303


def test_nothing_that_was_planted_before_signing_in_is_there_afterwards(
    session: Session, client: Any
) -> None:
    plant(client)
    enter(client, a_person())
    assert planted(client) == set()


def test_if_signing_in_only_marked_the_session_what_was_planted_would_stay(
    session: Session, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in_views, "keep_session", lambda _new_id, _language: None)
    plant(client)
    enter(client, a_person())
    assert planted(client) == {"known to the thief", "x"}


ENDS: dict[str, Callable[[Person, Any], object]] = {
    "own password": lambda person, client: client.post("/account/password", data={
        "old": PASSWORD, "new": "an own secret", "again": "an own secret"}),
    "one-time password": lambda person, client: issue_password(person, by=None, now=utc_now()),
    "deactivation": lambda person, client: setattr(person, "is_active", False),
    "its time": lambda person, client: expire_all_of(person),
}
# What stands against each, taken away.
AWAY: dict[str, tuple[Any, str, Callable[..., object]]] = {
    "own password": (credentials, "end_sessions", lambda *_args, **_values: None),
    "one-time password": (credentials, "end_sessions", lambda *_args, **_values: None),
    "deactivation": (gate, "session_with_person", lambda *args, **values: as_if_at_work(
        sessions.session_with_person(*args, **values))),
    "its time": (sessions, "_is_in_force", lambda *_args: True),
}


def as_if_at_work(standing: SignInSession | None) -> SignInSession:
    assert standing is not None
    set_committed_value(standing.person, "is_active", True)
    return standing


def expire_all_of(person: Person) -> None:
    for row in db.session.query(SignInSession).filter_by(person_id=person.id):
        row.expires_at = utc_now() - timedelta(seconds=1)


@pytest.mark.parametrize("end", list(ENDS))
@pytest.mark.parametrize("defended", [True, False])
def test_a_stolen_cookie_is_worth_nothing_after_it_and_would_be_without_the_defence(
    session: Session, sign_in: Callable[..., Any], new_client: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch, end: str, defended: bool
) -> None:
    person = a_person()
    stolen, owner = copied(sign_in(person)), sign_in(person)
    if not defended:
        monkeypatch.setattr(*AWAY[end])
    ENDS[end](person, owner)
    session.flush()
    answer = with_cookie(new_client, stolen)
    assert (answer.status_code, (answer.location or "").partition("?")[0]) == (
        (303, "/sign-in") if defended else LEFT_OPEN[end])


# A one-time password has to be changed first, whoever sits at the screen.
LEFT_OPEN = dict.fromkeys(ENDS, (200, "")) | {"one-time password": (303, "/account/password")}


def test_a_cookie_is_ours_only_under_our_key(
    app: Flask, session: Session, sign_in: Callable[..., Any], new_client: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever knew the id of a session could forge its cookie only with the key that signs it."""
    person = a_person()
    sign_in(person)
    (row,) = session.query(SignInSession).filter_by(person_id=person.id)
    for key, status in (("guessed", 303), (app.config["SECRET_KEY"], 200)):
        forger = Flask("forger")
        forger.secret_key = key
        serializer = forger.session_interface.get_signing_serializer(forger)  # type: ignore[attr-defined]
        assert status_with(new_client, serializer.dumps({session_access.KEY: row.id})) == status


@pytest.mark.parametrize(("base_url", "secure"), [
    ("https://registry.example.org", True), ("http://localhost:8000", False)])
def test_behind_tls_cookies_leave_by_tls_only(
    make_app: Callable[..., Flask], base_url: str, secure: bool
) -> None:
    answer = make_app(base_url=base_url).test_client().get("/sign-in")
    cookies = answer.headers.getlist("Set-Cookie")
    own = "__Host-session" if secure else "session"  # so named, no neighbouring host can plant it
    assert {each.partition("=")[0] for each in cookies} == {own, "seen"}
    for cookie in cookies:
        assert ("Secure" in cookie) is secure
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain" not in cookie
        assert "Path=/" in cookie
    assert ("Strict-Transport-Security" in answer.headers) is secure


def test_the_cookie_says_nothing_of_the_password(
    session: Session, sign_in: Callable[..., Any]
) -> None:
    client = sign_in(a_person())
    with client.session_transaction() as cookie:
        assert set(cookie) <= {"sign_in", "language", "_permanent", "csrf_token", "_flashes"}
        assert PASSWORD not in str(dict(cookie))
