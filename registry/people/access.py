"""Who is at the screen, whether the page is theirs, and proving who signs: used by all views.

What a role may do at all stands in permissions.py; what may be done with one ticket is decided
by its lifecycle. Every page asks for signing in unless it says ``open_to_all`` (gate.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import g, request
from flask_login import current_user

from registry.core.db import atomic, undone
from registry.core.errors import Reason, Refused, refuse_if
from registry.core.languages import language
from registry.core.words import N_
from registry.people.assertions import Assertion, Given, key_text, read_given, read_sent
from registry.people.ceremony import declared_here, login_typed
from registry.people.models import Person
from registry.people.nonces import STALE, is_nonce
from registry.people.passkeys import (
    WRONG,
    our_party,
    passkey_by_credential,
    spend,
    use_passkey,
)
from registry.people.passwords import matches, usable_hash
from registry.people.permissions import PERMISSIONS, may, require
from registry.people.proof import Proof, begin_attempt, finish_attempt
from registry.people.queries import person_by_id
from registry.people.rules import login_key
from registry.people.session_access import asks_login, is_guest, note_proved
from registry.people.signing import Showing, Signing, signed_before

LOGIN_ASKED = Reason("login_missing", N_("You last proved a while ago who you are: give your login "
                                         "as well as the password."), field="password")
GUEST = N_("%(name)s is not signed in here: the login is asked as well as the password.")

P = ParamSpec("P")
R = TypeVar("R")
View = TypeVar("View", bound=Callable[..., object])


def me() -> Person:
    """The person at the screen. Only for views behind the sign-in, where there always is one."""
    return cast(Person, current_user._get_current_object())


def permitted(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let the view through only to whoever has the permission; others get Forbidden (403).

    Raises KeyError at once, when the view is defined, for a permission that is not in the table.
    """
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            require(me(), permission)
            return view(*args, **kwargs)

        return guarded

    return guard


def can(permission: str) -> bool:
    """For templates: whether the person at the screen has the permission; nobody has none."""
    person = me() if current_user else None
    return person is not None and person.is_authenticated and may(person, permission)


def open_to_all(view: View) -> View:
    """Mark a view as open to people who are not signed in."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def address() -> str:
    """Where the request comes from, for throttling and the list of sessions."""
    return request.remote_addr or ""


def signing_by(
    person: Person, secret: str, *, nonce: str, now: datetime, shown_head: str = "",
    passkey: str = "",
) -> Signing:
    """What a verb needs for the person's signature: the password proved again, or why not.

    ``passkey`` names the field of the form in which a passkey's answer may come instead. Call it
    *before* the ``atomic()`` of the verb: the attempt is kept in transactions of its own even where
    the act is refused, and the slow hash holds no lock. Whoever signs need not be the person at the
    screen: giver, receiver and witness may sign at one.
    """
    signing = Signing(person, None, nonce, shown_head, language(),
                      declares=declared_here(person))
    if not is_nonce(nonce):
        return replace(signing, refusal=STALE)
    if passkey and is_rehearsal():
        return replace(signing, proof=_showing(person, passkey, now))
    sent = request.form.get(passkey, "") if passkey else ""
    outcome = (assertion_at_edge(person, sent, now=now) if sent else
               _password_at_edge(person, secret, now=now))
    if isinstance(outcome, Reason):
        return replace(signing, refusal=outcome)
    return replace(signing, proof=outcome)


def _password_at_edge(person: Person, secret: str, *, now: datetime) -> Proof | Reason:
    """The proof by the password; with the login, where no unbroken session of theirs is here."""
    typed = login_typed(person)
    if not typed and asks_login(person.id, now=now):
        return (Reason("login_missing", GUEST, {"name": person.name}, "password")
                if is_guest(person.id, now=now) else LOGIN_ASKED)
    return prove_at_edge(person, secret, login=person.login, purpose="sign", now=now, typed=typed)


def is_rehearsal() -> bool:
    """Whether the page asks what would be signed; ``rehearse`` names the signature's field."""
    return "rehearse" in request.form


def _showing(person: Person, field: str, now: datetime) -> Showing:
    showing = Showing(person.id, now)
    showings: dict[str, Showing] = g.setdefault("showings", {})
    showings[field] = showing
    return showing


@contextmanager
def rehearsal() -> Iterator[Showing]:
    """Do the block, keep nothing of it, and give the statements of the signature asked for."""
    showings: dict[str, Showing] = g.get("showings", {})
    wanted = found_or_refused(showings.get(request.form.get("rehearse", "")))
    with opened(wanted, showings.values()):
        yield wanted


@contextmanager
def opened(wanted: Showing, showings: Iterable[Showing]) -> Iterator[Showing]:
    """Do the block with the showings open, keep nothing of it, and give the one that is wanted."""
    opening = list(showings)
    with undone():
        for each in opening:
            each.is_open = True
        yield wanted
    for each in opening:
        each.is_open = False


def found_or_refused(showing: Showing | None) -> Showing:
    """The showing. Raises Refused where nobody's signature is asked for."""
    if showing is None:
        raise Refused(Reason("nobody_signs", N_("Nobody signs with a passkey here.")))
    return showing


def all_signed() -> None:
    """Raise Refused where a passkey has signed more than was done. To be called inside of the
    ``atomic()`` of the verb, after it."""
    for assertion in g.get("assertions", ()):
        refuse_if(assertion.leftover)


def assertion_at_edge(person: Person, text: str, *, now: datetime) -> Assertion | Reason:
    """That the person's passkey has signed what was shown, or why it has not; as
    ``prove_at_edge`` in everything else."""
    sent, person_id = read_sent(text), person.id
    attempt_id = _begin_passkey(person, "passkey", now)
    if isinstance(attempt_id, Reason):
        return attempt_id
    with atomic():
        if sent is None or signed_before(sent.statements):
            return Reason("passkey_wrong", WRONG, field="passkey")
        used = use_passkey(attempt_id, sent.given, challenge=sent.given.challenge,
                           person=person_by_id(person_id), now=now, asked=False)
        if isinstance(used, Reason):
            return used
        assertion = Assertion(person_id, sent, key_text(used.public_key), our_party().id)
        note_proved(person_id, now=now, wholly=True)
    g.setdefault("assertions", []).append(assertion)
    return assertion


def passkey_at_edge(
    sent: str, *, purpose: str, person: Person | None, now: datetime
) -> Proof | Reason:
    """The proof by a passkey's answer to a challenge that was asked for ``purpose``, or why there
    is none: to sign in (``person`` is None: whoever comes), or to confirm an act.

    Ends the transaction that stands, as ``prove_at_edge`` does.
    """
    given, person_id = read_given(sent), person.id if person is not None else None
    attempt_id = _begin_passkey(person or _owner_of(given), "passkey_in", now)
    if isinstance(attempt_id, Reason):
        return attempt_id
    with atomic():
        owner = person_by_id(person_id) if person_id is not None else None
        if given is None or not spend(given.challenge, purpose, owner, now=now):
            return Reason("passkey_wrong", WRONG, field="passkey")
        used = use_passkey(attempt_id, given, challenge=given.challenge, person=owner, now=now)
        if isinstance(used, Reason):
            return used
        note_proved(used.person_id, now=now, wholly=True)
        return Proof(used.person_id, "passkey", now, address())


def _owner_of(given: Given | None) -> Person | None:
    passkey = passkey_by_credential(given.credential_id) if given is not None else None
    return passkey.person if passkey is not None else None


def _begin_passkey(person: Person | None, purpose: str, now: datetime) -> int | Reason:
    """The number of the attempt, written down as failed before the answer is judged, be it one or
    none; on nobody's account, where nobody is known by it."""
    login = person.login if person is not None else ""
    with atomic():
        attempt = begin_attempt(login, purpose=purpose, address=address(), now=now)
        return attempt if isinstance(attempt, Reason) else attempt.id


def prove_at_edge(
    person: Person | None, secret: str, *, login: str, purpose: str, now: datetime,
    typed: str = "",
) -> Proof | Reason:
    """The proof that ``secret`` is the person's password, or why there is none.

    ``typed`` is what was given as the login beside it, and has to be theirs; empty where none was.
    Ends the transaction that stands: nothing may be half done when it is called.
    """
    person_id, stored = person.id if person else None, usable_hash(person)
    with atomic():
        attempt = begin_attempt(login, purpose=purpose, address=address(), now=now)
        if isinstance(attempt, Reason):
            return attempt
        attempt_id = attempt.id
    good = matches(stored, secret) and (not typed or login_key(typed) == login)
    with atomic():
        proved = finish_attempt(attempt_id, person_id if good else None, named=bool(typed))
        if isinstance(proved, Proof):
            note_proved(proved.person_id, now=now, wholly=bool(typed))
        return proved
