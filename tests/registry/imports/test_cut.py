"""Sixty cases of the real log, with every oddity of it: the registry says what the file says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from registry.core.calendar import company_calendar
from registry.core.db import db
from registry.ledger.entries import content_of, entries_of, seals_in, unseal
from registry.ledger.models import ZERO, LedgerEntry
from registry.people.models import Department, Person
from registry.tickets.chain import Sealed, append
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.history import history_of
from registry.tickets.models import Ticket
from registry.tickets.search import matches
from tests.factories import NOW
from tests.registry.imports import counted, kept
from tests.registry.imports.conftest import Run


def ticket_of(case: str) -> Ticket:
    """The ticket of a case."""
    return db.session.scalars(
        select(Ticket).where(Ticket.source_key == f"incident_log:{case}")).one()


def test_bad_rows_are_named_by_their_line_and_left_out(bring_in: Run, cut: Path):
    answer = bring_in(cut)
    assert answer.exit_code == 0, answer.output
    lines = [line for line in answer.stderr.splitlines() if line.startswith("Line ")]
    assert lines == [f"Line {line}: the mapping knows no state for “-100”"
                     for line in counted.bad_lines(cut)]
    assert "5 rows are left out:" in answer.stderr


def test_the_registry_counts_as_the_file_does(bring_in: Run, cut: Path, registry: Flask):
    bring_in(cut)
    cases = counted.incidents(cut)
    reopenings = [len(case.reopenings()) for case in cases.values() if case.reopenings()]
    with registry.app_context():
        assert kept.numbers_by_case().keys() == cases.keys()
        assert kept.states() == Counter(closed=60)
        assert kept.reopened() == (len(reopenings), sum(reopenings))
        assert kept.holders() == counted.moves(cases, "assigned_to")
        assert kept.departments() == counted.moves(cases, "assignment_group")


def test_numbers_have_no_holes_and_follow_the_file(bring_in: Run, cut: Path, registry: Flask):
    bring_in(cut)
    with registry.app_context():
        assert kept.numbers_by_case() == {
            case: number for number, case in enumerate(counted.incidents(cut), start=1)}


def test_the_ledger_verifies_and_rows_are_what_replaying_gives(
    bring_in: Run, cut: Path, registry: Flask
):
    bring_in(cut)
    with registry.app_context():
        verdict = kept.proved()
        assert [str(finding) for finding in verdict.findings] == []
        assert verdict.entries == kept.rows()["ledger_entry"] == kept.rows()["ledger_pending"]


def test_nothing_is_signed_and_every_entry_says_that_it_was_imported(
    bring_in: Run, cut: Path, registry: Flask
):
    bring_in(cut)
    lines = {line for case in counted.incidents(cut).values() for line, _ in case.rows}
    with registry.app_context():
        entries = [entry for chain in kept.chains() for entry in chain]
        assert {entry["content"]["imported"] for entry in entries} == {1}
        assert {entry["content"]["line"] for entry in entries} <= lines
        assert not any("signatures" in entry["content"] for entry in entries)
        handoffs = db.session.scalars(select(Handoff)).all()
        assert {handoff.state for handoff in handoffs} == {HandoffState.ACCEPTED}
        assert all(handoff.is_imported and handoff.taker_id is None
                   and handoff.receiver_signed_at is None for handoff in handoffs)


def test_each_entry_has_the_time_of_its_row_and_time_never_runs_backwards(
    bring_in: Run, cut: Path, registry: Flask
):
    bring_in(cut)
    cases = counted.incidents(cut)
    calendar = company_calendar
    with registry.app_context():
        for case, number in kept.numbers_by_case().items():
            times = dict(zip((line for line, _ in cases[case].rows), cases[case].times,
                             strict=True))
            entries = entries_of(f"ticket:{number}")
            said = [calendar().local(entry.at).replace(tzinfo=None) for entry in entries]
            assert said == sorted(said)
            assert said[0] == cases[case].opened_at
            assert said[1:] == [times[content_of(entry)["line"]] for entry in entries[1:]]


def test_persons_are_no_accounts_and_their_departments_are_closed(
    bring_in: Run, cut: Path, registry: Flask
):
    bring_in(cut)
    with registry.app_context():
        persons = db.session.scalars(select(Person)).all()
        assert persons
        for person in persons:
            assert person.is_imported
            assert not person.is_active
            assert (person.password_hash, person.roles) == ("", frozenset())
            assert person.login.startswith("import-")
        assert db.session.scalar(select(func.count()).where(Department.is_active)) == 0


def test_a_ticket_says_what_the_log_knew_of_it(bring_in: Run, cut: Path, registry: Flask):
    bring_in(cut)
    with registry.app_context():
        ticket = ticket_of("INC0000137")
        rows = counted.incidents(cut)["INC0000137"].rows
        last = rows[-1][1]
        assert ticket.summary == " / ".join(
            last[column] for column in ("category", "subcategory", "u_symptom")
            if last[column] != "?")
        assert ticket.client.name == ticket.site.name == last["location"]
        assert ticket.contact.name == last["caller_id"]
        assert f"Priority: {last['priority']}" in ticket.description.splitlines()
        assert ticket.promised_at is None
        assert db.session.scalar(select(func.count()).select_from(Ticket).where(
            matches(f"{last['category']} {ticket.number}"))) >= 1


def test_what_the_log_does_not_know_is_said_to_be_unknown(
    bring_in: Run, cut: Path, registry: Flask
):
    bring_in(cut)
    cases = counted.incidents(cut).values()
    nobody = [case.number for case in cases if not case.opener]
    nowhere = [case.number for case in cases if not case.names("location")]
    assert nobody
    assert nowhere
    with registry.app_context():
        assert {ticket_of(case).originator.name for case in nobody} == {
            "Originator not in the log"}
        assert {ticket_of(case).client.name for case in nowhere} == {"Location not in the log"}
        assert {ticket_of(case).site for case in nowhere} == {None}


@pytest.mark.parametrize(("language", "sentence"), [
    ("en", "Handed over: "), ("ru", "Передана: "),
])
def test_the_history_tells_of_imported_handoffs_in_words(
    bring_in: Run, cut: Path, registry: Flask, language: str, sentence: str
):
    bring_in(cut)
    case = next(case for case in counted.incidents(cut).values() if case.reopenings())
    with registry.test_request_context(headers={"Accept-Language": language}):
        ticket = ticket_of(case.number)
        history = history_of(ticket, company_calendar(), now=NOW)
        told = [event for event in history.events if event.text.startswith(sentence)]
        handoffs = db.session.scalar(select(func.count()).where(Handoff.ticket_id == ticket.id))
        assert len(told) == handoffs > 1
        assert all(event.is_imported for event in history.events)
        assert not any(event.signatures for event in history.events)
        assert "Resolved" in {text for chapter in history.chapters for _, text in chapter.words}


def test_what_is_written_at_once_is_what_the_verbs_write_one_by_one(
    bring_in: Run, cut: Path, registry: Flask
):
    bring_in(cut)
    case = next(case for case in counted.incidents(cut).values() if len(case.reopenings()) > 1)
    with registry.app_context():
        imported = ticket_of(case.number)
        ours = Ticket(number=9_999, head_seq=0, head_hash=ZERO, reopen_count=0)
        db.session.add(ours)
        with db.session.no_autoflush:
            for entry in entries_of(imported.chain):
                assert said(appended(ours, entry)) == said(entry)
        db.session.expire_all()
        assert columns(ours) == columns(imported)
        assert [columns(handoff) for handoff in handoffs_of(ours)] == [
            columns(handoff) for handoff in handoffs_of(imported)]
        db.session.rollback()


def appended(ticket: Ticket, entry: LedgerEntry) -> LedgerEntry:
    """The same said of another ticket by the road that verbs take."""
    content, sealed = content_of(entry), Sealed()
    sealed.update(unseal(seals_in(content)))
    by = db.session.get(Person, int(entry.actor.partition(":")[2]))
    handoff = Handoff(ticket=ticket) if entry.kind == "handoff_accepted" else None
    return append(ticket, entry.kind, content, sealed, by=by, now=entry.at, act=handoff)


def said(entry: LedgerEntry) -> dict[str, Any]:
    """The entry's body without the names of chain and entry before."""
    return {key: value for key, value in json.loads(entry.body).items()
            if key not in ("chain", "prev")}


def columns(row: Ticket | Handoff) -> dict[str, Any]:
    """The row but for what tells it from another."""
    own = {"id", "number", "ticket_id", "source_key", "head_hash"}
    return {column.name: getattr(row, column.name) for column in row.__table__.columns
            if column.name not in own}


def handoffs_of(ticket: Ticket) -> list[Handoff]:
    """The ticket's handoffs in their order."""
    return list(db.session.scalars(
        select(Handoff).where(Handoff.ticket_id == ticket.id).order_by(Handoff.seq)))
