"""Whoever signed, with a passkey or a password, may be erased by law: the history of the tickets
still verifies, in the registry, in an evidence file taken afterwards and in one taken before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.admin.erasing import erase_subject
from registry.admin.erasing_plan import plan_erasure
from registry.core.times import utc_now
from registry.evidence import verify
from registry.evidence.verify import unpack
from registry.ledger.models import SealedText
from registry.ledger.verify import verify as verify_all
from registry.people.erasures import Subject
from registry.people.models import Person, Role
from registry.people.passkey_models import Passkey
from registry.people.passkeys import passkeys_of, revoke_passkeys_of
from registry.tickets.handoff_models import Handoff, HandoverSheet
from tests.factories import NOW, a_person
from tests.registry.evidence.conftest import DAY, Kept, codes

LATER = NOW + 5 * DAY


def erase(person: Any, what: Subject = Subject.PERSON, now: datetime = LATER, **more: Any) -> None:
    """As the operator does it, once they have left."""
    if isinstance(person, Person):
        revoke_passkeys_of(person, by=None, now=now)
        person.is_active = False
    erase_subject(plan_erasure(what, person, **more), reason="law 152", by=None, now=now)


def judged(kept: Kept, file: bytes) -> verify.Result:
    return verify.verify(file, key=str(kept.signer.verifier), against=kept.mails[-1].encode())


@pytest.mark.parametrize("part", ["receiver", "witness"])
def test_who_signed_is_erased_and_every_signature_still_verifies(kept: Kept, part: str) -> None:
    person = {"receiver": kept.house.engineer, "witness": kept.house.registrar}[part]
    name, before = person.name, kept.take()
    erase(person)
    kept.mail(5)
    verdict = verify_all(verifier=kept.signer.verifier, against=kept.mails[0].encode())
    assert verdict.is_sound, verdict.findings
    after = kept.take()
    assert name.encode() not in after.file
    result = judged(kept, after.file)
    assert codes(result, "bad") == [], [each.text("en") for each in result.lines]
    assert ("statements_erased" in codes(result, "limit")) == (name.encode() in before.file)
    assert codes(judged(kept, before.file), "bad") == []


def test_of_a_passkey_the_name_goes_and_the_key_stays(kept: Kept, session: Session) -> None:
    engineer = kept.house.engineer
    (passkey,) = passkeys_of(engineer)
    key, credential = passkey.public_key, passkey.credential_id
    assert session.scalar(select(SealedText).where(SealedText.words == "My phone")) is not None
    erase(engineer)
    session.expire_all()
    (row,) = session.scalars(select(Passkey).where(Passkey.person_id == engineer.id))
    assert (row.name, row.public_key, row.credential_id) == ("", key, credential)
    assert row.revoked_at is not None
    assert session.scalar(select(SealedText).where(SealedText.words == "My phone")) is None
    enrolled = [body for name, body in unpack(kept.take().file).items()
                if name.startswith("entries/person") and b"passkey_enrolled" in body]
    assert enrolled
    assert credential.encode() in enrolled[0]


def test_a_client_is_erased_and_its_tickets_still_prove_who_signed(kept: Kept) -> None:
    client = kept.ticket.client
    name = client.name
    erase(client, Subject.CLIENT, tickets=True)
    kept.mail(5)
    verdict = verify_all(verifier=kept.signer.verifier, against=kept.mails[0].encode())
    assert verdict.is_sound, verdict.findings
    after = kept.take()
    assert name.encode() not in after.file
    assert codes(judged(kept, after.file), "bad") == []


@pytest.mark.parametrize("paper", ["extract", "week", "sheet"])
def test_a_paper_stays_known_and_its_page_says_that_words_are_gone(
    kept: Kept, sign_in: Callable[..., Any], session: Session, paper: str
) -> None:
    reader, at = sign_in(a_person(Role.REGISTRAR)), utc_now()
    handoff = session.scalars(select(Handoff).order_by(Handoff.id)).first()
    assert handoff is not None
    sheet = HandoverSheet(giver=kept.house.visitor, receiver=kept.house.engineer,
                          witness=kept.house.registrar, purpose="desk", created_at=NOW)
    session.add(sheet)
    session.flush()
    handoff.sheet_id = sheet.id
    session.flush()
    where = {"extract": f"/tickets/{kept.ticket.number}/extract.pdf", "week": "/tickets/week.pdf",
             "sheet": f"/sheets/{sheet.id}/sheet.pdf"}[paper]
    made = reader.post(where, data={"day": (NOW + DAY).date().isoformat()})
    assert made.status_code == 200
    address = f"/documents/{verify.sha256(made.data)}"
    said = "Words were erased by law since it was made"
    assert said not in reader.get(address).text
    erase(kept.house.engineer, now=at + DAY)
    page = reader.get(address).text
    assert "its entry verifies" in page
    assert said in page
