"""What lists, columns and jobs are called on the pages of reports, in the language in force."""

from __future__ import annotations

from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _

from registry.reports.lines import flow_words, standing_words

WHOLE_DAY = "EEEE d MMMM y"


def whole_day(day: date) -> str:
    """Filter: «Tuesday 24 November 2026»."""
    return str(format_date(day, WHOLE_DAY))


def list_title(what: str, holder: str) -> str:
    """The title of the list behind one number; ``holder`` where it is about one person's hands."""
    if holder:
        return _("In the hands of %(name)s", name=holder)
    title = flow_words().get(what) or standing_words()[what]
    return title[0].upper() + title[1:]


def since_title(since: str) -> str:
    """What the working time in the list's last column is counted from."""
    titles = {"promise": _("Since the promised date"), "untaken": _("Has waited"),
              "mended": _("Since it was mended"), "state": _("In this state")}
    return titles[since]


def job_titles() -> dict[str, str]:
    """What each kind of job does."""
    return {"daily_report": _("Daily report"), "ticket_timer": _("Reminder of a ticket")}


def mail_titles() -> dict[str, str]:
    """What each kind of mail is."""
    return {"daily_report": _("Daily report"), "notices": _("News of one's tickets"),
            "timer": _("Reminder of a ticket"), "ledger_alarm": _("The ledger does not verify"),
            "account_changed": _("Password or passkeys changed")}
