"""A ticket's chain as people read it: each entry a sentence, with its words and signatures.

Used by the ticket's page and by the page of its chain; also gives the line that passes from hand
to hand (the look: the hand). A few queries, however long the chain.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from registry.core.calendar import WorkingCalendar
from registry.core.db import db
from registry.core.languages import language, say
from registry.core.times import exact_text
from registry.core.words import N_
from registry.ledger.entries import SEAL, content_of, entries_of, moment, unseal
from registry.ledger.models import LedgerEntry
from registry.people.models import Department, Person, Role
from registry.people.names import role_name
from registry.tickets.acts import engine_for
from registry.tickets.lifecycles import engine_of
from registry.tickets.models import Ticket
from registry.tickets.projection import ref_id
from registry.tickets.sentences import LABELS, SENTENCES
from registry.tickets.timelines import Segment, timeline_of
from registry.tickets.wording import method
from workflows import Workflow

ERASED = N_("erased by law")


@dataclass(frozen=True)
class SignatureLine:
    """One signature as it is shown wherever the record is: name, meaning, time, role, method."""

    signer_id: int | None
    name: str
    on_behalf_of: str
    meaning: str
    role: str
    method: str
    at: datetime
    statement: str

    @property
    def short(self) -> str:
        """The beginning of the statement's hash."""
        return self.statement[:8]


@dataclass(frozen=True)
class Event:
    """One entry as a sentence. ``words`` are (label, text) pairs."""

    seq: int
    at: datetime
    kind: str
    text: str
    words: tuple[tuple[str, str], ...]
    signatures: tuple[SignatureLine, ...]
    hash: str
    is_imported: bool = False


@dataclass(frozen=True)
class Chapter:
    """The entries of one moment, told as one: an acceptance with its signatures and promise."""

    at: datetime
    texts: tuple[str, ...]
    words: tuple[tuple[str, str], ...]
    signatures: tuple[SignatureLine, ...]
    is_imported: bool


@dataclass(frozen=True)
class History:
    """The events from the first to the last, and the line of hands."""

    events: tuple[Event, ...]
    segments: tuple[Segment, ...]

    @property
    def chapters(self) -> list[Chapter]:
        """The history for reading: what happened at one moment told once."""
        moments = itertools.groupby(self.events, key=lambda event: event.at)
        return [_chapter(at, list(events)) for at, events in moments]


def history_of(ticket: Ticket, calendar: WorkingCalendar, *, now: datetime,
               exact: bool = False) -> History:
    """Read the ticket's chain. Working time is counted by ``calendar`` up to ``now``. With
    ``exact`` no sentence says «today»: for what is kept longer than a day."""
    entries = entries_of(ticket.chain)
    contents = [(entry, content_of(entry)) for entry in entries]
    seals = {seal for _, content in contents for _, seal in seals_in(content)}
    persons = _persons(entries, [content for _, content in contents])
    reader = _Reader(engine_for(ticket).workflow, unseal(seals), persons, _departments(contents),
                     exact=exact)
    return History(tuple(reader.event(entry, content) for entry, content in contents),
                   timeline_of([(entry.at, entry.kind, content) for entry, content in contents],
                               {ref_id(ref) or 0: name for ref, name in persons.items()}, calendar,
                               now=now))


SAID_BEFORE = ("handoff_accepted",)  # its words stand in the offer and under the signature
UNDER_SIGNATURE = ("handoff_signed",)  # the signature below says it


def _chapter(at: datetime, events: list[Event]) -> Chapter:
    telling = [event for event in events if event.kind not in UNDER_SIGNATURE] or events
    words: dict[str, str] = {}
    for event in events:
        if event.is_imported or event.kind not in SAID_BEFORE:
            for label, text in event.words:
                words.setdefault(text, label)
    return Chapter(at, tuple(event.text for event in telling),
                   tuple((label, text) for text, label in words.items()),
                   tuple(line for event in events for line in event.signatures),
                   any(event.is_imported for event in events))


class _Reader:
    """What the sentences of one chain need: titles, words, names."""

    def __init__(self, workflow: Workflow, words: Mapping[str, str | None],
                 persons: Mapping[str, str], departments: Mapping[str, str], *,
                 exact: bool = False) -> None:
        self.workflow, self.words, self.exact = workflow, words, exact
        self.persons, self.departments = persons, departments

    def event(self, entry: LedgerEntry, content: Mapping[str, Any]) -> Event:
        """The entry as a sentence, in the words of the version that the ticket was under then."""
        if content.get("lifecycle"):
            self.workflow = engine_of(content["lifecycle"]).workflow
        said = {"by": self.name(entry.actor), **self._names(content)}
        sentence = SENTENCES.get(entry.kind)
        text = say(sentence(content) if sentence else N_("Entry of an unknown kind"), said)
        return Event(entry.seq, entry.at, entry.kind, text, tuple(self._words(content)),
                     self.signatures(content), entry.hash,
                     bool(content.get("imported", 0)))

    def name(self, ref: str) -> str:
        """The person's name; the registry itself where nobody acted."""
        return self.persons.get(ref) or say(N_("the registry itself"))

    def _names(self, content: Mapping[str, Any]) -> dict[str, object]:
        """Everything of the content that a sentence may name."""
        names: dict[str, object] = {
            part: self.name(content[part])
            for part in ("giver", "receiver", "witness", "missing", "holder", "originator",
                         "promised_by")
            if content.get(part)}
        move, target = str(content.get("move", "")), str(content.get("target", ""))
        if move in self.workflow.moves:
            names["move"] = self.workflow.moves[move].title
        if target in self.workflow.states:
            names["state"] = self.workflow.states[target].title
        if content.get("department") in self.departments:
            names["department"] = self.departments[content["department"]]
        if content.get("promised_at"):
            promised = moment(content["promised_at"])
            names["date"] = exact_text(promised) if self.exact else promised
        return names

    def _words(self, content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        move = self.workflow.moves.get(str(content.get("move", "")))
        titles = {each.name: each.title for each in move.fields} if move else {}
        for name, seal in seals_in(content):
            words = self.words.get(seal)
            label = say(LABELS[name]) if name in LABELS else (
                titles[name].said(language()) if name in titles else name)
            yield label, say(ERASED) if words is None else words
        activity = str(content.get("activity", ""))
        if activity and not activity.startswith(SEAL):
            yield say(LABELS["activity"]), activity

    def _role(self, role: str) -> str:
        """«giver:engineer» as people say it: «engineer»; the part stands in the meaning."""
        return ", ".join(_house_role(name) for name in role.rpartition(":")[2].split(",") if name)

    def signatures(self, content: Mapping[str, Any]) -> tuple[SignatureLine, ...]:
        """The signatures that the entry carries."""
        return tuple(map(self._signature, content.get("signatures", ())))

    def _signature(self, signed: Mapping[str, str]) -> SignatureLine:
        meaning = self.workflow.meanings.get(signed["meaning"])
        return SignatureLine(
            ref_id(signed["by"]), self.name(signed["by"]),
            self.name(signed["for"]) if signed["for"] else "",
            meaning.said(language()) if meaning else signed["meaning"],
            self._role(signed["role"]), method(signed["method"]), moment(signed["at"]),
            signed["statement"])


def signatures_of(
    entries: Sequence[tuple[Workflow, Mapping[str, Any]]]
) -> list[tuple[SignatureLine, ...]]:
    """The signatures of entries of any tickets, each content with its ticket's workflow, in their
    order; one query for the names."""
    persons = _persons((), [content for _, content in entries])
    return [_Reader(workflow, {}, persons, {}).signatures(content)
            for workflow, content in entries]


def _house_role(name: str) -> str:
    return role_name(Role(name)) if name in set(Role) else name


def seals_in(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The (name, seal) pairs of an entry's content, its fields included."""
    for name, value in [*content.items(), *dict(content.get("fields", {})).items()]:
        if isinstance(value, str) and value.startswith(SEAL):
            yield name, value


def _persons(entries: Iterable[LedgerEntry],
             contents: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The names of all whom the chain names, by how it names them."""
    refs = {entry.actor for entry in entries}
    for content in contents:
        refs |= {value for value in content.values()
                 if isinstance(value, str) and value.startswith("person:")}
        for signed in content.get("signatures", ()):
            refs |= {signed["by"], signed["for"]}
    ids = [ref_id(ref) for ref in refs if ref.startswith("person:")]
    query = select(Person.id, Person.name).where(Person.id.in_(ids))
    return {f"person:{key}": name for key, name in db.session.execute(query)}


def _departments(
    contents: Iterable[tuple[LedgerEntry, Mapping[str, Any]]]
) -> dict[str, str]:
    """The names of departments that got the ticket while its holder stayed (imports only)."""
    ids = {ref_id(content["department"]) for entry, content in contents
           if entry.kind == "department_changed"}
    if not ids:
        return {}
    query = select(Department.id, Department.name).where(Department.id.in_(ids))
    return {f"department:{key}": name for key, name in db.session.execute(query)}
