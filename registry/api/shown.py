"""Rows as plain data: the bodies that the API answers. Moments are ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from registry.clients.models import Client, Site
from registry.clients.queries import ClientRow
from registry.core.languages import language, say
from registry.ledger.entries import stamp
from registry.ledger.queries import EntryRow
from registry.people.models import Person
from registry.people.queries import PersonRow
from registry.tickets.desk_queries import Desk, HeldRow, JointRow, WaitingRow
from registry.tickets.handoff_models import Handoff
from registry.tickets.models import Ticket
from registry.tickets.registry_queries import Row
from registry.tickets.statements import plain
from workflows import Choice, Title


def moment(value: datetime | None) -> str | None:
    """A moment, or null."""
    return stamp(value) if value is not None else None


def named(thing: Any, language_: str = "") -> dict[str, Any] | None:
    """A thing by id and name; null for none."""
    if thing is None:
        return None
    name = thing.name_in(language_) if language_ else thing.name
    return {"id": thing.id, "name": name}


def person(row: PersonRow) -> dict[str, Any]:
    """A person of a list."""
    return {"id": row.id, "login": row.login, "name": row.name, "department": row.department,
            "roles": [role.value for role in row.roles], "away_until": moment(row.away_until),
            "deputy": row.deputy}


def client_row(row: ClientRow) -> dict[str, Any]:
    """A client of a list."""
    return {"id": row.id, "name": row.name, "tier": row.tier.value, "key_person": row.key_person,
            "sites": row.sites, "known_by": list(row.knowers)}


def new_client(client: Client) -> dict[str, Any]:
    """A client just entered: nobody and nothing belongs to it yet."""
    return {"id": client.id, "name": client.name, "tier": client.tier.value, "key_person": "",
            "sites": 0, "known_by": []}


def site(place: Site) -> dict[str, Any]:
    """A site."""
    return {"id": place.id, "name": place.name, "address": place.address,
            "client": place.client_id, "fed_by": place.fed_by_id}


def ticket_row(row: Row) -> dict[str, Any]:
    """A ticket of a list."""
    return {
        "number": row.number, "summary": row.summary,
        "client": {"id": row.client_id, "name": row.client}, "site": row.site, "state": row.state,
        "is_open": row.is_open, "holder": {"id": row.holder.id, "name": row.holder.name},
        "holder_since": stamp(row.holder_since), "offered_to": row.offered_to,
        "originator": row.originator, "logged_at": stamp(row.logged_at),
        "promised_at": moment(row.promised_at), "ended_at": moment(row.ended_at)}


def ticket(shown: Ticket, waiting: Handoff | None) -> dict[str, Any]:
    """A ticket as its ledger tells it."""
    number = {name: plain(value) if (value := getattr(shown, name)) is not None else None
              for name in ("measured", "norm")}
    texts = ("summary", "description", "opinion_words", "state", "is_open", "next_step",
             "what_was_wrong", "what_was_done", "reopen_count", "head_seq", "number")
    moments = ("holder_since", "state_since", "logged_at", "promised_at", "on_hold_until",
               "mended_at", "ended_at")
    return {
        **{name: getattr(shown, name) for name in texts}, **number,
        **{name: moment(getattr(shown, name)) for name in moments},
        **{name: named(getattr(shown, name))
           for name in ("client", "site", "contact", "originator", "holder")},
        "criterion": named(shown.criterion, language()), "head": shown.head_hash,
        "opinion": shown.opinion.value,
        "client_check": shown.client_check.value if shown.client_check else None,
        "handoff": handoff(waiting) if waiting is not None else None}


def handoff_id(number: int, seq: int) -> str:
    """The public name of a handoff: the ticket's number and the entry that offered it, which no
    restoring or rebuilding of rows ever changes."""
    return f"{number}-{seq}"


def handoff(shown: Handoff) -> dict[str, Any]:
    """A handoff."""
    return {
        "id": handoff_id(shown.ticket.number, shown.seq), "ticket": shown.ticket.number,
        "move": shown.move, "state": shown.state.value, "giver": named(shown.giver),
        "receiver": named(shown.receiver), "witness": named(shown.witness), "note": shown.note,
        "offered_at": stamp(shown.offered_at),
        "receiver_signed_at": moment(shown.receiver_signed_at),
        "witness_signed_at": moment(shown.witness_signed_at)}


def entry(row: EntryRow) -> dict[str, Any]:
    """One entry of a chain."""
    return {"seq": row.seq, "at": moment(row.at), "kind": row.kind, "by": row.by,
            "content": dict(row.content), "words": dict(row.words),
            "statements": {key: dict(said) for key, said in row.statements.items()},
            "prev_hash": row.prev_hash, "hash": row.hash, "place": row.place}


def choice(found: Choice, meanings: Mapping[str, Title], receivers: list[Person],
           witnesses: list[Person]) -> dict[str, Any]:
    """A move: what it needs, and every reason against it."""
    here = language()
    how = "handoff" if found.handoff else "joint" if found.is_joint else "move"
    fields = [{"name": each.name, "title": each.title.said(here), "kind": each.kind,
               "required": each.need == "required", "by": each.by,
               "choices": {key: name.said(here) for key, name in each.choices.items()}}
              for each in found.fields]
    return {
        "move": found.name, "title": found.title.said(here), "allowed": found.allowed, "how": how,
        "reason": found.reason, "needs_witness": bool(found.handoff and found.handoff.witness),
        "fields": fields,
        "signatures": [{"by": each.by, "meaning": each.meaning,
                        "text": meanings[each.meaning].said(here)} for each in found.signatures],
        "receivers": [named(each) for each in receivers],
        "witnesses": [named(each) for each in witnesses],
        "reasons": [{"code": each.code, "detail": say(each.text, each.params), "pointer": None}
                    for each in found.reasons]}


def desk(mine: Desk) -> dict[str, Any]:
    """What waits for somebody, by the public names of things."""
    return {
        "counts": asdict(mine.counts),
        "to_sign": [_desk_handoff(row) for row in mine.to_sign],
        "to_witness": [_desk_handoff(row) for row in mine.to_witness],
        "to_agree": [_of_ticket(row) | {"proposed_by": named(row.proposed_by)}
                     for row in mine.to_agree],
        "held": [_desk_ticket(row) for row in mine.held],
        "given": [_desk_handoff(row) for row in mine.given],
        "signed": [_desk_handoff(row) for row in mine.signed],
        "to_call_back": [_desk_ticket(row) for row in mine.to_call_back]}


def _of_ticket(row: WaitingRow | HeldRow | JointRow) -> dict[str, Any]:
    return {"ticket": row.number, "summary": row.summary, "client": row.client,
            "since": stamp(row.since)}


def _desk_handoff(row: WaitingRow) -> dict[str, Any]:
    return _of_ticket(row) | {
        "handoff": handoff_id(row.number, row.seq), "giver": named(row.giver),
        "receiver": named(row.receiver), "for_whom": row.for_name, "sheet": row.sheet_id}


def _desk_ticket(row: HeldRow) -> dict[str, Any]:
    return _of_ticket(row) | {
        "state": row.state, "promised_at": moment(row.promised_at), "is_late": row.is_late,
        "next_step": row.next_step}
