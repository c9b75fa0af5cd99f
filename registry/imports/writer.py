"""Writes a batch of cases: rows made as the verbs make them, but thousands with one statement.

Entries come from the ledger's own form, what a ticket says first from the verb that logs one, and
its row from replaying its entries: an imported ticket cannot differ from one that was logged here.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert

from registry.core.db import db
from registry.imports.cases import Case, Step
from registry.imports.first_sight import Sights
from registry.imports.mapping import Mapping as LogMapping
from registry.imports.mapping import folded
from registry.imports.models import ImportRun
from registry.ledger.entries import entry_values, seal_of, seals_in
from registry.ledger.models import ZERO, LedgerEntry, LedgerPending, SealedText
from registry.tickets.chain import Sealed
from registry.tickets.handoff_models import Handoff
from registry.tickets.models import Ticket, TicketSearch
from registry.tickets.projection import replay
from registry.tickets.service import Problem, logged_content, stems_of_problem

Rows = list[dict[str, Any]]
Told = tuple[str, datetime, str, dict[str, Any]]


class Kept(Sealed):
    """Seals as everywhere; their rows are collected for the batch."""

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self._rows = rows

    def __call__(self, words: str) -> str:
        if not words:
            return ""
        salt = secrets.token_hex(16)
        key = seal_of(salt, words)
        self._rows.append({"seal": key, "salt": salt, "words": words, "erased_at": None})
        self[key] = words
        return key


class Writer:
    """Takes cases one by one, then writes them all. ``digest`` is the lifecycle's version."""

    def __init__(self, run: ImportRun, mapping: LogMapping, digest: str, sights: Sights) -> None:
        self._run, self._digest, self._sights = run, digest, sights
        self._states, self._source = mapping.states, mapping.source
        self._rows: dict[type, Rows] = defaultdict(list)
        self._handoffs: list[tuple[int, Rows]] = []
        self.handoffs = self.entries = 0

    def take(self, number: int, case: Case, steps: Sequence[Step]) -> None:
        """Prepare the rows of one case under its ticket's number."""
        sealed = Kept(self._rows[SealedText])
        problem = self._problem(case)
        told = [self._logged(case, problem, sealed),
                *(self._step(step, sealed) for step in steps)]
        _refuse_false_seals(told, sealed)
        entries = _chained(f"ticket:{number}", told)
        image = replay(((entry["seq"], kind, at, content) for entry, (kind, at, _, content)
                        in zip(entries, told, strict=True)), sealed)
        handoffs = [{"seq": seq, **values} for seq, values in image.handoffs.items()]
        self._rows[LedgerEntry] += entries
        self._rows[LedgerPending] += [{"chain": entry["chain"], "seq": entry["seq"]}
                                      for entry in entries]
        self._rows[Ticket].append({
            **image.values, "number": number, "source_key": source_key(self._source, case.key),
            "head_seq": entries[-1]["seq"], "head_hash": entries[-1]["hash"]})
        self._handoffs.append((number, handoffs))
        self._rows[TicketSearch].append({"number": number,
                                         "stems": stems_of_problem(number, problem)})
        self.handoffs += len(handoffs)
        self.entries += len(entries)

    def write(self) -> None:
        """Write everything that was taken, in as many statements as there are tables."""
        for kind in (SealedText, LedgerEntry, LedgerPending):
            self._insert(kind, self._rows[kind])
        table = _table(Ticket)
        made = db.session.connection().execute(
            insert(table).returning(table.c.number, table.c.id), self._rows[Ticket])
        ids: dict[int, int] = {row.number: row.id for row in made}
        self._insert(Handoff, [{**row, "ticket_id": ids[number]}
                               for number, rows in self._handoffs for row in rows])
        self._insert(TicketSearch, [{"ticket_id": ids[row["number"]], "stems": row["stems"]}
                                    for row in self._rows[TicketSearch]])

    def _insert(self, kind: type, rows: Rows) -> None:
        if rows:
            db.session.connection().execute(insert(_table(kind)), rows)

    def _problem(self, case: Case) -> Problem:
        return Problem(
            self._sights.client(case.client), case.summary, description=case.description,
            site=self._sights.site(case.client, case.site),
            contact=self._sights.contact(case.client, case.contact))

    def _logged(self, case: Case, problem: Problem, sealed: Kept) -> Told:
        originator = self._sights.person(case.originator)
        content = logged_content(problem, originator, self._digest, sealed)
        return "logged", case.opened_at, originator.ref, {
            **content, "imported": 1, "line": case.line, "run": self._run.ref,
            "key": sealed(case.key)}

    def _step(self, step: Step, sealed: Kept) -> Told:
        kind, content = self._told(step)
        by = self._sights.ref(step.actor) or "system"
        return kind, step.at, by, {**content, "imported": 1, "line": step.line,
                                   "activity": self._activity(step.activity, sealed)}

    def _told(self, step: Step) -> tuple[str, dict[str, Any]]:
        department = self._sights.department(step.department)
        if step.source == step.target and not step.holder:
            return "department_changed", {"department": department}
        state = {"move": "", "source": step.source, "target": step.target,
                 "final": int(step.final), "effects": list(step.effects), "fields": {}}
        if not step.holder:
            return "moved", {**state, "reason": ""}
        return "handoff_accepted", {
            **state, "giver": self._sights.ref(step.giver), "holder": self._sights.ref(step.holder),
            "mender": self._sights.ref(step.mender), "originator": "", "authority": 0,
            "department": department, "next_step": ""}

    def _activity(self, words: str, sealed: Kept) -> str:
        """What the other system called it: in clear where the mapping's author wrote the word,
        else under a seal, for nobody knows what a log may hold."""
        return words if folded(words) in self._states.activities else sealed(words)


def source_key(source: str, case: str) -> str:
    """By what a second run knows the ticket again."""
    return f"{source}:{case}"


def _chained(chain: str, told: Sequence[Told]) -> Rows:
    entries: Rows = []
    head = ZERO
    for seq, (kind, at, by, content) in enumerate(told, start=1):
        entries.append(entry_values(chain, seq, head, kind, by=by, at=at, content=content))
        head = entries[-1]["hash"]
    return entries


def _refuse_false_seals(told: Sequence[Told], sealed: Mapping[str, object]) -> None:
    """As ``record`` does: a text that looks like a seal but is none would be missed later."""
    for _, _, _, content in told:
        for seal in seals_in(content):
            if seal not in sealed:
                raise ValueError(f"no words are kept under {seal}")


def _table(kind: type) -> Table:
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table
