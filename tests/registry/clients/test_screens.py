"""The pages of clients, sites and criteria, as their readers use them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.clients import CARD_EXTRAS, SITE_EXTRAS, add_to_client_card, add_to_site_page
from registry.clients.criteria import ensure_criteria
from registry.clients.models import Client, Contact, Criterion, Site, Tier
from registry.core.db import db
from registry.people.models import Person
from tests.factories import House, a_client, a_contact, a_person, a_site

Count = Callable[[], AbstractContextManager[list[str]]]
SignIn = Callable[[Person], Any]

HOSTILE = '<script>alert(1)</script>"\'&'


@pytest.fixture
def lead(house: House, sign_in: SignIn) -> Any:
    return sign_in(house.lead)


def test_a_client_is_entered_with_contact_site_and_who_knows_it(
    session: Session, lead: Any, house: House
) -> None:
    answer = lead.post("/clients/new", data={"name": "Duma", "tier": "key", "note": "By the yard"})
    client = session.scalars(select(Client).where(Client.name == "Duma")).one()
    card = f"/clients/{client.id}"
    assert (answer.status_code, answer.location, client.tier) == (303, card, Tier.KEY)
    assert "Nobody of us is named" in lead.get(card).text
    lead.post(f"{card}/persons", data={"persons": [str(house.visitor.id)]})
    assert "Only one of us knows this client" in lead.get(card).text
    lead.post(f"{card}/persons", data={"persons": [str(house.visitor.id), str(house.lead.id)]})
    lead.post(f"{card}/contacts/new", data={"name": "Galina", "phone": "112", "is_key": "y"})
    root = a_site(name="Building 1")
    answer = lead.post(f"{card}/sites/new", data={"name": "Hall", "fed_by": str(root.id)})
    site = session.scalars(select(Site).where(Site.client_id == client.id)).one()
    assert (answer.location, site.fed_by) == (f"/clients/sites/{site.id}", root)
    page = lead.get(card).text
    assert "of us knows this client." not in page
    assert all(word in page for word in ("Galina", "key person", "Hall", "Building 1", "Anna Kim",
                                         "By the yard"))


def test_a_refused_form_keeps_what_was_typed_and_says_all_reasons(lead: Any, house: House) -> None:
    for address, typed in (
        ("/clients/new", {"name": "VOLGA BANK", "tier": "key", "note": "kept"}),
        (f"/clients/{house.client.id}/contacts/new",
         {"name": "", "phone": "call me", "email": "no address"}),
        (f"/clients/{house.client.id}/sites/new", {"name": "HEAD OFFICE", "address": "kept"}),
    ):
        answer = lead.post(address, data=typed)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
        assert all(str(escape(text)) in answer.text for text in typed.values())
    answer = lead.post(f"/clients/{house.client.id}/contacts/new", data={
        "name": "", "phone": "call me", "email": "no address"})
    assert all(text in answer.text for text in ("Write a name", "in digits", "name@example.org"))


def test_the_list_is_searched_filtered_and_paged(session: Session, lead: Any) -> None:
    for number in range(60):
        a_client(f"Firm {number:02}")
    page = lead.get("/clients").text
    assert "Firm 49" in page
    assert "Firm 50" not in page
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = lead.get(following).text
    assert "Firm 50" in second
    assert "Firm 49" not in second
    assert 'rel="prev"' in second
    found = lead.get("/clients?q=FIRM+07").text
    assert "Firm 07" in found
    assert "Firm 08" not in found
    assert "No client fits" in lead.get("/clients?q=nothing").text
    assert "Volga Bank" in lead.get("/clients?tier=key&known=few").text
    assert "No client fits" in lead.get("/clients?known=me").text
    assert lead.get("/clients?tier=nonsense&known=nonsense&after=zzz&before=").status_code == 200


def test_every_page_is_read_with_as_many_queries_however_much_it_shows(
    session: Session, lead: Any, house: House, count_queries: Count
) -> None:
    def asked(address: str) -> int:
        with count_queries() as queries:
            assert lead.get(address).status_code == 200
        return len(queries)

    core = a_site(name="Core")
    house.site.fed_by_id = core.id
    house.client.persons = [house.visitor]
    session.flush()
    addresses = ["/clients", f"/clients/{house.client.id}", "/clients/sites",
                 f"/clients/sites/{house.site.id}", "/clients/criteria"]
    for address in addresses:
        asked(address)  # what is read once and then kept, such as lifecycles
    before = [asked(each) for each in addresses]
    for _ in range(15):
        client = a_client()
        client.persons = [a_person()]
        house.client.persons.append(a_person())
        a_contact(house.client)
        feeder = a_site(house.client, fed_by_id=house.site.id)
        a_site(client, fed_by_id=feeder.id)
        a_contact(client, is_key=True)
    session.flush()
    assert [asked(each) for each in addresses] == before
    assert max(before) <= 14


def test_the_network_and_a_place_show_what_is_fed_by_what(lead: Any, house: House) -> None:
    root = a_site(name="Core")
    a_site(name="Building 7", fed_by_id=root.id)
    house.site.fed_by_id = root.id
    page = lead.get("/clients/sites").text
    assert all(name in page for name in ("Core", "Building 7", "Volga Bank, Head office"))
    assert "1 client gets the service through here" in lead.get(f"/clients/sites/{root.id}").text
    assert "Core" in lead.get(f"/clients/sites/{house.site.id}").text


def test_a_site_is_corrected_and_taken_out_of_use(lead: Any, house: House) -> None:
    root = a_site(name="Core")
    lead.post(f"/clients/sites/{house.site.id}/edit",
              data={"name": "Head office", "address": "Lenina 7", "fed_by": str(root.id)})
    assert (house.site.address, house.site.fed_by) == ("Lenina 7", root)
    answer = lead.post(f"/clients/sites/{root.id}/retire")
    assert answer.status_code == 422
    assert "still feeds Head office" in answer.text
    assert lead.post(f"/clients/sites/{house.site.id}/retire").status_code == 303
    assert not house.site.is_active
    lead.post(f"/clients/sites/{house.site.id}/restore")
    assert house.site.is_active
    answer = lead.post("/clients/sites/new", data={"name": "Node"})
    assert db.session.scalars(select(Site).where(Site.name == "Node")).one().client_id is None


def test_a_feeder_that_was_not_offered_is_not_taken(lead: Any, house: House) -> None:
    foreign = a_site(a_client(), name="Foreign")
    for typed in (str(foreign.id), str(house.site.id), "99999", "x"):
        lead.post(f"/clients/sites/{house.site.id}/edit",
                  data={"name": "Head office", "fed_by": typed})
        assert house.site.fed_by is None


def test_a_contact_is_corrected_leaves_and_returns(lead: Any, house: House) -> None:
    contact = house.contact
    lead.post(f"/clients/contacts/{contact.id}", data={"name": "Galina S.", "is_key": "y"})
    assert (contact.name, contact.is_key) == ("Galina S.", True)
    lead.post(f"/clients/contacts/{contact.id}/retire")
    assert (contact.is_active, contact.is_key) == (False, False)
    assert "Is there again" in lead.get(f"/clients/{house.client.id}").text
    lead.post(f"/clients/contacts/{contact.id}/restore")
    assert contact.is_active


def test_a_client_is_corrected_retired_and_served_again(lead: Any, house: House) -> None:
    client = house.client
    lead.post(f"/clients/{client.id}/edit", data={"name": "Volga", "tier": "ordinary"})
    assert (client.name, client.tier) == ("Volga", Tier.ORDINARY)
    lead.post(f"/clients/{client.id}/retire")
    assert not client.is_active
    assert "Volga" not in lead.get("/clients?q=Volga").text.split("<table")[-1].split("Show")[-1]
    assert "Volga" in lead.get("/clients?retired=y").text
    lead.post(f"/clients/{client.id}/restore")
    assert client.is_active


def test_criteria_are_shown_in_the_readers_language_and_corrected(
    lead: Any, session: Session, house: House
) -> None:
    ensure_criteria()
    page = lead.get("/clients/criteria").text
    assert all(text in page for text in ("at least 20 KB/s", "at most 0", "judged in words"))
    lead.post("/language", data={"language": "ru"})
    assert "не меньше 20 КБ/с" in lead.get("/clients/criteria").text
    lead.post("/clients/criteria/new", data={
        "name_en": "Delay", "name_ru": "Задержка", "sense": "at_most", "norm": "40,5",
        "unit_en": "ms", "unit_ru": "мс"})
    delay = session.scalars(select(Criterion).where(Criterion.code == "delay")).one()
    assert delay.norm == Decimal("40.5")
    address = f"/clients/criteria/{delay.id}"
    answer = lead.post(address, data={"name_en": "D", "name_ru": "Д", "norm": "much"})
    assert (answer.status_code, delay.norm) == (422, Decimal("40.5"))
    assert 'value="much"' in answer.text
    lead.post(address, data={"name_en": "Delay", "name_ru": "Задержка", "sense": "at_most"})
    assert delay.norm is None
    lead.post(f"{address}/retire")
    assert not delay.is_active
    lead.post(f"{address}/restore")
    assert delay.is_active


def test_what_people_write_never_becomes_part_of_the_page(
    session: Session, lead: Any, house: House
) -> None:
    client = a_client(HOSTILE, note=HOSTILE)
    client.persons = [a_person(name=HOSTILE)]
    a_contact(client, name=HOSTILE, position=HOSTILE, phone=HOSTILE, email=HOSTILE, is_key=True)
    site = a_site(client, name=HOSTILE, address=HOSTILE)
    a_site(client, name=HOSTILE, fed_by_id=site.id)
    session.flush()
    for address in ("/clients", f"/clients/{client.id}", f"/clients/{client.id}/edit",
                    f"/clients/{client.id}/persons", "/clients/sites",
                    f"/clients/sites/{site.id}", f"/clients/sites/{site.id}/edit"):
        page = lead.get(address).text
        assert "<script>alert" not in page
        assert "alert(1)" in page


def test_who_may_not_manage_sees_no_acts_and_is_refused(
    house: House, sign_in: SignIn, session: Session
) -> None:
    engineer = sign_in(house.engineer)
    card = engineer.get(f"/clients/{house.client.id}").text
    assert "Add a site" not in card
    assert "Correct" not in card
    for address in ("/clients/new", f"/clients/{house.client.id}/edit", "/clients/sites/new",
                    "/clients/criteria/new", "/clients/import"):
        assert engineer.get(address).status_code == 403
        assert engineer.post(address, data={"name": "New"}).status_code == 403
    assert engineer.post(f"/clients/contacts/{house.contact.id}/retire").status_code == 403
    assert db.session.get_one(Contact, house.contact.id).is_active


@pytest.mark.parametrize("address", [
    "/clients/9999", "/clients/9999/edit", "/clients/sites/9999", "/clients/contacts/9999",
    "/clients/criteria/9999", "/clients/9999/sites/new", "/clients/import/nonsense",
    "/clients/import/template-de.csv",
])
def test_what_is_not_there_is_not_found(lead: Any, address: str) -> None:
    assert lead.get(address).status_code == 404


def test_the_areas_above_add_to_card_and_site(
    app: Flask, lead: Any, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, CARD_EXTRAS, [])
    monkeypatch.setitem(app.extensions, SITE_EXTRAS, [])
    add_to_client_card(app, lambda client: f"<p>tickets of {escape(client.name)}</p>")
    add_to_site_page(app, lambda site: f"<p>tickets at {escape(site.name)}</p>")
    assert "<p>tickets of Volga Bank</p>" in lead.get(f"/clients/{house.client.id}").text
    assert "<p>tickets at Head office</p>" in lead.get(f"/clients/sites/{house.site.id}").text
