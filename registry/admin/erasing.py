"""Erasing somebody's data by law: everywhere, once, with an entry that says so in each chain.

``plan_erasure`` looks for everything first and writes nothing; the verb erases in one transaction:
sealed words, signed statements, files, rows, and whatever else the names stand in. Of itself it
keeps whose data it was by number, when, by whom and why, so ``verify`` tells erasing from making
away with (decision 93).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete, func, select, update

from registry.admin.erasing_plan import Plan
from registry.admin.rules import erasing_faults
from registry.admin.sweeping import sweep
from registry.callbacks.models import CallBack
from registry.clients.erasing import erase_client, erase_contact
from registry.clients.models import Client
from registry.core.db import db
from registry.core.errors import refuse_if
from registry.core.languages import say
from registry.core.model import Base
from registry.core.models import Message, MessageState
from registry.core.words import N_
from registry.imports.models import ImportRun
from registry.ledger.entries import erase, record
from registry.ledger.models import Chained
from registry.people import erasing as of_people
from registry.people.erasing import Personal
from registry.people.erasures import Erasure, Subject
from registry.people.models import Person
from registry.people.permissions import require_of
from registry.people.signing import Said, Signing, in_entry, sign
from registry.reports.models import DailyReport
from registry.tickets import erasing as of_tickets
from registry.tickets.attachment_check import erased_files_of
from registry.tickets.models import Attachment, Ticket
from registry.tickets.requirements import passkey_missing_by_role

STATEMENT = {
    Subject.PERSON: N_("By law you erase what is personal of person No. %(number)s, for ever."),
    Subject.CONTACT: N_("By law you erase what is personal of contact No. %(number)s, for ever."),
    Subject.CLIENT: N_("By law you erase what is personal of client No. %(number)s, for ever."),
}
WAITING_ANSWER = N_("not sent: the reader's address was erased by law")
# Rows that are the person's own and nobody else's.
OWN = ("kept_answer", "api_token", "notice", "notice_choice", "notice_rhythm", "saved_view",
       "sign_in_session")


def erase_subject(
    plan: Plan, *, reason: str, by: Person | None, now: datetime, signing: Signing | None = None
) -> Erasure:
    """Erase what the plan found, and enter in each chain that it was done by law.

    ``by`` and ``signing`` are None for the operator at the command line. Raises Forbidden, or
    Refused with everything that stands against it. The files are the edge's to take from the disk
    after the commit (``erased_files``).
    """
    require_of(by, "erase_personal_data")
    reason = " ".join(reason.split())
    refuse_if(*erasing_faults(reason, (*plan.personal.words, *plan.personal.shared)),
              *(of_people.reasons_against_erasing(plan.subject, by)
                if isinstance(plan.subject, Person) else ()),
              *((signing.problem, passkey_missing_by_role(signing)) if signing is not None else ()))
    erasure = _begin(plan, reason, by, now, signing)
    actor = by.ref if by is not None else "system"
    for chain in plan.chains:
        _erase_chain(plan, erasure, chain, actor, now)
    _erase_rows(plan)
    db.session.flush()
    return erasure


def erased_files(plan: Plan) -> Iterator[str]:
    """The digests of files that no ticket names any more: to be taken from the disk."""
    for digest in sorted({digest for digests in plan.files.values() for digest in digests}):
        naming = select(Ticket.number).distinct().join(
            Attachment, Attachment.ticket_id == Ticket.id).where(Attachment.digest == digest)
        if all(digest in erased_files_of(number) for number in db.session.scalars(naming)):
            yield digest


def statement_of(what: Subject, number: int) -> str:
    """What the administrator signs; it names nobody."""
    return say(STATEMENT[what], {"number": number})


def _begin(plan: Plan, reason: str, by: Person | None, now: datetime, signing: Signing | None
           ) -> Erasure:
    erasure = Erasure(id=_next_number(), what=plan.what, subject_id=plan.subject.id, reason=reason,
                      at=now, by_id=by.id if by is not None else None, chains=len(plan.chains),
                      head_seq=0, head_hash="0" * 64)
    db.session.add(erasure)
    db.session.flush()
    content: dict[str, object] = {"what": plan.what.value, "reason": reason,
                                  "subject": f"{plan.what.value}:{plan.subject.id}"}
    if signing is not None:
        said = Said("erase", "erased", "administrator", statement_of(plan.what, plan.subject.id),
                    {"actor": signing.signer.ref})
        content["signatures"] = [in_entry(sign(signing, said, erasure, now=now))]
    record(erasure, "erased_by_law", by=by.ref if by is not None else "system", at=now,
           content=content)
    db.session.flush()
    return erasure


def _next_number() -> int:
    """The number of the next erasure. A sequence would give another at each try; the statement
    that is shown for a passkey names the one under which it is signed."""
    return (db.session.scalar(select(func.max(Erasure.id))) or 0) + 1


def _erase_chain(plan: Plan, erasure: Erasure, chain: str, actor: str, now: datetime) -> None:
    owner = _owner(chain)
    statements, files = plan.statements.get(chain, []), plan.files.get(chain, [])
    erase(owner, plan.seals.get(chain, ()), by=actor, at=now, reason=erasure.reason,
          statements=[each.said for each in statements], files=files, erasure=erasure.ref)
    db.session.flush()
    if statements:
        of_people.empty_statements(statements)
    if isinstance(owner, Ticket):
        of_tickets.rows_follow(owner)


def _erase_rows(plan: Plan) -> None:
    """The subject's own rows, then every other place in which the words stand."""
    subject = plan.subject
    _stop_mails(plan.personal)
    if isinstance(subject, Person):
        for name in OWN:
            table = Base.metadata.tables[name]
            db.session.execute(delete(table).where(table.c.person_id == subject.id))
        of_people.erase_row(subject, plan.stand_in)
    elif isinstance(subject, Client):
        erase_client(subject, plan.stand_in)
    else:
        erase_contact(subject, plan.stand_in)
    if plan.emptied_tickets:
        db.session.execute(update(CallBack).where(CallBack.ticket_id.in_(plan.emptied_tickets))
                           .values(contact_name="", note=""))
    db.session.flush()
    _mark_reports(plan.personal)
    sweep(plan.personal, plan.stand_in)
    db.session.expire_all()
    for ticket in _touched(plan):
        of_tickets.search_follows(ticket)
    of_tickets.forget_stems()


def _stop_mails(personal: Personal) -> None:
    """A mail that waits for an address that is erased goes nowhere."""
    db.session.execute(update(Message).where(
        Message.recipient.in_(personal.others), Message.state == MessageState.WAITING
    ).values(state=MessageState.REFUSED, answer=say(WAITING_ANSWER)))


def _mark_reports(personal: Personal) -> None:
    """A frozen report whose names are replaced says so, for it was not sent like this."""
    for report in db.session.scalars(select(DailyReport)):
        said = str(report.data)
        if any(word in said for word in personal.words):
            report.data = {**report.data, "erased": 1}
    db.session.flush()


def _touched(plan: Plan) -> Iterator[Ticket]:
    """Tickets that the search would still find by what is erased."""
    numbers = [int(chain.partition(":")[2]) for chain in plan.chains if chain.startswith("ticket:")]
    yield from db.session.scalars(select(Ticket).where(Ticket.number.in_(numbers)))
    if isinstance(plan.subject, Client):
        yield from db.session.scalars(select(Ticket).where(Ticket.client_id == plan.subject.id,
                                                           Ticket.number.not_in(numbers)))


def _owner(chain: str) -> Chained:
    """The row that owns the chain. Raises LookupError for a chain of lifecycles or erasures, which
    hold no words of people."""
    kind, _, name = chain.partition(":")
    column = {"ticket": Ticket.number, "person": Person.id, "import": ImportRun.id}[kind]
    owner: Chained = db.session.scalars(
        select(column.class_).where(column == int(name))).one()
    return owner
