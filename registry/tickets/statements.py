"""The words above a signature: what is signed, in plain sentences, in the signer's language.

The same text is shown on the page and goes into the statement that the signature binds to; the
signer's own words, typed under it, stand at its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.core.languages import say
from registry.core.times import exact_text
from registry.core.words import N_
from registry.people.models import Person
from registry.tickets.models import Ticket
from registry.tickets.sentences import LABELS
from workflows import Field, Move, moment_of

OPENING = {
    True: N_("You hand ticket No. %(number)s over. Receiver: %(receiver)s. It stays in the hands "
             "of %(giver)s until the receiver signs."),
    False: N_("You take ticket No. %(number)s out of the hands of %(giver)s by authority. "
              "Receiver: %(receiver)s. This stays marked in the ticket for ever."),
}
# Where a witness signs too it may be in nobody's hands but the giver's yet: "once all have signed".
RECEIVING = N_("You take ticket No. %(number)s into your hands. It comes from %(giver)s. Once all "
               "have signed, it is on you until someone else signs.")
WITNESSING = N_("You witness the handing over of ticket No. %(number)s. It goes from %(giver)s to "
                "%(receiver)s.")
MOVING = N_("Ticket No. %(number)s: “%(move)s”. Its state becomes “%(state)s”.")
CONFIRMING = N_("You sign that the client checked and the problem is gone. Ticket No. %(number)s "
                "is closed.")
DENYING = N_("You sign that the client checked and the problem is not gone. Ticket No. %(number)s "
             "goes back into work. Receiver: %(receiver)s. It stays with you until the receiver "
             "signs.")
CANCELLING = N_("You sign that ticket No. %(number)s is cancelled. It ends only when the "
                "originator and the chief engineer have both signed.")
FOR_ABSENT = N_("You sign in your own name for %(name)s, who is absent.")


def matter(ticket: Ticket, language: str) -> str:
    """The ticket in one line: summary, client, what was measured against which norm."""
    parts = [f"{ticket.summary} — {ticket.client.name}"]
    if ticket.measured is not None and ticket.criterion is not None:
        unit = ticket.criterion.unit_in(language)
        said = say(N_("measured %(value)s"), {"value": f"{plain(ticket.measured)} {unit}".strip()},
                   language)
        if ticket.norm is not None:
            said += ", " + say(N_("norm %(value)s"),
                               {"value": f"{plain(ticket.norm)} {unit}".strip()}, language)
        parts.append(said)
    return "; ".join(parts) + "."


def plain(value: object) -> str:
    """A number without needless zeros: 30.000 → 30."""
    text = f"{value}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(
    sentence: str, ticket: Ticket, language: str, on_behalf_of: Person | None, **names: str
) -> str:
    lines = [say(sentence, {"number": ticket.number, **names}, language), matter(ticket, language)]
    if on_behalf_of is not None:
        lines.append(say(FOR_ABSENT, {"name": on_behalf_of.name}, language))
    return "\n".join(lines)


def with_own_words(text: str, move: Move, own: Mapping[str, str], language: str) -> str:
    """The text with what the signer adds to it: ``own`` has the move's fields by their names, and
    those of an entry's words (``note``, ``next_step`` …); dates are ISO 8601. So nobody can put
    other words above the signature afterwards."""
    return "\n".join((text, *own_lines(move, own, language)))


def own_lines(move: Move, own: Mapping[str, str], language: str) -> Iterator[str]:
    """What somebody wrote to an act, a line for each thing."""
    fields = {each.name: each for each in move.fields}
    for name, value in own.items():
        asked = fields.get(name)
        if value and asked is None:
            yield f"{say(LABELS.get(name, name), {}, language)}: {value}"
        elif value and asked is not None:
            yield f"{asked.title.said(language)}: {_own_value(asked, value, language)}"


def _own_value(asked: Field, value: str, language: str) -> str:
    moment = moment_of(value) if asked.kind == "date" else None
    if moment is not None:
        return exact_text(moment, language)
    chosen = asked.choices.get(value)
    return chosen.said(language) if chosen else value


def opening_text(ticket: Ticket, receiver: Person, language: str, *, authority: bool = False,
                 on_behalf_of: Person | None = None) -> str:
    """What the giver signs."""
    return _text(OPENING[not authority], ticket, language, on_behalf_of,
                 giver=ticket.holder.name, receiver=receiver.name)


def receiving_text(ticket: Ticket, giver: Person, language: str, *,
                   on_behalf_of: Person | None = None) -> str:
    """What the receiver signs."""
    return _text(RECEIVING, ticket, language, on_behalf_of, giver=giver.name)


def witnessing_text(ticket: Ticket, giver: Person, receiver: Person, language: str, *,
                    on_behalf_of: Person | None = None) -> str:
    """What the witness signs."""
    return _text(WITNESSING, ticket, language, on_behalf_of, giver=giver.name,
                 receiver=receiver.name)


def moving_text(ticket: Ticket, move: Move, target_title: str, language: str, *,
                on_behalf_of: Person | None = None) -> str:
    """What the actor of a move without a handoff signs."""
    return _text(MOVING, ticket, language, on_behalf_of, move=move.title.said(language),
                 state=target_title)


def confirming_text(ticket: Ticket, language: str, *, on_behalf_of: Person | None = None) -> str:
    """What the originator signs when the client said "gone"."""
    return _text(CONFIRMING, ticket, language, on_behalf_of)


def denying_text(ticket: Ticket, receiver: Person, language: str, *,
                 on_behalf_of: Person | None = None) -> str:
    """What the originator signs when the client said "not gone"."""
    return _text(DENYING, ticket, language, on_behalf_of, receiver=receiver.name)


def cancelling_text(ticket: Ticket, language: str, *, on_behalf_of: Person | None = None) -> str:
    """What originator and registrar sign."""
    return _text(CANCELLING, ticket, language, on_behalf_of)
