"""Idempotency keys: a repeat acts no second time, also of two at once, and keeps no secret."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from registry.api.keys import KEPT, forget_answers
from registry.api.models import KeptAnswer
from registry.api.service import make_token
from registry.clients.models import Client
from registry.core.db import atomic, db
from registry.core.times import utc_now
from registry.ledger.models import LedgerEntry
from registry.tickets.models import Ticket
from tests.factories import PASSWORD, House, a_ticket
from tests.registry.api.conftest import SIGNATURE


def test_a_repeat_gets_the_first_answer(house: House, calls: Any):
    visitor = calls(house.visitor)
    body = {"client": house.client.id, "summary": "Slow line"}
    first = visitor.post("/tickets", body, Idempotency_Key="one")
    again = visitor.post("/tickets", body, Idempotency_Key="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Idempotency-Replayed" not in first.headers
    assert db.session.query(Ticket).count() == 1
    assert calls(house.lead).post("/tickets", body, Idempotency_Key="one").json != first.json


def test_a_key_serves_one_request(house: House, calls: Any):
    visitor = calls(house.visitor)
    visitor.post("/clients", {"name": "Duma Hotel"}, Idempotency_Key="k")
    other = visitor.post("/clients", {"name": "Volga Hotel"}, Idempotency_Key="k")
    assert other.status_code == 422
    assert other.json["errors"][0]["code"] == "key_reused"
    unusable = visitor.post("/clients", {"name": "Volga Hotel"}, Idempotency_Key="a b")
    assert unusable.json["errors"][0]["code"] == "key_unusable"


def test_a_refusal_is_not_kept(house: House, calls: Any):
    visitor = calls(house.visitor)
    assert visitor.post("/clients", {"name": ""}, Idempotency_Key="k").status_code == 422
    assert visitor.post("/clients", {"name": "Duma Hotel"}, Idempotency_Key="k").status_code == 201


def test_no_secret_is_kept(house: House, calls: Any):
    ticket = a_ticket(house, "accepted")
    engineer, path = calls(house.engineer), f"/tickets/{ticket.number}/moves"
    start = {"move": "start", "signature": SIGNATURE}
    assert engineer.post(path, start, Idempotency_Key="k").status_code == 200
    kept = db.session.scalars(select(KeptAnswer)).one()
    assert PASSWORD not in f"{kept.body}{kept.headers}{kept.digest}"
    again = engineer.post(path, start | {"signature": SIGNATURE | {"secret": "another"}},
                          Idempotency_Key="k")
    assert again.headers["Idempotency-Replayed"] == "true"


def test_answers_are_kept_for_a_day(house: House, calls: Any):
    calls(house.visitor).post("/clients", {"name": "Duma Hotel"}, Idempotency_Key="k")
    db.session.commit()  # the duty has transactions of its own
    forget_answers(now=utc_now() + KEPT - timedelta(minutes=5))
    assert db.session.query(KeptAnswer).count() == 1
    forget_answers(now=utc_now() + KEPT + timedelta(minutes=5))
    assert db.session.query(KeptAnswer).count() == 0


def test_of_two_at_once_one_acts(committed_app: Flask):
    with committed_app.app_context(), atomic():
        house = House()
        number = a_ticket(house, "accepted").number
        secrets = [make_token(person, name="T", scopes=["tickets", "clients"], days=1, by=None,
                              proved=None, now=utc_now())[1]
                   for person in (house.engineer, house.visitor)]
    sent = [(f"/api/v1/tickets/{number}/moves", {"move": "start", "signature": SIGNATURE}),
            ("/api/v1/clients", {"name": "Duma Hotel"})]
    for secret, (path, body) in zip(secrets, sent, strict=True):
        answers = at_once(committed_app, path, body, secret)
        assert {each.status_code for each in answers} <= {200, 201, 409}, [
            each.json for each in answers]
        acted = [each for each in answers if each.status_code < 300]
        assert sum("Idempotency-Replayed" not in each.headers for each in acted) == 1
        assert len({each.text for each in acted}) == 1
    with committed_app.app_context():
        starts = db.session.scalar(select(func.count()).select_from(LedgerEntry).where(
            LedgerEntry.chain == f"ticket:{number}", LedgerEntry.kind == "moved"))
        assert starts == 1
        assert db.session.query(Client).filter_by(name="Duma Hotel").count() == 1


def at_once(app: Flask, path: str, body: Any, secret: str) -> list[Any]:
    """The answers to six requests under one key, sent from six threads."""
    gate, answers = threading.Barrier(6), []

    def send() -> None:
        gate.wait()
        answers.append(app.test_client().post(path, json=body, headers={
            "Authorization": f"Bearer {secret}", "Idempotency-Key": "same"}))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(answers) == 6
    return answers
