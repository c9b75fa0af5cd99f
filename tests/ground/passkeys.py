"""A registry at an address that allows passkeys, and what a browser's page does with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from registry.ledger.entries import canonical
from registry.people.models import Person
from registry.people.passkey_models import Passkey
from registry.people.passkeys import Enrolling, ask_for, enrol_passkey
from registry.people.proof import Proof
from tests.factories import NOW
from tests.ground.authenticator import ORIGIN, Authenticator


@pytest.fixture
def at_a_name(app: Flask) -> Iterator[Flask]:
    """The application under an address for which browsers make passkeys."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, base_url=ORIGIN)
    yield app
    app.config["SETTINGS"] = before


def enrolled(person: Person, device: Authenticator, **values: Any) -> Passkey:
    """The device's passkey, enrolled for the person with the password."""
    now = values.pop("now", NOW)
    sent = device.made(ask_for("enrol", person, now=now))
    return enrol_passkey(person, Enrolling(sent, "My phone"), now=now,
                         proved=Proof(person.id, "password", now, "127.0.0.1"))


Signed = Callable[..., dict[str, str]]


def shown(client: Any, address: str, form: dict[str, str], field: str = "passkey") -> Any:
    """What the page is told that the form would sign."""
    return client.post(address, data={**form, "rehearse": field})


def signed(told: dict[str, Any], device: Authenticator, field: str = "passkey",
           **changes: Any) -> dict[str, str]:
    """The form's field as the page's module fills it: the challenge is computed from what was
    shown, each statement by itself or the list of their hashes."""
    hashes = [hashlib.sha256(canonical(each)).hexdigest() for each in told["statements"]]
    whole = hashes if len(hashes) > 1 else told["statements"][0]
    challenge = hashlib.sha256(canonical(whole)).digest()
    sent = {"credential": device.answered(challenge), "at": told["at"], "statements": hashes}
    return {field: json.dumps(sent | changes)}
