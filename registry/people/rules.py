"""Conditions of people that need neither database nor clock: details, absences, departures.

What stands against a departure is known in the areas above (tickets in hand, clients to look
after): they register a check here, because ``people`` imports nothing of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from registry.config import LANGUAGES
from registry.core.errors import Reason
from registry.core.words import N_
from registry.people.models import Department, Person, Role

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,79}")
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
LONGEST_NAME = 120
LONGEST_LINE = 200
LONGEST_ABSENCE = timedelta(days=366)

DepartureCheck = Callable[[Person], list[Reason]]
_departure_checks: list[DepartureCheck] = []


@dataclass(frozen=True)
class Details:
    """A person as an administrator writes them down."""

    login: str
    name: str
    email: str = ""
    phone: str = ""
    language: str = "en"
    department: Department | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)

    def tidy(self) -> Details:
        """The same without stray blanks; a login is the same in capitals."""
        return Details(login_key(self.login), " ".join(self.name.split()), self.email.strip(),
                       " ".join(self.phone.split()), self.language, self.department, self.roles)


def login_key(text: str) -> str:
    """How a login is stored and looked up."""
    return text.strip().casefold()


def faults_of(details: Details) -> Iterator[Reason]:
    """Everything that is wrong with a person as written down (``details`` are tidy)."""
    if not LOGIN.fullmatch(details.login):
        yield Reason("login_form", N_("A login has 2 to 80 Latin letters, digits, dots, hyphens "
                                      "or underscores, and begins with a letter or a digit."),
                     field="login")
    if not details.name:
        yield Reason("name_missing", N_("Give the person's name."), field="name")
    elif len(details.name) > LONGEST_NAME:
        yield Reason("name_long", N_("Keep a person's name under %(count)d characters."),
                     {"count": LONGEST_NAME}, "name")
    if details.email and not (EMAIL.fullmatch(details.email)
                              and len(details.email) <= LONGEST_LINE):
        yield Reason("email_form", N_("Give an e-mail address such as name@example.org, or leave "
                                      "the field empty."), field="email")
    yield from contact_faults(details.phone, details.language)
    if details.department is not None and not details.department.is_active:
        yield Reason("department_closed", N_("The department “%(name)s” is closed. Choose "
                                             "another."),
                     {"name": details.department.name}, "department")


def contact_faults(phone: str, language: str) -> Iterator[Reason]:
    """What is wrong with that which people may change of themselves."""
    if len(phone) > LONGEST_LINE:
        yield Reason("phone_long", N_("Keep the telephone number under %(count)d characters."),
                     {"count": LONGEST_LINE}, "phone")
    if language not in LANGUAGES:
        yield Reason("language_unknown", N_("Choose Russian or English."), field="language")


@dataclass(frozen=True)
class Away:
    """An absence as it is said: who stands in, from when, until when."""

    person: Person
    deputy: Person | None
    starts_at: datetime | None
    ends_at: datetime | None
    reason: str = ""


def absence_faults(away: Away, *, now: datetime) -> Iterator[Reason]:
    """What is wrong with an absence by itself (the domain, 3: absence with a deputy)."""
    if away.deputy is None:
        yield Reason("deputy_missing", N_("Name a deputy: somebody has to sign meanwhile."),
                     field="deputy")
    elif away.deputy.id == away.person.id:
        yield Reason("deputy_same", N_("A deputy is another person."), field="deputy")
    elif not away.deputy.is_active:
        yield Reason("deputy_left", N_("%(name)s does not work here any more. Choose another "
                                       "deputy."), {"name": away.deputy.name}, "deputy")
    yield from _span_faults(away.starts_at, away.ends_at, now)
    if len(away.reason) > LONGEST_LINE:
        yield Reason("reason_long", N_("Keep the reason under %(count)d characters."),
                     {"count": LONGEST_LINE}, "reason")


def _span_faults(
    starts_at: datetime | None, ends_at: datetime | None, now: datetime
) -> Iterator[Reason]:
    if starts_at is None:
        yield Reason("start_missing", N_("Give the first day of the absence."), field="starts")
    if ends_at is None:
        yield Reason("end_missing", N_("Give the last day of the absence."), field="ends")
    if starts_at is None or ends_at is None:
        return
    if ends_at <= starts_at:
        yield Reason("absence_backwards", N_("The absence has to end after it begins."),
                     field="ends")
    elif ends_at <= now:
        yield Reason("absence_over", N_("This absence is over already: give a day that is still "
                                        "to come."), field="ends")
    elif ends_at - starts_at > LONGEST_ABSENCE:
        yield Reason("absence_long", N_("An absence lasts a year at most."), field="ends")


def register_departure_check(check: DepartureCheck) -> None:
    """Let an area above say why a person cannot leave yet; registering twice asks once."""
    if check not in _departure_checks:
        _departure_checks.append(check)


def reasons_against_departure(person: Person) -> list[Reason]:
    """Every reason of every area why the person cannot leave yet."""
    return [reason for check in _departure_checks for reason in check(person)]


BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("YaBrowser/", "Yandex Browser"),
            ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
           ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"))


def device_of(user_agent: str) -> str:
    """«Chrome, Android»: enough for a person to know the own device; empty where unknown."""
    found = (next((name for mark, name in table if mark in user_agent), "")
             for table in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in found if name)
