"""Who is at the screen, whether the page is theirs, and proving who signs: used by all views.

What a role may do at all stands in permissions.py; what may be done with one ticket is decided
by its lifecycle. Every page asks for signing in unless it says ``open_to_all`` (gate.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import request
from flask_login import current_user

from registry.core.db import atomic
from registry.core.errors import Reason
from registry.core.languages import language
from registry.people.models import Person
from registry.people.passwords import matches, usable_hash
from registry.people.permissions import PERMISSIONS, may, require
from registry.people.proof import Proof, begin_attempt, finish_attempt
from registry.people.signing import Signing

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
    return bool(current_user and current_user.is_authenticated) and may(me(), permission)


def open_to_all(view: View) -> View:
    """Mark a view as open to people who are not signed in."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def address() -> str:
    """Where the request comes from, for throttling and the list of sessions."""
    return request.remote_addr or ""


def signing_by(
    person: Person, secret: str, *, nonce: str, now: datetime, shown_head: str = ""
) -> Signing:
    """What a verb needs for the person's signature: the password proved again, or why not.

    Call it *before* the ``atomic()`` of the verb: the attempt is kept in transactions of its own
    even where the act is refused, and the slow hash holds no lock. Whoever signs need not be the
    person at the screen: giver, receiver and witness may sign at one.
    """
    outcome = prove_at_edge(person, secret, login=person.login, purpose="sign", now=now)
    if isinstance(outcome, Reason):
        return Signing(person, None, nonce, shown_head, language(), outcome)
    return Signing(person, outcome, nonce, shown_head, language())


def prove_at_edge(
    person: Person | None, secret: str, *, login: str, purpose: str, now: datetime
) -> Proof | Reason:
    """The proof that ``secret`` is the person's password, or why there is none.

    Ends the transaction that stands: nothing may be half done when it is called.
    """
    person_id, stored = person.id if person else None, usable_hash(person)
    with atomic():
        attempt = begin_attempt(login, purpose=purpose, address=address(), now=now)
        if isinstance(attempt, Reason):
            return attempt
        attempt_id = attempt.id
    good = matches(stored, secret)
    with atomic():
        return finish_attempt(attempt_id, person_id if good else None)
