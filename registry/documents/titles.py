"""What documents are called on the screen."""

from __future__ import annotations

from datetime import date

from registry.core.languages import say
from registry.core.words import N_
from registry.documents.models import Document, Kind
from registry.documents.week import week_title

KINDS = {
    Kind.EXTRACT: N_("Extract from the registry"), Kind.SHEET: N_("Handover sheet"),
    Kind.WEEK: N_("Page of the registry"), Kind.QUESTIONNAIRE: N_("Questionnaire"),
}


def kind_title(kind: Kind) -> str:
    """The kind of document, in the language in force."""
    return say(KINDS[kind])


def about_title(document: Document) -> str:
    """What the document is about: «No. 1042, entries 1 to 17», «Handover sheet 12», a week."""
    what, _, name = document.about.partition(":")
    if what == "ticket":
        return say(N_("Ticket No. %(number)s, entries 1 to %(last)s"),
                   {"number": name, "last": document.upto})
    if what == "sheet":
        return say(N_("Handover sheet %(number)s"), {"number": name})
    if what == "visit_of":
        return say(N_("The visit at which ticket No. %(number)s was logged"), {"number": name})
    return week_title(date.fromisoformat(name))
