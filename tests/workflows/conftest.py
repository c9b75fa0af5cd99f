"""The shipped lifecycles, a catalogue that lets everything pass, and acts that lack nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import workflows
from workflows import Act, Catalogue, Engine, Party, Signed, Workflow, conditions, load

DEFINITIONS = Path(workflows.__file__).parent / "definitions"
NOW = datetime(2026, 11, 24, 10, 40, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session", params=sorted(path.name for path in DEFINITIONS.glob("*.toml")))
def shipped(request: pytest.FixtureRequest) -> Workflow:
    """Each lifecycle that comes with the product."""
    return load(DEFINITIONS / request.param)


@pytest.fixture(scope="session")
def service_quality() -> Workflow:
    return load(DEFINITIONS / "service_quality.toml")


@pytest.fixture(scope="session")
def bank_complaint() -> Workflow:
    return load(DEFINITIONS / "bank_complaint.toml")


def offering_all(workflow: Workflow) -> Catalogue:
    """Return a catalogue that has whatever ``workflow`` names; its guards let everything pass."""
    moves = workflow.moves.values()
    return Catalogue({name: lambda act: None for move in moves for name in move.guards},
                     {name for move in moves for name in move.effects})


@pytest.fixture(scope="session")
def open_engine() -> Callable[[Workflow], Engine]:
    return lambda workflow: Engine(workflow, offering_all(workflow))


@pytest.fixture(scope="session")
def open_catalogue() -> Callable[[Workflow], Catalogue]:
    return offering_all


def person(name: str, *terms: str) -> Party:
    """Return a party in whom every one of ``terms`` is fulfilled."""
    pairs = [pair for term in terms for pair in conditions(term)]
    return Party(name, frozenset(name for kind, name in pairs if kind == "role"),
                 frozenset(name for kind, name in pairs if kind == "relation"))


@pytest.fixture(scope="session")
def make_person() -> Callable[..., Party]:
    return person


def whole(workflow: Workflow, name: str) -> Act:
    """Return an act of the move ``name`` that lacks nothing."""
    move = workflow.moves[name]
    handoff = move.handoff
    by = person("beginner", move.may[0])
    receiver = person("receiver", handoff.to[0]) if handoff else None
    witness = person("witness", handoff.witness[0]) if handoff and handoff.witness else None
    known = {"giver": by, "actor": by, "receiver": receiver, "witness": witness}
    signatures = []
    for number, need in enumerate(move.signatures):
        party = by if need.opening else known.get(need.by) or person(f"signer {number}", need.by)
        signatures.append(Signed(party, need.by, need.meaning))
    return Act(
        by=by, now=NOW, receiver=receiver, witness=witness, signatures=tuple(signatures),
        fields={field.name: _value(field) for field in move.fields},
        reason="so it is" if move.reason == "required" else "",
    )


def _value(field: workflows.Field) -> str:
    if field.kind == "choice":
        return next(iter(field.choices))
    return "2026-12-01T10:00:00Z" if field.kind == "date" else "some words"


@pytest.fixture(scope="session")
def whole_act() -> Callable[..., Act]:
    """Give acts that lack nothing; keywords replace parts of them."""
    return lambda workflow, name, **parts: replace(whole(workflow, name), **parts)


@pytest.fixture(scope="session")
def engine(service_quality: Workflow) -> Engine:
    """The engine of service_quality; its guards let everything pass."""
    return Engine(service_quality, offering_all(service_quality))


@pytest.fixture(scope="session")
def act(service_quality: Workflow) -> Callable[..., Act]:
    """Acts of service_quality that lack nothing, but for what a test changes."""
    return lambda name, **parts: replace(whole(service_quality, name), **parts)
