"""A log in XES by the mapping that comes with the product, without a word about its activities."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from registry.core.db import db
from registry.ledger.entries import content_of, entries_of, unseal
from registry.people.models import Person
from registry.tickets.models import Ticket
from tests.registry.imports import kept
from tests.registry.imports.conftest import Run


def tickets() -> dict[str, Ticket]:
    """The tickets by the names of their traces."""
    return {ticket.source_key.partition(":")[2]: ticket
            for ticket in db.session.scalars(select(Ticket))}


def test_each_trace_is_a_ticket_and_bad_events_are_named(
    bring_in: Run, repairs: Path, registry: Flask
):
    answer = bring_in(repairs, "xes")
    assert answer.exit_code == 0, answer.output
    lines = repairs.read_text(encoding="utf-8").splitlines()
    named = [int(line.split()[1].rstrip(":")) for line in answer.stderr.splitlines()
             if line.startswith("Line ")]
    assert [lines[number - 1].strip() for number in named] == ["<event>"] * 3
    assert "“2016-13-45T11:00:00”" in answer.stderr
    assert "the case is not named" in answer.stderr
    assert "the event stands outside every trace" in answer.stderr
    with registry.app_context():
        assert {case: ticket.state for case, ticket in tickets().items()} == {
            "R-1": "closed", "R-2": "in_fix", "R-3": "closed", "R-4": "cancelled"}
        assert kept.proved().is_sound


def test_a_ticket_passes_through_the_hands_of_those_who_acted(
    bring_in: Run, repairs: Path, registry: Flask
):
    bring_in(repairs, "xes")
    with registry.app_context():
        ticket = tickets()["R-1"]
        names = {person.ref: person.name for person in db.session.scalars(select(Person))}
        said = [(entry.kind, content_of(entry)) for entry in entries_of(ticket.chain)]
        assert [(kind, names.get(content.get("holder", "")), content.get("target"))
                for kind, content in said] == [
            ("logged", None, None),
            ("department_changed", None, None),
            ("moved", None, "in_fix"),
            ("handoff_accepted", "Pavel Orlov", "in_fix"),
            ("moved", None, "on_hold"),
            ("moved", None, "in_fix"),
            ("handoff_accepted", "Ivan Sokolov", "in_fix"),
            ("handoff_accepted", "Ольга Белова", "closed"),
        ]
        assert ticket.summary == "Router does not start / R-1"
        assert ticket.last_mender.name == "Ivan Sokolov"
        assert ticket.client.name == "Client of the event log"


def test_times_keep_their_zone_or_stand_in_the_companys(
    bring_in: Run, repairs: Path, registry: Flask
):
    bring_in(repairs, "xes")
    with registry.app_context():
        times = [entry.at for entry in entries_of(tickets()["R-1"].chain)]
        assert times[3] == datetime(2016, 3, 1, 10, 0, tzinfo=UTC)
        assert times[4] == datetime(2016, 3, 1, 11, 30, 0, 250_000, tzinfo=UTC)
        assert tickets()["R-2"].logged_at == datetime(2016, 3, 2, 8, 0, tzinfo=UTC)


def test_events_are_put_in_order_by_time_and_words_of_the_log_lie_under_seals(
    bring_in: Run, repairs: Path, registry: Flask
):
    bring_in(repairs, "xes")
    with registry.app_context():
        contents = [content_of(entry) for entry in entries_of(tickets()["R-3"].chain)]
        words = unseal(content["activity"] for content in contents[1:])
        assert [words[content["activity"]] for content in contents[1:]] == ["Take in", "Ship"]
        assert b"Take in" not in b"".join(
            entry.body for entry in entries_of(tickets()["R-3"].chain))
        assert tickets()["R-3"].originator.name == "Ольга Белова"


def test_a_second_run_of_the_same_traces_adds_nothing(
    bring_in: Run, repairs: Path, registry: Flask, tmp_path: Path
):
    bring_in(repairs, "xes")
    with registry.app_context():
        before = kept.rows()
    spaced = tmp_path / "spaced.xes"
    spaced.write_text(repairs.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    answer = bring_in(spaced, "xes")
    assert "4 cases were here already and were left as they are." in answer.output
    with registry.app_context():
        assert {name: count for name, count in kept.rows().items() if "ledger" not in name} == {
            name: count for name, count in before.items() if name not in (
                "ledger_entry", "ledger_pending", "sealed_text")} | {
            "sealed_text": before["sealed_text"] + 1}
