"""The edge of the API: who calls, what the token opens, and one transaction for one verb.

Only ``Authorization: Bearer`` is looked at: a cookie opens nothing here. Being authenticated never
signs (signing.py). What a POST does is left to the views; that it is done once, whole and on the
ticket that was seen is here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from flask import Response, current_app, g, json, request
from sqlalchemy import select

from registry.api import keys
from registry.api.keys import Done
from registry.api.problems import HasMoved, OutOfScope, Unauthorised
from registry.api.rules import Scope, key_fault
from registry.api.service import is_stale, note_use, token_of
from registry.api.signing import Asked, only_shows, signing_for, what_is_signed
from registry.core.db import atomic, db, noted
from registry.core.errors import Refused, refuse_if
from registry.core.times import utc_now
from registry.ledger.entries import stamp
from registry.ledger.models import LedgerEntry
from registry.people.access import all_signed
from registry.people.models import Person
from registry.people.signing import Signing
from registry.tickets.models import Ticket

F = TypeVar("F", bound=Callable[..., object])


def opens(scope: Scope) -> Callable[[F], F]:
    """Name the scope that a view asks for."""
    def mark(view: F) -> F:
        view.scope = scope  # type: ignore[attr-defined]
        return view
    return mark


def ask_for_token() -> None:
    """Before each view of the API that asks for a token: whose it is, and whether it opens this.

    Raises Unauthorised and OutOfScope.
    """
    view = current_app.view_functions[request.endpoint or ""]
    if not getattr(view, "takes_token", False):
        return
    now = utc_now()
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = token_of(secret.strip(), now=now) if kind.lower() == "bearer" else None
    if token is None:
        raise Unauthorised()
    g.caller_id = token.person_id
    scope = getattr(view, "scope", None)
    if scope is not None and scope not in token.scope_names:
        raise OutOfScope(scope)
    if is_stale(token, now=now):
        noted(partial(note_use, token.id, now=now))


def caller() -> Person:
    """Whose token was sent."""
    return db.session.get_one(Person, g.caller_id)


def acted(act: Callable[..., Done], *asked: Asked, on: Ticket | None = None) -> Response:
    """Answer a POST; every one of the API is done here, and in this order.

    What was answered under the same idempotency key before is answered again. Else the signatures
    are proved, and in one transaction ``If-Match`` is held against the ticket that is acted ``on``
    and ``act`` is called with one Signing for each that was asked for. Where the request asks only
    what would be signed, that is told: nothing is done, so a key would have nothing to guard.
    Raises whatever the act raises; nothing is kept then, so that a mended retry may come.
    """
    def once(*signings: Signing) -> Done:
        if on is None:
            return act()
        _must_match(on)
        return tagged(act(*signings), on)

    if on is not None and only_shows():
        return _answer(Done(what_is_signed(once, asked[0], on)))
    key = request.headers.get("Idempotency-Key")
    refuse_if(key_fault(key) if key is not None else None)
    digest = keys.digest_of(request.method, request.path, g.sent)
    kept = keys.kept_answer(g.caller_id, key, digest) if key is not None else None
    if kept is not None:
        return _replayed(kept)
    signings = [signing_for(each) for each in asked]
    return _kept_once(lambda: once(*signings), key, digest)


def _kept_once(once: Callable[[], Done], key: str | None, digest: str) -> Response:
    """Do it in one transaction, and keep the answer in the same one where there is a key."""
    person_id = g.caller_id
    try:
        with atomic():
            done = once()
            all_signed()
            if key is not None:
                keys.keep_answer(person_id, key, digest, done, now=utc_now())
    except Refused:
        # of who was quicker with the same key
        kept = keys.kept_answer(person_id, key, digest) if key is not None else None
        if kept is None:
            raise
        return _replayed(kept)
    return _answer(done)


def tagged(done: Done, ticket: Ticket) -> Done:
    """The answer with the ticket's ETag, as the act has left it."""
    return replace(done, headers=(*done.headers, ("ETag", f'"{ticket.head_hash}"')))


def _answer(done: Done) -> Response:
    return Response(json.dumps(done.body, ensure_ascii=False), done.status, list(done.headers),
                    mimetype="application/json")


def _replayed(done: Done) -> Response:
    response = _answer(done)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _must_match(ticket: Ticket) -> None:
    """Raise HasMoved where ``If-Match`` names another head than the ticket has now."""
    if "If-Match" not in request.headers or ticket.head_hash in request.if_match:
        return
    query = select(LedgerEntry).where(LedgerEntry.chain == ticket.chain)
    entries = list(db.session.scalars(query.order_by(LedgerEntry.seq)))
    seen = max((each.seq for each in entries if each.hash in request.if_match), default=0)
    raise HasMoved(ticket.number, [
        {"seq": each.seq, "at": stamp(each.at), "kind": each.kind, "by": each.actor}
        for each in entries if each.seq > seen][-20:])
