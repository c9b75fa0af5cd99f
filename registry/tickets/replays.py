"""Proving that the rows of tickets are what replaying their chains gives (``countersign verify``).

Goes through all tickets in batches, so a million of them need no memory. That the chains themselves
are unbroken is the ledger's to check; here the rows are held against what the chains say. Erased
words are known to nobody: a row must not hold them any more, and nothing else is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import FromClause, select
from sqlalchemy.engine import Row

from registry.core.db import db
from registry.core.words import N_
from registry.ledger.entries import moment, seals_in, unseal
from registry.ledger.entry_check import read_body
from registry.ledger.findings import Finding
from registry.ledger.owners import chain_number
from registry.ledger.stored import ENTRY
from registry.tickets.handoff_models import Handoff, JointAct
from registry.tickets.models import Attachment, PromiseChange, Ticket
from registry.tickets.projection import TicketImage, maybe_moment, ref_id, replay

BATCH = 200
SENTENCES = {
    "row_differs": N_("The column %(column)s of the ticket's row is not what its chain says."),
    "row_unreadable": N_("The ticket's row holds what does not belong there."),
    "no_replay": N_("The chain cannot be replayed: its entries do not make a ticket."),
    "act_differs": N_("The column %(column)s of the row of %(what)s is not what the chain says."),
    "act_missing": N_("The row of %(what)s that this entry began is missing."),
    "act_idle": N_("There is a row of %(what)s that no entry began."),
}
# What a batch may trip over where a row was written by another hand than ours.
UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)

Said = tuple[int, str, datetime, Mapping[str, Any]]


@dataclass(frozen=True)
class Kept:
    """A table whose rows follow from the chain, and what its rows are in the order of the ids."""

    table: FromClause
    what: str
    expected: Callable[[TicketImage, Sequence[Said], Mapping[str, str | None]],
                       dict[int, dict[str, Any]]]


def check_tickets(only: str | None) -> Iterator[Finding]:
    """Every row that is not what its chain says; of one ticket where ``only`` is its number."""
    if only is not None:
        number = chain_number(only)
        if number is not None:
            yield from _check_batch([number])
        return
    last = -1
    while numbers := db.session.scalars(
            select(Ticket.number).where(Ticket.number > last)
            .order_by(Ticket.number).limit(BATCH)).all():
        yield from _check_batch(numbers)
        last = numbers[-1]


def _check_batch(numbers: Sequence[int]) -> Iterator[Finding]:
    """The findings of these tickets. A row that cannot even be read is sought out by halving."""
    try:
        found = list(_compare_batch(numbers))
    except UNREADABLE:
        if len(numbers) == 1:
            yield _finding("row_unreadable", numbers[0])
            return
        middle = len(numbers) // 2
        yield from _check_batch(numbers[:middle])
        yield from _check_batch(numbers[middle:])
    else:
        yield from found


def _compare_batch(numbers: Sequence[int]) -> Iterator[Finding]:
    table = Ticket.__table__
    rows = db.session.execute(select(table).where(table.c.number.in_(numbers))).all()
    entries = _entries(numbers)
    words = unseal({seal for said in entries.values() for each in said
                    for seal in seals_in(each[3])})
    kept = {each.what: _rows_by_ticket(each.table, [row.id for row in rows]) for each in KEPT}
    for row in sorted(rows, key=lambda each: each.number):
        said = entries.get(row.number, [])
        try:
            image = replay(said, words)
            expected = {each.what: each.expected(image, said, words) for each in KEPT}
        except UNREADABLE:
            yield _finding("no_replay", row.number)
            continue
        if not image.values.keys() - {"reopen_count"}:
            yield _finding("no_replay", row.number)
            continue
        yield from (_finding("row_differs", row.number, column=name)
                    for name in _differing(row, image.values))
        for each in KEPT:
            yield from _compare_acts(each, row.number, kept[each.what].get(row.id, {}),
                                     expected[each.what])


def _entries(numbers: Sequence[int]) -> dict[int, list[Said]]:
    """What the chains say, by the ticket's number; entries that cannot be read are left out, the
    ledger's own check names them."""
    query = (select(ENTRY.c.chain, ENTRY.c.body)
             .where(ENTRY.c.chain.in_([f"ticket:{number}" for number in numbers]))
             .order_by(ENTRY.c.chain, ENTRY.c.seq))
    found: dict[int, list[Said]] = {}
    for chain, body in db.session.execute(query):
        said = read_body(body)
        if said is not None:
            found.setdefault(int(chain.rpartition(":")[2]), []).append(
                (said["seq"], said["kind"], moment(said["at"]), said["content"]))
    return found


def _rows_by_ticket(table: FromClause, ids: Sequence[int]) -> dict[int, dict[int, Row[Any]]]:
    """The table's rows by ticket, and by the entry that began each, or by their order."""
    query = select(table).where(table.c.ticket_id.in_(ids)).order_by(table.c.id)
    found: dict[int, dict[int, Row[Any]]] = {}
    for row in db.session.execute(query):
        of_ticket = found.setdefault(row.ticket_id, {})
        of_ticket[row.seq if "seq" in table.c else len(of_ticket) + 1] = row
    return found


def _compare_acts(kept: Kept, number: int, rows: Mapping[int, Row[Any]],
                  expected: Mapping[int, Mapping[str, Any]]) -> Iterator[Finding]:
    has_seq = "seq" in kept.table.c
    for key in sorted(rows.keys() | expected.keys()):
        place = key if has_seq else None
        if key not in rows:
            yield _finding("act_missing", number, place, what=kept.what)
        elif key not in expected:
            yield _finding("act_idle", number, place, what=kept.what)
        else:
            for name in _differing(rows[key], expected[key]):
                yield _finding("act_differs", number, place, what=kept.what, column=name)


def _differing(row: Row[Any], expected: Mapping[str, Any]) -> list[str]:
    held = row._mapping
    return [name for name, value in expected.items() if not _same(held[name], value)]


def _same(held: object, said: object) -> bool:
    """Whether a value of a row is what the chain says; of erased words nothing may be left."""
    if isinstance(said, dict) and isinstance(held, dict):
        return held.keys() == said.keys() and all(
            _same(held[name], value) for name, value in said.items())
    if said is None and held == "":
        return True
    return held == said


def _finding(code: str, number: int, seq: int | None = None, **params: object) -> Finding:
    return Finding(f"ticket:{number}", seq, code, SENTENCES[code], params)


def _promises(image: TicketImage, said: Sequence[Said], words: Mapping[str, str | None]
              ) -> dict[int, dict[str, Any]]:
    changes = [(at, content) for _, kind, at, content in said if kind == "promised"]
    return {order: {
        "promised_at": moment(content["promised_at"]), "at": at,
        "was_promised_at": maybe_moment(content["was"]), "by_id": ref_id(content["promised_by"]),
        "reason": words[content["reason"]], "client_told": bool(content["client_told"]),
    } for order, (at, content) in enumerate(changes, start=1)}


def _files(image: TicketImage, said: Sequence[Said], words: Mapping[str, str | None]
           ) -> dict[int, dict[str, Any]]:
    files = [(at, content) for _, kind, at, content in said if kind == "file_attached"]
    return {order: {
        "name": words[content["name"]], "media_type": content["media_type"],
        "size": content["size"], "digest": content["digest"], "at": at,
    } for order, (at, content) in enumerate(files, start=1)}


KEPT = (
    Kept(Handoff.__table__, "handoff", lambda image, said, words: image.handoffs),
    Kept(JointAct.__table__, "joint act", lambda image, said, words: image.joint_acts),
    Kept(PromiseChange.__table__, "promise", _promises),
    Kept(Attachment.__table__, "attachment", _files),
)
