"""A ledger with everything in it: chains, signatures, sealed and erased words, two checkpoints,
and entries that still wait; and a hand that changes it past the triggers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.ledger import owners
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.entries import erase, record, seal
from registry.ledger.findings import Finding, Verdict
from registry.ledger.keys import signer_of
from registry.ledger.note import Signer
from registry.ledger.triggers import drop_triggers
from registry.ledger.verify import verify
from registry.people.models import Person
from registry.tickets.models import Ticket
from tests.factories import NOW, House, a_ticket


@dataclass
class KeptLedger:
    """What was written, by whom it is signed, and how to look at it."""

    session: Session
    signer: Signer
    tickets: list[Ticket]
    left: Person

    def verify(self, against: bytes | None = None) -> Verdict:
        """The verdict on the whole."""
        return verify(verifier=self.signer.verifier, against=against)

    def found(self) -> list[Finding]:
        """What is wrong with the rows, leaving out that the triggers are gone."""
        return [each for each in self.verify().findings if each.code != "trigger"]

    @contextmanager
    def altered(self) -> Iterator[None]:
        """Changes in the block are made past triggers and keys, and undone after it."""
        with self.session.begin_nested() as inner:
            connection = self.session.connection()
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            else:
                connection.execute(text("PRAGMA defer_foreign_keys = ON"))
                drop_triggers(connection)
            yield
            inner.rollback()
        self.session.expire_all()


def settled(signer: Signer, house: House) -> list[Ticket]:
    """Three tickets under two checkpoints and one that waits."""
    tickets = [a_ticket(house, "returned"), a_ticket(house, "on_hold")]
    make_checkpoint(now=NOW + timedelta(hours=1), signer=signer)
    tickets.append(a_ticket(house, "accepted", now=NOW + timedelta(hours=2)))
    make_checkpoint(now=NOW + timedelta(hours=3), signer=signer)
    return tickets


@pytest.fixture
def signer(settings: Settings) -> Signer:
    """The registry's key."""
    return signer_of(settings)


@pytest.fixture
def kept(session: Session, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> KeptLedger:
    """A sound ledger; the areas' own checks of their rows, which have tests of theirs, are off."""
    monkeypatch.setattr(owners, "_projections", {})
    house = House()
    name = seal("Ada Long")
    record(house.lead, "named", by="system", at=NOW, content={"name": name, "phone": seal("12")})
    session.flush()
    tickets = settled(signer, house)
    erase(house.lead, [name], by="system", at=NOW + timedelta(hours=4), reason="asked for it")
    tickets.append(a_ticket(house, "accepted", now=NOW + timedelta(hours=4)))
    session.flush()
    return KeptLedger(session, signer, tickets, house.lead)
