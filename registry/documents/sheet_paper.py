"""The handover sheet on paper: who gave, who received, in whose presence, and each line with the
three signatures. While it waits, its code leads the receiver's phone to the sheet's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from registry.core.languages import language, ngettext, say
from registry.core.qr import qr
from registry.core.settings import address_of
from registry.core.times import exact_text
from registry.core.words import N_
from registry.documents.parts import Data, as_of, brief, fact, frame, meaning, notes, signer
from registry.documents.press import Sheetful
from registry.tickets.acts import move_of
from registry.tickets.handoff_models import Handoff, HandoffState, HandoverSheet
from registry.tickets.history import SignatureLine
from registry.tickets.sheet_queries import handoffs_on, progress_of
from registry.tickets.signed_entries import PARTIES, Signatures, signatures_by_offer

PURPOSES = {"work": N_("in the course of work"), "absence": N_("before an absence"),
            "departure": N_("before leaving the company"), "visit": N_("after visits")}


def sheet_paper_of(sheet: HandoverSheet) -> Sheetful:
    """What the paper of the sheet says now, in the language in force. A few queries."""
    handoffs = handoffs_on(sheet)
    signed = signatures_by_offer((each.ticket, each.seq) for each in handoffs)
    at = max([sheet.created_at, *filter(None, (_last(each) for each in handoffs))])
    title = say(N_("Handover sheet %(number)s"), {"number": sheet.id})
    data = frame(title, title, at)
    data |= {
        "over": say(PURPOSES.get(sheet.purpose, sheet.purpose)),
        "heading": title,
        "standing": _standing(sheet, handoffs), "asof": as_of(at),
        "parties": list(_parties(sheet)),
        "columns": [say(N_("No.")), say(N_("What is handed over")), say(N_("Gave")),
                    say(N_("Received")), say(N_("In the presence of"))],
        "lines": [_line(each, signed[each.ticket.chain, each.seq]) for each in handoffs],
    }
    if not progress_of(handoffs).is_done:
        data |= _leading_to(sheet)
    data["closing"] = {"title": say(N_("What this paper shows")), "lines": notes(data, _closing())}
    return Sheetful("sheet", data, at, language())


def _leading_to(sheet: HandoverSheet) -> Data:
    """The code that leads to signing, while there is something to sign; later the one at the head
    leads to whether the paper is genuine, as on every paper."""
    page = address_of(f"/sheets/{sheet.id}")
    return {"qr": qr(page), "address": page,
            "scan": say(N_("leads to this sheet: to take the tickets and to sign"))}


def _last(handoff: Handoff) -> datetime | None:
    moments = (handoff.offered_at, handoff.receiver_signed_at, handoff.witness_signed_at,
               handoff.ended_at)
    return max(filter(None, moments), default=None)


def _standing(sheet: HandoverSheet, handoffs: Sequence[Handoff]) -> str:
    progress = progress_of(handoffs)
    said = [ngettext("%(giver)s hands %(num)d ticket to %(receiver)s.",
                     "%(giver)s hands %(num)d tickets to %(receiver)s.", progress.lines,
                     giver=sheet.giver.name, receiver=sheet.receiver.name)]
    if progress.is_done and progress.taken == progress.lines:
        said.append(say(N_("All are taken.")))
        return " ".join(said)
    if progress.wait_for_receiver:
        said.append(ngettext("%(num)d waits for the receiver's signature.",
                             "%(num)d wait for the receiver's signature.",
                             progress.wait_for_receiver))
    if progress.wait_for_witness and sheet.witness:
        said.append(ngettext("%(num)d waits for the witness, %(name)s.",
                             "%(num)d wait for the witness, %(name)s.",
                             progress.wait_for_witness, name=sheet.witness.name))
    for count, one, many in (
            (progress.taken, "%(num)d is taken.", "%(num)d are taken."),
            (progress.declined, "%(num)d was left out by the receiver.",
             "%(num)d were left out by the receiver."),
            (progress.withdrawn, "%(num)d was withdrawn.", "%(num)d were withdrawn."),
            (progress.lapsed, "%(num)d has lapsed.", "%(num)d have lapsed.")):
        if count:
            said.append(ngettext(one, many, count))
    return " ".join(said)


def _parties(sheet: HandoverSheet) -> list[Data]:
    """Who hands over to whom. Their roles stand at their signatures, as they were signed."""
    named = [(N_("Gives"), sheet.giver), (N_("Receives"), sheet.receiver)]
    if sheet.witness:
        named.append((N_("In the presence of"), sheet.witness))
    found = [fact(say(label), person.name) for label, person in named]
    return [*found, fact(say(N_("Made")), exact_text(sheet.created_at))]


def _line(handoff: Handoff, signed: Signatures) -> Data:
    ticket = handoff.ticket
    words = [{"label": label, "text": text} for label, text in (
        (say(N_("Note")), handoff.note), (say(N_("What happens next")), _next_step(handoff)))
        if text]
    return {
        "number": str(ticket.number), "what": ticket.summary, "client": ticket.client.name,
        "move": move_of(ticket, handoff.move).title.said(language()), "words": words,
        "outcome": _outcome(handoff),
        "signatures": [_cell(part, handoff, signed.get(part)) for part in PARTIES],
    }


def _next_step(handoff: Handoff) -> str:
    if handoff.next_step and handoff.next_step_by:
        return say(N_("%(step)s, by %(when)s"),
                   {"step": handoff.next_step, "when": exact_text(handoff.next_step_by)})
    return handoff.next_step


def _outcome(handoff: Handoff) -> str:
    if handoff.state is HandoffState.DECLINED:
        return say(N_("left out: %(reason)s"), {"reason": handoff.reason})
    if handoff.state is HandoffState.WITHDRAWN and handoff.ended_at:
        return say(N_("withdrawn %(when)s"), {"when": brief(handoff.ended_at)})
    if handoff.state is HandoffState.LAPSED and handoff.ended_at:
        return say(N_("lapsed %(when)s: not all had signed"), {"when": brief(handoff.ended_at)})
    return ""


def _cell(part: str, handoff: Handoff, line: SignatureLine | None) -> Data:
    """One signature of a line: who, as what, what it means, when, how, and its statement."""
    if line is None:
        is_due = handoff.state is HandoffState.OFFERED and (
            part != "witness" or handoff.witness_id is not None)
        return {"name": "", "lines": [], "none": say(N_("not signed yet")) if is_due else "—"}
    said = (line.role, meaning(line), brief(line.at), f"{line.method}, {line.short}")
    return {"name": signer(line), "lines": list(filter(None, said)), "none": ""}


def _closing() -> tuple[str, ...]:
    return (
        say(N_("Each ticket was shown and signed for with a statement of its own; the eight signs "
               "under a signature are the beginning of the statement's SHA-256. The registry keeps "
               "the statements, and each stands in the history of its ticket.")),
        say(N_("The address at the foot asks for signing in. It says whether this paper was made "
               "by the registry, and compares a file with what was made.")),
    )
