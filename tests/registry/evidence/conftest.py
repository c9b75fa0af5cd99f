"""A ticket signed by passwords and by a passkey, mails of three days, and its evidence file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.evidence import verify
from registry.evidence.gathering import evidence_members
from registry.evidence.service import Taken, take_evidence
from registry.evidence.verify import pack, unpack
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.keys import signer_of
from registry.ledger.note import Signer
from registry.people.assertions import Assertion, Sent, key_text, read_given
from registry.people.models import Person
from registry.people.passkey_models import Passkey
from registry.tickets.handoffs import accept_handoff
from registry.tickets.models import Ticket
from tests.factories import NOW, House, a_signing, a_ticket, hand_over, offer
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import at_a_name, enrolled

__all__ = ["at_a_name"]
DAY = timedelta(days=1)


class ByPasskey(Assertion):
    """A device that answers whatever statement comes: what the page and the person do."""

    @classmethod
    def of(cls, device: Authenticator, passkey: Passkey, at: datetime, *more: str) -> ByPasskey:
        """``more`` are other statements that are signed with it, as on a sheet."""
        made = cls(passkey.person_id, Sent(None, at, more), key_text(passkey.public_key),  # type: ignore[arg-type]
                   "localhost")
        object.__setattr__(made, "device", device)
        return made

    def kept(self, body: bytes, statement_hash: str) -> dict[str, Any]:
        from registry.people.assertions import challenge_of

        statements = (statement_hash, *self.sent.statements)
        given = read_given(self.device.answered(challenge_of(statements)))  # type: ignore[attr-defined]
        assert given is not None
        answered = Assertion(self.person_id, Sent(given, self.sent.shown_at, statements), self.key,
                             self.relying_id)
        return answered.kept(body, statement_hash)


@dataclass
class Kept:
    """The ticket, what the directors' mailboxes hold, and who signs."""

    house: House
    ticket: Ticket
    signer: Signer
    device: Authenticator
    mails: list[str]

    def take(self, **values: Any) -> Taken:
        """The evidence file, made now."""
        return take_evidence(self.ticket, **({"by": self.house.director, "now": NOW + 9 * DAY,
                                              "signer": self.signer} | values))

    def mail(self, day: int) -> str:
        """Whatever waits is signed; the note as the day's mail carries it."""
        made = make_checkpoint(now=NOW + day * DAY, signer=self.signer)
        assert made is not None
        self.mails.append(made.note)
        return made.note


Accept = Callable[..., None]


def accept_by_passkey(ticket: Ticket, device: Authenticator, passkey: Passkey, receiver: Person,
                      now: datetime, witness: Person, *more: str) -> None:
    """The receiver takes the ticket, signing with the device."""
    from registry.tickets.handoffs import witness_handoff

    handoff = offer(ticket, "take", receiver, now=now, witness=witness)
    accept_handoff(handoff, next_step="I measure", by=receiver, now=now,
                   next_step_by=(now + 2 * DAY).isoformat(),
                   signing=a_signing(receiver, proof=ByPasskey.of(device, passkey, now, *more)))
    witness_handoff(handoff, by=witness, signing=a_signing(witness), now=now)


@pytest.fixture
def kept(session: Session, settings: Settings, at_a_name: Flask) -> Kept:
    """Day 1: a mail before the ticket. Day 2: logged and taken by passkey. Day 3: a mail after."""
    house, device = House(), Authenticator()
    there = Kept(house, None, signer_of(settings), device, [])  # type: ignore[arg-type]
    passkey = enrolled(house.engineer, device)
    there.mail(1)
    there.ticket = a_ticket(house, now=NOW + DAY)
    there.mail(2)
    accept_by_passkey(there.ticket, device, passkey, house.engineer, NOW + 2 * DAY,
                      house.registrar)
    there.mail(3)
    a_ticket(house, "returned", now=NOW + 3 * DAY)
    hand_over(there.ticket, "pass_on", house.other_engineer, now=NOW + 3 * DAY)
    session.flush()
    return there


def whole(kept: Kept) -> bytes:
    """A file of the ticket as it stands, whatever was written into its history, well signed."""
    made = make_checkpoint(now=NOW + 9 * DAY, signer=kept.signer)
    assert made is not None
    return pack(evidence_members(kept.ticket.chain, made, kept.signer.verifier))


def codes(result: verify.Result, kind: str) -> list[str]:
    """What was found of a kind."""
    return [each.code for each in result.lines if each.kind == kind]


def again(file: bytes, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> bytes:
    """The file after a change of its members, packed and listed anew as a forger would."""
    members = unpack(file)
    said = json.loads(members.pop("evidence.json"))
    change(members, said)
    said["files"] = {name: verify.sha256(body) for name, body in members.items()}
    return pack({**members, "evidence.json": verify.canonical(said)})
