"""The life of one seeded ticket: its entries, signed and chained, and the rows that follow.

One in eight has *lived here* as far as its state says: signed by giver, receiver and witness,
promised, mended, returned, checked (13 entries to the end). The others were *brought in*, closed,
from another system (5 entries, unsigned, as imports write them): six entries a ticket. Contents are
those of the verbs (tests compare them); all else comes from the product's own functions.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from registry.bench import words
from registry.bench.house import House
from registry.clients.models import Client, Criterion
from registry.ledger.entries import entry_values, seal_of, stamp
from registry.ledger.models import ZERO
from registry.people.models import Person, Role, Signature
from registry.people.proof import Proof
from registry.people.signing import Said, Signing, in_entry, signature_values
from registry.tickets import statements
from registry.tickets.chain import Sealed
from registry.tickets.lifecycles import engine_of
from registry.tickets.models import Opinion, Ticket
from registry.tickets.projection import TicketImage, replay
from registry.tickets.service import Problem, logged_content, stems_of_problem
from workflows import Move

STATES = ("logged", "offered", "accepted", "in_fix", "on_hold", "returning", "returned", "closed")
LIVED = 8  # one in so many has lived here to its end


@dataclass(frozen=True)
class Plan:
    """What becomes of one ticket: ``state`` is one of STATES; nothing comes after ``ends_at``."""

    number: int
    state: str
    logged_at: datetime
    ends_at: datetime
    is_brought_in: bool
    is_rare: bool
    lifecycle: str


@dataclass
class Shown:
    """A ticket as the words above a signature see it."""

    number: int
    summary: str
    client: Client
    measured: Any
    norm: Any
    criterion: Criterion
    holder: Person
    head_hash: str = ZERO

    @property
    def chain(self) -> str:
        """The chain's name."""
        return f"ticket:{self.number}"


class Kept(Sealed):
    """Seals as everywhere, with salts that the seed decides."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []
        self._rng = rng

    def __call__(self, text: str) -> str:
        if not text:
            return ""
        salt = f"{self._rng.getrandbits(128):032x}"
        key = seal_of(salt, text)
        self.rows.append({"seal": key, "salt": salt, "words": text, "erased_at": None})
        self[key] = text
        return key


@dataclass
class Life:
    """One ticket from its logging up to where its plan ends."""

    plan: Plan
    house: House
    rng: random.Random
    entries: list[dict[str, Any]] = field(default_factory=list)
    signatures: list[dict[str, Any]] = field(default_factory=list)
    promises: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sealed = Kept(self.rng)
        self._told: list[tuple[int, str, datetime, dict[str, Any]]] = []
        self._problem = self._find()
        self.visitor = self.house.any_of(Role.VISITOR, self.rng)
        self.engineer = self.house.any_of(Role.ENGINEER, self.rng)
        self.registrar = self.house.any_of(Role.REGISTRAR, self.rng)
        problem = self._problem
        assert problem.client is not None
        assert problem.criterion is not None
        self.shown = Shown(self.plan.number, problem.summary, problem.client, problem.measured,
                           problem.criterion.norm, problem.criterion, self.visitor)
        self._moments = self._spread(14)
        self.log()

    @property
    def stems(self) -> str:
        """By what the search finds it."""
        return stems_of_problem(self.plan.number, self._problem)

    def image(self) -> TicketImage:
        """The rows that follow from the entries."""
        return replay(self._told, self.sealed)

    def tell(self, kind: str, content: dict[str, Any], by: Person, at: datetime) -> int:
        """Append an entry to the chain; its seq."""
        entry = entry_values(self.shown.chain, len(self.entries) + 1, self.shown.head_hash, kind,
                             by=by.ref, at=at, content=content)
        self.entries.append(entry)
        self._told.append((entry["seq"], kind, at, content))
        self.shown.head_hash = entry["hash"]
        return len(self.entries)

    def next_moment(self) -> datetime:
        """When the next entry is made."""
        return next(self._moments)

    def log(self) -> None:
        """The first entry."""
        content: dict[str, Any] = logged_content(self._problem, self.visitor, self.plan.lifecycle,
                                                 self.sealed)
        if self.plan.is_brought_in:
            key = self.sealed(f"OLD-{self.plan.number}")
            content |= {"imported": 1, "line": self.plan.number, "run": "import:1", "key": key}
        self.tell("logged", content, self.visitor, self.plan.logged_at)

    def signed(self, signer: Person, part: str, meaning: str, move: str, text: str,
               parties: dict[str, Person], at: datetime) -> dict[str, str]:
        """Sign as the verbs do; what the entry says of the signature."""
        signing = Signing(signer, Proof(signer.id, "bench", at, ""),
                          f"{self.rng.getrandbits(128):032x}", language=signer.language)
        said = Said(act=move, meaning=meaning, text=text,
                    role=f"{part}:{','.join(sorted(role.value for role in signer.roles))}",
                    parties={name: person.ref for name, person in parties.items()})
        values = signature_values(signing, said, cast("Ticket", self.shown), now=at)
        self.signatures.append(values)
        return in_entry(Signature(**values))

    def text(self, which: str, *names: Any, language: str) -> str:
        """The words above a signature, by the name of the function that writes them."""
        return str(getattr(statements, which)(cast("Ticket", self.shown), *names, language))

    def content_of(self, seq: int) -> dict[str, Any]:
        """What the entry says."""
        return self._told[seq - 1][3]

    def move(self, name: str) -> Move:
        """The move of the lifecycle."""
        return engine_of(self.plan.lifecycle).workflow.moves[name]

    def title(self, state: str, language: str) -> str:
        """What people call the state."""
        return engine_of(self.plan.lifecycle).workflow.states[state].title.said(language)

    def say(self, choices: tuple[str, ...]) -> str:
        """One of the choices."""
        return self.rng.choice(choices)

    def _find(self) -> Problem:
        rng, house = self.rng, self.house
        client = house.clients[min(int(rng.expovariate(1 / 120)), len(house.clients) - 1)]
        criterion = rng.choice(house.criteria)
        measured = None if criterion.norm is None else criterion.norm + rng.randrange(1, 9)
        opinion = rng.choice((Opinion.CONTENT, Opinion.DISCONTENT, Opinion.NOT_ASKED))
        return Problem(
            client, words.a_summary(rng), rng.choice(client.sites),
            client.contacts[0], criterion, measured, opinion,
            "" if opinion is Opinion.NOT_ASKED else self.say(words.OPINIONS),
            words.a_description(rng, is_rare=self.plan.is_rare))

    def _spread(self, count: int) -> Any:
        """Moments between the first entry and the last, in their order."""
        begin, whole = self.plan.logged_at, self.plan.ends_at - self.plan.logged_at
        for share in sorted(self.rng.random() for _ in range(count)):
            yield begin + timedelta(microseconds=int(whole / timedelta(microseconds=1) * share))


def promised_after(at: datetime, rng: random.Random) -> datetime:
    """The date that a receiver names."""
    return at + timedelta(hours=rng.randrange(20, 220))


def promise_content(promised_at: datetime, by: Person, reason: str) -> dict[str, Any]:
    """What the entry of a first promise says."""
    return {"promised_at": stamp(promised_at), "was": "", "promised_by": by.ref,
            "reason": reason, "client_told": 0}
