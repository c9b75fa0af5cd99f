"""What is measured, with the target of each and the best figure of known products beside it.

Server time: pages are whole WSGI calls of a person who is signed in, acts are verbs in a
transaction that is committed. Only the password's hash is left out where the name says so.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import ColumnElement, exists, func, select

from registry.bench import words
from registry.bench.house import PASSWORD
from registry.clients.models import Client
from registry.core.calendar import company_calendar
from registry.core.db import atomic, db, only_reading
from registry.core.settings import current_settings
from registry.core.times import utc_now
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.keys import signer_of, verifier_of
from registry.ledger.stored import snapshot
from registry.ledger.verify import verify
from registry.people.models import Person
from registry.people.proof import Proof, prove
from registry.people.signing import Signing, new_nonce
from registry.reports.daily import report_data
from registry.reports.ledger_state import ledger_as_known
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.handoffs import accept_handoff, offer_handoff
from registry.tickets.models import Ticket
from registry.tickets.service import Problem, log_ticket

ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Subject:
    """One thing to measure. ``target`` is in milliseconds of the whole request, ``known`` the best
    known product at 20,000 tickets; ``grows`` where more tickets mean more work by nature."""

    name: str
    target: float | None = None
    known: float | None = None
    grows: bool = False


SUBJECTS = (
    Subject("ticket page", 6, 30), Subject("desk"), Subject("registry, first page", 7, 34),
    Subject("registry, by holder", 5, 23), Subject("search, rare word", 12, 58),
    Subject("search, common word", 60, 312), Subject("search, common word, all"),
    Subject("open tickets by holder (report)", 17, 87), Subject("log a ticket", 3, 15),
    Subject("handoff without argon2", 3, 12), Subject("handoff with argon2"),
    Subject("daily report"), Subject("checkpoint"), Subject("verify", grows=True),
)


class Visitor:
    """Somebody at the screen: whole requests through WSGI, without a server between."""

    def __init__(self, app: Flask, login: str) -> None:
        self._app = app
        client = app.test_client()
        app.config["WTF_CSRF_ENABLED"] = False
        answer = Context().run(client.post, "/sign-in",
                               data={"login": login, "password": PASSWORD})
        app.config["WTF_CSRF_ENABLED"] = True
        if answer.status_code != 303:
            raise RuntimeError(f"{login} was not let in: {answer.status_code}")
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        self.cookie = f"{cookie.key}={cookie.value}"

    def get(self, address: str) -> bytes:
        """The body of the page. RuntimeError where it is not a page."""
        path, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8000", "HTTP_COOKIE": self.cookie, "REMOTE_ADDR": ADDRESS,
            "HTTP_ACCEPT_LANGUAGE": "ru", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0), "wsgi.multithread": False,
            "wsgi.multiprocess": False, "wsgi.run_once": False}
        told: list[str] = []

        def start(status: str, *_more: Any) -> Any:
            told.append(status)

        # In a context of its own, as on a server: nothing is shared with the request before.
        body = Context().run(lambda: b"".join(self._app.wsgi_app(environ, start)))
        if not told[0].startswith("200"):
            raise RuntimeError(f"{address}: {told[0]}")
        return body


class Acts:
    """The verbs that are measured, each in a transaction of its own."""

    def __init__(self) -> None:
        with only_reading():
            self._visitor = _one("visitor1")
            self._engineers = [_one(f"engineer{number}") for number in (1, 2)]
            self._client = db.session.scalar(select(Client.id).order_by(Client.id).limit(1))
            self._tickets = list(db.session.scalars(
                select(Ticket.id).where(Ticket.is_open, Ticket.state == "accepted")
                .order_by(Ticket.number).limit(2000)))

    def log(self) -> None:
        """Log a ticket."""
        with atomic():
            client = db.session.get_one(Client, self._client)
            log_ticket(Problem(client, "Медленно грузятся файлы", client.sites[0],
                               client.contacts[0]),
                       by=db.session.get_one(Person, self._visitor), now=utc_now())

    def hand_over(self, *, with_password: bool = False) -> None:
        """Offer a ticket to a colleague who takes it: two transactions, two signatures."""
        ticket_id = self._tickets.pop()
        with atomic():
            ticket = db.session.get_one(Ticket, ticket_id)
            receiver = db.session.get_one(Person, next(
                each for each in self._engineers if each != ticket.holder_id))
            giver = ticket.holder
            handoff = offer_handoff(ticket, Offer("pass_on", receiver), by=giver, now=utc_now(),
                                    signing=_signing(giver, with_password))
        with atomic():
            now = utc_now()
            accept_handoff(handoff, next_step="Замерю скорость на порту",
                           next_step_by=(now + timedelta(days=2)).isoformat(),
                           by=handoff.receiver, signing=_signing(handoff.receiver, with_password),
                           now=now)

    def report(self) -> None:
        """Count the daily report on the last working day; nothing is kept."""
        with only_reading():
            now, calendar = utc_now(), company_calendar()
            day = calendar.previous_working_day(calendar.local(now).date())
            report_data(day, ledger_as_known(), now=now)

    def checkpoint(self) -> None:
        """Place the entries of one new ticket in the tree and sign it."""
        with atomic():
            make_checkpoint(now=utc_now(), signer=signer_of(current_settings()))

    def verify(self) -> None:
        """The whole ledger."""
        with snapshot():
            verdict = verify(verifier=verifier_of(current_settings()))
        if not verdict.is_sound:
            raise RuntimeError(f"the ledger does not verify: {verdict.findings[0]}")


def doings(app: Flask) -> dict[str, Callable[[], Any]]:
    """What to do for each subject. Needs an application context."""
    acts = Acts()
    with only_reading():
        holder, login = usual_engineer()
        calendar = company_calendar()
        day = calendar.previous_working_day(calendar.local(utc_now()).date())
        number = db.session.execute(
            select(Ticket.number)
            .where(Ticket.state == "in_fix", Ticket.holder_id != holder, ~_is_offered())
            .order_by(Ticket.number.desc()).limit(1)).scalar_one()
    engineer, director = Visitor(app, login), Visitor(app, "commercial_director1")
    common, rare = quote(words.COMMON), quote(words.RARE)
    pages = {
        "ticket page": f"/tickets/{number}", "desk": "/", "registry, first page": "/tickets",
        "registry, by holder": f"/tickets?holder={holder}",
        "search, rare word": f"/tickets?q={rare}&show=all",
        "search, common word": f"/tickets?q={common}",
        "search, common word, all": f"/tickets?q={common}&show=all"}
    found: dict[str, Callable[[], Any]] = {
        name: partial(engineer.get, address) for name, address in pages.items()}
    by_holder = f"/reports/daily/{day.isoformat()}/hands-{holder}"
    return found | {
        "open tickets by holder (report)": lambda: director.get(by_holder),
        "log a ticket": acts.log, "handoff without argon2": acts.hand_over,
        "handoff with argon2": lambda: acts.hand_over(with_password=True),
        "daily report": acts.report, "checkpoint": acts.checkpoint, "verify": acts.verify}


def usual_engineer() -> tuple[int, str]:
    """Id and login of the engineer who has no more open tickets than half of them have. A page that
    shows more takes longer at any size: growth is only seen where as much is shown."""
    held = func.count(Ticket.id)
    engineers = db.session.execute(
        select(Person.id, Person.login).join(Ticket, Ticket.holder_id == Person.id)
        .where(Ticket.is_open, Person.login.startswith("engineer"))
        .group_by(Person.id, Person.login).order_by(held, Person.id)).all()
    middle = engineers[len(engineers) // 2]
    return middle.id, middle.login


def _is_offered() -> ColumnElement[bool]:
    """A ticket on its way to somebody shows one person more."""
    return exists().where(Handoff.ticket_id == Ticket.id, Handoff.state == HandoffState.OFFERED)


def _one(login: str) -> int:
    return db.session.execute(select(Person.id).where(Person.login == login)).scalar_one()


def _signing(person: Person, with_password: bool) -> Signing:
    now = utc_now()
    proof: Any = Proof(person.id, "bench", now, ADDRESS)
    if with_password:
        proof = prove(person, PASSWORD, login=person.login, purpose="sign", address=ADDRESS,
                      now=now)
    return Signing(person, proof, new_nonce(), language=person.language)
