"""The steps of handing over by a sheet, as a browser takes them."""

from __future__ import annotations

import re
from datetime import timedelta

from registry.core.db import db
from registry.core.times import utc_now
from registry.people.models import Absence
from registry.tickets.handoff_models import Handoff, HandoverSheet
from tests.factories import PASSWORD, a_ticket
from tests.registry.tickets.signing_screen import logins

STEP = "I go there tomorrow"


def to(receiver, **args):
    return {"receiver": receiver.id} | args


def form_of(page):
    """Hidden and ticked values of the page's form, as a browser would send them back."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page.text):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") == "hidden" or (
                attributes.get("type") == "checkbox" and " checked" in tag):
            found[attributes["name"]] = attributes.get("value", "")
    return found


def opened(client, address, values, numbers, **kwargs):
    """The form after its lines were opened one after the other, each by its own button."""
    for number in numbers:
        page = client.post(address, data=values | {"open": str(number)}, **kwargs)
        values = values | {name: value for name, value in form_of(page).items()
                           if name.partition("-")[0].endswith("_opened")}
    return values


def put(values):
    """The numbers of the tickets that are ticked."""
    return [name.removeprefix("put-") for name in values if name.startswith("put-")]


def signed(client, args, **data):
    """Open a new sheet and all its lines, and sign it as it stands, changed by ``data``."""
    page = client.get("/sheets/new", query_string=args)
    assert page.status_code == 200
    values = form_of(page)
    values = opened(client, "/sheets/new", values, put(values), query_string=args)
    values |= {"password": PASSWORD} | data
    return client.post("/sheets/new", query_string=args,
                       data={name: value for name, value in values.items() if value is not None})


def only_sheet():
    return db.session.query(HandoverSheet).one()


def handoffs():
    return db.session.query(Handoff).filter(Handoff.sheet_id.is_not(None)).order_by(
        Handoff.id).all()


def later(days=2):
    return f"{utc_now() + timedelta(days=days):%Y-%m-%dT%H:%M}"


def away(person, deputy):
    now = utc_now()
    db.session.add(Absence(person_id=person.id, deputy_id=deputy.id, created_at=now,
                           starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1)))
    db.session.flush()


def answered(client, sheet, answers, **data):
    page = client.get(f"/sheets/{sheet.id}")
    values = form_of(page) | logins(page.text) | {"receiver_password": PASSWORD}
    for handoff, answer in zip(handoffs(), answers, strict=True):
        number = handoff.ticket.number
        if answer == "take":
            values |= {f"answer-{number}": "take", f"next_step-{number}": STEP,
                       f"next_step_by-{number}": later()}
        elif answer:
            values |= {f"answer-{number}": "leave", f"reason-{number}": answer}
    address = f"/sheets/{sheet.id}/answers"
    taken = [handoff.ticket.number for handoff, answer in zip(handoffs(), answers, strict=True)
             if answer == "take"]
    return client.post(address, data=opened(client, address, values, taken) | data)


def witnessed(client, sheet, **data):
    """The witness opens every line and signs."""
    address = f"/sheets/{sheet.id}/witness"
    page = client.get(f"/sheets/{sheet.id}")
    values = form_of(page) | logins(page.text) | {"witness_password": PASSWORD}
    numbers = [handoff.ticket.number for handoff in handoffs()]
    return client.post(address, data=opened(client, address, values, numbers) | data)


def returned_by_sheet(house, engineer):
    tickets = [a_ticket(house, "in_fix") for _ in range(2)]
    fields = {f"{name}-{each.number}": "Said" for name in ("what_was_wrong", "what_was_done")
              for each in tickets}
    assert signed(engineer, to(house.visitor, witness=house.registrar.id),
                  **fields).status_code == 303
    return only_sheet()
