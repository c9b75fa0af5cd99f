"""The verbs of a client's card, its sites and the criteria."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.clients import criteria, service, sites
from registry.clients.criteria import CriterionFacts, ensure_criteria
from registry.clients.models import Client, Contact, Criterion, Sense, Tier
from registry.clients.service import ClientFacts, ContactFacts
from registry.clients.sites import SiteFacts
from registry.core.errors import Forbidden, Refused
from registry.people.models import Person, Role
from tests.factories import NOW, a_client, a_contact, a_criterion, a_person, a_site


@pytest.fixture
def visitor(session: Session) -> Person:
    return a_person(Role.VISITOR)


def codes(act: Callable[[], object]) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as caught:
        act()
    return [(reason.code, reason.field) for reason in caught.value.reasons]


def test_a_client_is_entered_with_those_who_know_it(session: Session, visitor: Person) -> None:
    other = a_person()
    client = service.add_client(ClientFacts("  Volga Bank ", Tier.KEY, "By the yard"), by=visitor,
                                now=NOW, persons=[visitor, other, visitor])
    session.expire_all()
    assert (client.name, client.tier, client.note, client.created_at) == (
        "Volga Bank", Tier.KEY, "By the yard", NOW)
    assert {each.id for each in client.persons} == {visitor.id, other.id}


def test_all_that_is_wrong_with_a_client_is_said_at_once(visitor: Person) -> None:
    gone = a_person(is_active=False)
    assert codes(lambda: service.add_client(
        ClientFacts("", note="x" * 4001), by=visitor, now=NOW, persons=[gone])) == [
        ("name_missing", "name"), ("text_long", "note"), ("person_left", "persons")]


def test_a_name_is_taken_in_whatever_case(visitor: Person) -> None:
    client = a_client("ООО «Ёлка»")
    assert codes(lambda: service.add_client(ClientFacts("ооо  «ЕЛКА»"), by=visitor, now=NOW)) == [
        ("name_taken", "name")]
    service.change_client(client, ClientFacts("ООО «ЁЛКА»"), by=visitor, now=NOW)
    assert client.name == "ООО «ЁЛКА»"


def test_fewer_than_two_who_know_a_client_is_a_warning(visitor: Person) -> None:
    client, other = a_client(), a_person()
    warning = service.name_persons(client, [visitor], by=visitor, now=NOW)
    assert warning is not None
    assert warning.code == "one_knows"
    assert service.name_persons(client, [visitor, other], by=visitor, now=NOW) is None


def test_somebody_who_has_left_may_stay_named_but_counts_no_more(
    session: Session, visitor: Person
) -> None:
    client, other = a_client(), a_person()
    service.name_persons(client, [visitor, other], by=visitor, now=NOW)
    other.is_active = False
    warning = service.name_persons(client, [visitor, other], by=visitor, now=NOW)
    assert warning is not None
    assert warning.code == "one_knows"


def test_a_client_has_one_key_person(session: Session, visitor: Person) -> None:
    client = a_client()
    first = service.add_contact(client, ContactFacts("Galina"), by=visitor, now=NOW, is_key=True)
    second = service.add_contact(client, ContactFacts("Ivan"), by=visitor, now=NOW, is_key=True)
    assert (first.is_key, second.is_key) == (False, True)
    service.change_contact(first, ContactFacts("Galina"), by=visitor, now=NOW, is_key=True)
    assert (first.is_key, second.is_key) == (True, False)
    service.change_contact(first, ContactFacts("Galina S."), by=visitor, now=NOW)
    assert first.is_key
    service.change_contact(first, ContactFacts("Galina"), by=visitor, now=NOW, is_key=False)
    assert not first.is_key


def test_a_contact_who_has_left_is_key_person_no_more(visitor: Person) -> None:
    contact = a_contact(a_client(), is_key=True)
    service.retire_contact(contact, by=visitor, now=NOW)
    assert not contact.is_key
    assert codes(lambda: service.name_key_person(contact, by=visitor, now=NOW)) == [
        ("contact_left", None)]
    service.restore_contact(contact, by=visitor, now=NOW)
    service.name_key_person(contact, by=visitor, now=NOW)
    assert contact.is_key


def test_all_that_is_wrong_with_a_contact_is_said_at_once(session: Session,
                                                          visitor: Person) -> None:
    client = a_client()
    assert codes(lambda: service.add_contact(
        client, ContactFacts(" ", "x" * 300, "call", "mail"), by=visitor, now=NOW)) == [
        ("name_missing", "name"), ("text_long", "position"), ("phone_wrong", "phone"),
        ("email_wrong", "email")]
    assert session.scalars(select(Contact)).all() == []


def test_a_site_may_not_come_to_feed_itself(visitor: Person) -> None:
    root = a_site()
    middle = a_site(fed_by_id=root.id)
    end = sites.add_site(a_client(), SiteFacts("Office", fed_by=middle), by=visitor, now=NOW)
    assert codes(lambda: sites.change_site(
        root, SiteFacts(root.name, fed_by=end), by=visitor, now=NOW)) == [
        ("feeding_circle", "fed_by")]
    assert codes(lambda: sites.change_site(
        root, SiteFacts(root.name, fed_by=root), by=visitor, now=NOW)) == [
        ("feeding_circle", "fed_by")]
    sites.change_site(end, SiteFacts("Office", fed_by=root), by=visitor, now=NOW)
    assert end.fed_by is root


def test_a_site_that_feeds_others_is_not_retired(visitor: Person) -> None:
    root = a_site()
    end = a_site(a_client(), fed_by_id=root.id)
    assert codes(lambda: sites.retire_site(root, by=visitor, now=NOW)) == [("site_feeds", None)]
    sites.retire_site(end, by=visitor, now=NOW)
    sites.retire_site(root, by=visitor, now=NOW)
    assert codes(lambda: sites.restore_site(end, by=visitor, now=NOW)) == [
        ("feeder_retired", "fed_by")]
    sites.restore_site(root, by=visitor, now=NOW)
    sites.restore_site(end, by=visitor, now=NOW)
    assert end.is_active


def test_a_retired_site_feeds_nothing_new_but_its_name_is_free(visitor: Person) -> None:
    client, old = a_client(), a_site(name="Building 2", is_active=False)
    assert codes(lambda: sites.add_site(client, SiteFacts("Office", fed_by=old), by=visitor,
                                        now=NOW)) == [("feeder_retired", "fed_by")]
    sites.add_site(None, SiteFacts("building 2"), by=visitor, now=NOW)
    assert codes(lambda: sites.add_site(None, SiteFacts("BUILDING 2"), by=visitor, now=NOW)) == [
        ("site_taken", "name")]
    sites.add_site(client, SiteFacts("Building 2"), by=visitor, now=NOW)


def test_the_criteria_of_the_domain_are_entered_once(session: Session) -> None:
    before = len(session.scalars(select(Criterion)).all())
    assert ensure_criteria() + before == 4
    own = session.scalars(select(Criterion).where(Criterion.code == "own_server")).one()
    assert (own.sense, own.norm, own.unit_ru) == (Sense.AT_LEAST, Decimal(30), "КБ/с")
    own.norm = Decimal(50)
    assert ensure_criteria() == 0
    assert own.norm == Decimal(50)
    breaks = session.scalars(select(Criterion).where(Criterion.code == "interruptions")).one()
    assert breaks.is_met_by(Decimal(0))
    assert not breaks.is_met_by(Decimal(1))


def test_a_criterion_is_entered_changed_and_retired(session: Session) -> None:
    lead = a_person(Role.LEAD)
    facts = CriterionFacts("Delay", "Задержка", "ms", "мс", Sense.AT_MOST, Decimal("40.5"))
    criterion = criteria.add_criterion(facts, by=lead, now=NOW)
    assert criterion.code == "delay"
    assert codes(lambda: criteria.add_criterion(facts, by=lead, now=NOW)) == [
        ("code_taken", "name_en")]
    assert codes(lambda: criteria.change_criterion(
        criterion, CriterionFacts("", "", norm=Decimal("NaN")), by=lead, now=NOW)) == [
        ("name_missing", "name_en"), ("name_missing", "name_ru"), ("norm_wrong", "norm")]
    criteria.retire_criterion(criterion, by=lead, now=NOW)
    assert not criterion.is_active
    criteria.restore_criterion(criterion, by=lead, now=NOW)
    assert criterion.is_active


@pytest.mark.parametrize("act", [
    lambda by: service.add_client(ClientFacts("New"), by=by, now=NOW),
    lambda by: service.change_client(a_client(), ClientFacts("New"), by=by, now=NOW),
    lambda by: service.retire_client(a_client(), by=by, now=NOW),
    lambda by: service.restore_client(a_client(), by=by, now=NOW),
    lambda by: service.name_persons(a_client(), [by], by=by, now=NOW),
    lambda by: service.add_contact(a_client(), ContactFacts("New"), by=by, now=NOW),
    lambda by: service.change_contact(a_contact(a_client()), ContactFacts("N"), by=by, now=NOW),
    lambda by: service.name_key_person(a_contact(a_client()), by=by, now=NOW),
    lambda by: service.retire_contact(a_contact(a_client()), by=by, now=NOW),
    lambda by: service.restore_contact(a_contact(a_client()), by=by, now=NOW),
    lambda by: sites.add_site(None, SiteFacts("New"), by=by, now=NOW),
    lambda by: sites.change_site(a_site(), SiteFacts("New"), by=by, now=NOW),
    lambda by: sites.retire_site(a_site(), by=by, now=NOW),
    lambda by: sites.restore_site(a_site(), by=by, now=NOW),
    lambda by: criteria.add_criterion(CriterionFacts("N", "Н"), by=by, now=NOW),
    lambda by: criteria.change_criterion(a_criterion(), CriterionFacts("N", "Н"), by=by, now=NOW),
    lambda by: criteria.retire_criterion(a_criterion(), by=by, now=NOW),
    lambda by: criteria.restore_criterion(a_criterion(), by=by, now=NOW),
])
def test_an_engineer_may_do_none_of_this(session: Session, act: Callable[[Person], object]) -> None:
    engineer = a_person(Role.ENGINEER)
    with pytest.raises(Forbidden):
        act(engineer)
    assert session.scalars(select(Client.name).where(Client.name == "New")).all() == []
