"""What may be written down of a person or an absence; no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from registry.core.errors import Reason
from registry.people import rules
from registry.people.models import Department, Person
from registry.people.rules import Away, Details, absence_faults, device_of, faults_of
from tests.factories import NOW

GOOD = Details("p.orlov", "Pavel Orlov", "orlov@example.org", "+7 495 123-45-67", "ru")
A_DAY = timedelta(days=1)


def codes(faults: Any) -> list[str]:
    return [fault.code for fault in faults]


def test_good_details_have_no_fault() -> None:
    assert codes(faults_of(GOOD)) == []


@pytest.mark.parametrize(("field", "value", "code"), [
    ("login", "", "login_form"),
    ("login", "o", "login_form"),
    ("login", "орлов", "login_form"),
    ("login", "p orlov", "login_form"),
    ("login", ".orlov", "login_form"),
    ("login", "o" * 81, "login_form"),
    ("name", "", "name_missing"),
    ("name", "O" * 121, "name_long"),
    ("email", "orlov", "email_form"),
    ("email", "orlov@example", "email_form"),
    ("email", "a@b.c, d@e.f", "email_form"),
    ("email", "a@b.c\nBcc: d@e.f", "email_form"),
    ("email", "o" * 200 + "@example.org", "email_form"),
    ("phone", "1" * 201, "phone_long"),
    ("language", "de", "language_unknown"),
    ("department", Department(name="Old", is_active=False), "department_closed"),
])
def test_each_fault_is_named_at_its_field(field: str, value: Any, code: str) -> None:
    (fault,) = faults_of(replace(GOOD, **{field: value}))
    assert (fault.code, fault.field) == (code, field)


def test_all_faults_come_at_once() -> None:
    assert codes(faults_of(Details("!", "", "nobody", language="xx"))) == [
        "login_form", "name_missing", "email_form", "language_unknown"]


def test_tidying_takes_stray_blanks_and_capitals_of_the_login() -> None:
    tidy = Details("  P.Orlov ", " Pavel   Orlov ", " o@example.org ", " 12  34 ").tidy()
    assert (tidy.login, tidy.name, tidy.email, tidy.phone) == (
        "p.orlov", "Pavel Orlov", "o@example.org", "12 34")


def away(**values: Any) -> Away:
    usual: dict[str, Any] = {
        "person": Person(id=1, name="Pavel Orlov", is_active=True),
        "deputy": Person(id=2, name="Ivan Sokolov", is_active=True),
        "starts_at": NOW + A_DAY, "ends_at": NOW + 8 * A_DAY}
    return Away(**usual | values)


def test_a_usual_absence_has_no_fault() -> None:
    assert codes(absence_faults(away(), now=NOW)) == []


def test_an_absence_may_have_begun_already() -> None:
    assert codes(absence_faults(away(starts_at=NOW - A_DAY), now=NOW)) == []


@pytest.mark.parametrize(("values", "code", "field"), [
    ({"deputy": None}, "deputy_missing", "deputy"),
    ({"deputy": Person(id=1, name="Pavel Orlov", is_active=True)}, "deputy_same", "deputy"),
    ({"deputy": Person(id=3, name="Gone", is_active=False)}, "deputy_left", "deputy"),
    ({"starts_at": None}, "start_missing", "starts"),
    ({"ends_at": None}, "end_missing", "ends"),
    ({"ends_at": NOW + A_DAY}, "absence_backwards", "ends"),
    ({"starts_at": NOW - 2 * A_DAY, "ends_at": NOW}, "absence_over", "ends"),
    ({"ends_at": NOW + 400 * A_DAY}, "absence_long", "ends"),
    ({"reason": "x" * 201}, "reason_long", "reason"),
])
def test_each_fault_of_an_absence_is_named(values: Any, code: str, field: str) -> None:
    (fault,) = absence_faults(away(**values), now=NOW)
    assert (fault.code, fault.field) == (code, field)


def test_every_area_is_asked_before_a_departure_and_only_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "_departure_checks", [])

    def tickets(_person: Person) -> list[Reason]:
        return [Reason("tickets_in_hand", "Hand them over.")]

    def clients(_person: Person) -> list[Reason]:
        return [Reason("clients", "Name another."), Reason("visits", "Name another.")]

    for check in (tickets, clients, tickets):
        rules.register_departure_check(check)
    person: Any = SimpleNamespace()
    assert codes(rules.reasons_against_departure(person)) == [
        "tickets_in_hand", "clients", "visits"]


@pytest.mark.parametrize(("agent", "device"), [
    ("Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/129.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0", "Edge, Windows"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/17.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
    ("curl/8.0", ""),
    ("", ""),
])
def test_a_device_is_named_as_its_owner_knows_it(agent: str, device: str) -> None:
    assert device_of(agent) == device
