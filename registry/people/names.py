"""What roles and the days of absences are called on the screen (the domain, 3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from registry.core.languages import say
from registry.core.times import day_text, local
from registry.core.words import N_
from registry.people.models import Role

ROLE_NAMES = {
    Role.VISITOR: N_("visitor"),
    Role.ENGINEER: N_("engineer"),
    Role.REGISTRAR: N_("chief engineer"),
    Role.DEPUTY: N_("deputy technical director for client relations"),
    Role.LEAD: N_("programme lead"),
    Role.HEAD_OF_SALES: N_("head of sales"),
    Role.COMMERCIAL_DIRECTOR: N_("commercial director"),
    Role.ADMINISTRATOR: N_("administrator"),
}


def role_name(role: Role, in_language: str = "") -> str:
    """The role in the language in force, or in ``in_language``."""
    return say(ROLE_NAMES[role], in_language=in_language)


def local_day(moment: datetime) -> str:
    """Filter: the day of the moment on the company's clock."""
    return day_text(local(moment).date())


def last_day(ends_at: datetime) -> str:
    """Filter: the last day of what ends at the moment: midnight belongs to the day before."""
    return day_text(local(ends_at - timedelta(microseconds=1)).date())
