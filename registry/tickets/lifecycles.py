"""The lifecycles of tickets: published versions, one engine for each, and who a person is to one.

Versions are rows, immutable, known by their digest; a ticket is pinned to one. The engine knows
parties and facts; this module tells it roles, relations and what the client found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from sqlalchemy import func, select

from registry.core.db import db
from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.ledger.entries import record
from registry.ledger.models import Chained
from registry.ledger.owners import Head
from registry.people.absences import absent_persons_of, absent_persons_of_each
from registry.people.models import Person, Role
from registry.tickets.models import CheckResult, Lifecycle, Ticket
from workflows import Act, Catalogue, Engine, Move, Party, Workflow, loads, publish, restore
from workflows import Reason as EngineReason
from workflows import Refused as EngineRefused

DEFAULT = "service_quality"
SHIPPED = ("service_quality.toml", "bank_complaint.toml")


def client_confirmed(act: Act) -> EngineReason | None:
    """The client's check says that the problem is gone (the domain, 1.8)."""
    if act.facts.get("client_check") == CheckResult.GONE:
        return None
    return EngineReason("client_not_asked", N_("Only the client's check closes a ticket: call the "
                                               "client and record what was found."))


def client_denied(act: Act) -> EngineReason | None:
    """The client's check says that the problem is not gone."""
    if act.facts.get("client_check") == CheckResult.NOT_GONE:
        return None
    return EngineReason("client_not_denied", N_("A ticket goes back into work only when the client "
                                                "said that the problem is not gone."))


def reply_acknowledged(act: Act) -> EngineReason | None:
    """The same check for a written complaint: the complainant has acknowledged the reply."""
    return client_confirmed(act)


CATALOGUE = Catalogue(
    guards={"client_confirmed": client_confirmed, "client_denied": client_denied,
            "reply_acknowledged": reply_acknowledged},
    effects=frozenset({"mended", "count_rework", "promise"}),
    roles=frozenset(role.value for role in Role),
    relations=frozenset({"holder", "originator", "last_mender", "colleague"}),
)
# For a definition of another house: it holds together, though none of ours may stand in its roles.
OF_ANYBODY = replace(CATALOGUE, roles=None, relations=None)


@lru_cache(maxsize=64)
def _engine(digest: str, body: bytes) -> Engine:
    return Engine(restore(body), CATALOGUE)


_bodies: dict[str, bytes] = {}


def engine_of(digest: str) -> Engine:
    """The engine of a published version; versions never change, so it is kept for good."""
    if digest not in _bodies:
        body = db.session.scalar(select(Lifecycle.body).where(Lifecycle.digest == digest))
        if body is None:
            raise LookupError(f"no lifecycle {digest}")
        _bodies[digest] = bytes(body)
    return _engine(digest, _bodies[digest])


def current_lifecycle(name: str = DEFAULT) -> Lifecycle:
    """The newest published version; new tickets are pinned to it."""
    query = select(Lifecycle).where(Lifecycle.name == name).order_by(Lifecycle.version.desc())
    found = db.session.scalars(query.limit(1)).first()
    if found is None:
        raise LookupError(f"no lifecycle {name} is published")
    return found


def published() -> list[Lifecycle]:
    """Every published version, by name and number."""
    return list(db.session.scalars(select(Lifecycle).order_by(Lifecycle.name, Lifecycle.version)))


def current_moves() -> dict[str, Move]:
    """The signed moves of the newest version of every lifecycle, by name; those of the lifecycle
    that new tickets get come first, and win where two are called alike."""
    newest = {each.name: each for each in published()}
    found: dict[str, Move] = {}
    for each in sorted(newest.values(), key=lambda each: (each.name != DEFAULT, each.name)):
        for name, move in engine_of(each.digest).workflow.moves.items():
            if move.signatures:
                found.setdefault(name, move)
    return found


class LifecycleChain(Chained):
    """The chain of a lifecycle: one entry for each published version."""

    def __init__(self, name: str, seq: int, head: str) -> None:
        self.name, self.head_seq, self.head_hash = name, seq, head

    @property
    def chain(self) -> str:
        return f"lifecycle:{self.name}"


def publish_lifecycle(workflow: Workflow, *, by: Person | None, now: datetime,
                      catalogue: Catalogue = CATALOGUE) -> Lifecycle:
    """Publish a proved version; publishing the same again changes nothing.

    Raises workflows.BadDefinition with every finding where it does not prove itself.
    """
    made = publish(workflow, catalogue, published())
    standing = db.session.get(Lifecycle, made.digest)
    if standing is not None:
        return standing
    row = Lifecycle(digest=made.digest, name=made.name, version=made.version, body=made.body,
                    published_at=now)
    db.session.add(row)
    record(_chain_of(made.name), "lifecycle_published", by=by.ref if by else "system", at=now,
           content={"version": made.version, "digest": made.digest})
    db.session.flush()
    return row


def _chain_of(name: str) -> LifecycleChain:
    from registry.ledger.entries import entries_of

    chain = LifecycleChain(name, 0, "0" * 64)
    standing = entries_of(chain.chain)
    if standing:
        chain.head_seq, chain.head_hash = standing[-1].seq, standing[-1].hash
    return chain


def lifecycle_heads(only: str | None) -> Iterator[Head]:
    """Where the chain of each lifecycle ends: it has one entry for each published version."""
    query = select(Lifecycle.name, func.count()).group_by(Lifecycle.name)
    for name, versions in db.session.execute(query):
        if only in (None, name):
            yield Head(name, versions, "")


def shipped_workflow(file_name: str) -> Workflow:
    """A definition that comes with the engine."""
    return loads(files("workflows.definitions").joinpath(file_name).read_text(encoding="utf-8"))


def ensure_lifecycles(*, now: datetime) -> None:
    """Publish the shipped lifecycles where they are not yet (first start). The bank's is there to
    be looked at: its people are a bank's."""
    names = {row.name for row in published()}
    for file_name in SHIPPED:
        workflow = shipped_workflow(file_name)
        if workflow.name not in names:
            publish_lifecycle(workflow, by=None, now=now, catalogue=OF_ANYBODY)


def relations(person: Person, ticket: Ticket) -> set[str]:
    """In which relations the person stands to the ticket, in the own right."""
    found = set()
    if person.id == ticket.holder_id:
        found.add("holder")
    if person.id == ticket.originator_id:
        found.add("originator")
    mender = ticket.last_mender
    if mender is not None and (
        person.id == mender.id or (not mender.is_active and Role.REGISTRAR in person.roles)
    ):
        found.add("last_mender")
    if person.department_id is not None and person.department_id == ticket.holder.department_id:
        found.add("colleague")
    return found


def party(person: Person, ticket: Ticket, absent: Iterable[Person] = ()) -> Party:
    """The person as the engine sees them: ``absent`` are those for whom they stand in now."""
    found = relations(person, ticket)
    for principal in absent:
        found |= relations(principal, ticket) - {"colleague"}
    return Party(person.ref, frozenset(role.value for role in person.roles), frozenset(found))


def party_now(person: Person, ticket: Ticket, now: datetime) -> Party:
    """``party`` with the absences of the moment."""
    return party(person, ticket, absent_persons_of(person, now=now))


def parties_now(
    persons: Iterable[Person | None], ticket: Ticket, now: datetime
) -> dict[int, Party]:
    """``party_now`` of each of the persons of an act, by the person's id; asked at once."""
    there = [person for person in persons if person is not None]
    absent = absent_persons_of_each(there, now=now)
    return {person.id: party(person, ticket, absent[person.id]) for person in there}


def principal_of(person: Person, ticket_person: Person, now: datetime) -> Person | None:
    """For whom ``person`` signs when the lifecycle asks for ``ticket_person``: None in the own
    right, the absent person as a deputy. Raises Refused where neither holds."""
    if person.id == ticket_person.id:
        return None
    if any(each.id == ticket_person.id for each in absent_persons_of(person, now=now)):
        return ticket_person
    raise Refused(Reason("not_yours", N_("This waits for %(name)s, or for the deputy during an "
                                         "absence."), {"name": ticket_person.name}))


def principal_for(person: Person, ticket: Ticket, term: str, now: datetime) -> Person | None:
    """For whom ``person`` signs where the lifecycle asks for ``term`` ("relation:originator",
    "role:registrar" …): None in the own right, the absent person as a deputy."""
    kind, _, name = term.partition(":")
    if kind != "relation" or name in relations(person, ticket):
        return None
    absent = absent_persons_of(person, now=now)
    return next((each for each in absent if name in relations(each, ticket)), None)


def facts_of(ticket: Ticket, **more: object) -> dict[str, object]:
    """What the guards may know."""
    return {"client_check": ticket.client_check} | more


def ours(error: EngineRefused) -> list[Reason]:
    """The engine's reasons as ours: the same codes, sentences and places."""
    return [Reason(each.code, each.text, each.params, each.field) for each in error.reasons]
