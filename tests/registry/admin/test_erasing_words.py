"""By which words somebody is looked for, and in which columns: what means others stays whole."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.admin.erasing import erase_subject
from registry.admin.erasing_plan import Plan, plan_erasure
from registry.admin.sweeping import FOLLOWING, NO_WORDS, is_text, sweep, swept
from registry.clients.models import Client, Contact
from registry.config import Settings
from registry.core.errors import Refused
from registry.core.model import Base
from registry.ledger.keys import signer_of
from registry.ledger.verify import verify
from registry.people.erasing import Personal
from registry.people.erasures import Subject
from registry.people.models import Person, Role
from registry.people.service import deactivate_person
from tests.factories import NOW, House, a_client, a_contact, a_person, a_site, a_ticket

# Where people write, or what is written of them; all other text is keys, digests and codes.
WRITTEN = frozenset({
    "absence.reason", "api_token.name", "call_back.contact_name", "call_back.note", "client.name",
    "client.name_key", "client.note", "contact.email", "contact.name", "contact.phone",
    "contact.position", "contact.search_key", "criterion.name_en", "criterion.name_ru",
    "criterion.unit_en", "criterion.unit_ru", "daily_report.data", "daily_report.note",
    "day_exception.reason", "department.name", "import_fault.reasons", "import_run.file_name",
    "import_run.mapping", "job.error", "job.payload", "kept_answer.body", "kept_answer.headers",
    "ledger_check.first_findings", "message.answer", "message.attachments", "message.html",
    "message.recipient", "message.subject", "message.text", "passkey.name", "person.email",
    "person.login", "person.name", "person.phone", "saved_view.name", "saved_view.query",
    "sign_in_attempt.login", "sign_in_session.device", "site.address", "site.name",
    "site.search_key", "webhook_delivery.answer", "webhook_delivery.body",
    "webhook_endpoint.disabled_why", "webhook_endpoint.url"})


def erased(what: Subject, subject: Person | Contact | Client, *further: str) -> Plan:
    plan = plan_erasure(what, subject, further=further)  # type: ignore[arg-type]
    erase_subject(plan, reason="request of 24 November", by=None, now=NOW)
    return plan


def test_every_column_of_text_is_swept_or_said_to_hold_no_words() -> None:
    texts = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables
             if table.name not in FOLLOWING for column in table.columns if is_text(column)}
    assert texts - NO_WORDS == WRITTEN, "a new column: does it hold what people write?"
    assert {f"{column.table.name}.{column.name}" for column in swept()} == WRITTEN
    assert texts >= NO_WORDS


def test_a_short_number_leaves_the_hashes_of_others_alone(
    house: House, session: Session, settings: Settings
) -> None:
    deactivate_person(house.other_engineer, by=house.administrator, now=NOW)
    hashes = "".join(session.scalars(select(Person.head_hash)))
    found = re.search(r"[1-9]\d{3}", hashes)
    assert found is not None
    house.contact.phone = found.group()
    erased(Subject.CONTACT, house.contact)
    assert house.contact.phone == ""
    assert "".join(session.scalars(select(Person.head_hash))) == hashes
    assert verify(verifier=signer_of(settings).verifier).is_sound


def test_keys_digests_and_codes_are_not_swept(house: House, session: Session) -> None:
    person = house.engineer
    before = {name: getattr(person, name) for name in ("head_hash", "password_hash", "language")}
    sweep(Personal((), (person.password_hash[-10:], "head_hash", before["head_hash"][:8])), "")
    session.expire_all()
    assert {name: getattr(person, name) for name in before} == before


@pytest.mark.parametrize(("phone", "is_looked_for"), [
    ("9433", False), ("94-33", False), ("(8) 94-33", False), ("777 31 13", True),
    ("+7 495 777-31-13", True), ("ext. 12", True)])
def test_a_number_is_looked_for_from_seven_digits_on(
    house: House, phone: str, is_looked_for: bool
) -> None:
    house.contact.phone = phone
    assert (phone in plan_erasure(Subject.CONTACT, house.contact).personal.words) is is_looked_for


def test_a_first_name_alone_is_looked_for_nowhere(house: House, session: Session) -> None:
    ticket = a_ticket(house, summary="Anna sees no page")
    contact = a_contact(house.client, name="Anna", email="anna@example.org")
    house.client.note = "Ask Anna (anna@example.org)"
    assert erased(Subject.CONTACT, contact).personal.words == ("anna@example.org",)
    assert contact.name == f"Erased contact No. {contact.id}"
    assert "erased contact no." in contact.search_key
    assert "anna" not in contact.search_key
    assert house.visitor.name == "Anna Kim"
    assert house.client.note == "Ask Anna ()"
    assert ticket.summary == "Anna sees no page"


def test_a_first_name_is_looked_for_where_it_is_given(house: House) -> None:
    contact = a_contact(house.client, name="Zzeta")
    house.client.note = "Ask Zzeta"
    erased(Subject.CONTACT, contact, "Zzeta")
    assert house.client.note == f"Ask Erased contact No. {contact.id}"


def test_a_person_of_one_name_is_looked_for_by_all_else(house: House) -> None:
    person = a_person(Role.ENGINEER, name="Anna", login="anna.only", is_active=False)
    assert plan_erasure(Subject.PERSON, person).personal == Personal(
        (), ("anna.only", person.email), ("Anna",))


def test_a_company_of_one_word_is_looked_for_but_not_the_first_names_there(
    session: Session
) -> None:
    client = a_client("Zzglobex")
    a_contact(client, name="Anna")
    a_contact(client, name="Galina Serova")
    a_site(client, address="Moscow")
    a_site(client, address="Lenina 5")
    assert plan_erasure(Subject.CLIENT, client).personal == Personal(
        ("Zzglobex",), ("Galina Serova", "Lenina 5"), ("Anna", "Moscow"))


def test_the_reason_may_not_say_a_first_name_either(house: House) -> None:
    contact = a_contact(house.client, name="Anna")
    with pytest.raises(Refused, match="name nobody"):
        erase_subject(plan_erasure(Subject.CONTACT, contact), reason="Anna asked", by=None,
                      now=NOW)
