"""Logging a problem, on a phone in the client's office; its photos and files."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import pytest

from registry.core.db import db
from registry.tickets.models import Attachment, Opinion, Ticket
from tests.factories import a_client, a_site, a_ticket

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 200


@pytest.fixture
def visitor(house, sign_in):
    return sign_in(house.visitor)


def found_there(house, **changes):
    return {
        "summary": "Slow line", "site": house.site.id, "contact": house.contact.id,
        "criterion": house.criterion.id, "measured": "12,5", "opinion": "content",
        "opinion_words": "It is fine by us", "description": "Measured twice",
    } | changes


def send(client, house, **data):
    return client.post(f"/tickets/new?client={house.client.id}", data=data,
                       content_type="multipart/form-data")


def tickets():
    return db.session.query(Ticket).all()


def test_the_client_is_chosen_first_and_those_one_knows_stand_ready(house, visitor, session):
    a_client("Duma Trade")
    house.client.persons.append(house.visitor)
    page = visitor.get("/tickets/new")
    assert "Clients you know" in page.text
    assert f'href="/tickets/new?client={house.client.id}"' in page.text
    assert "Duma Trade" not in page.text
    assert "Duma Trade" in visitor.get("/tickets/new?client_name=DUMA").text
    assert "No client is called like" in visitor.get("/tickets/new?client_name=zzz").text


def test_a_client_who_has_left_is_not_offered(house, visitor):
    a_client("Duma Trade", is_active=False)
    assert "No client is called like" in visitor.get("/tickets/new?client_name=duma").text


def test_the_form_shows_norms_and_only_this_client_s_sites_and_contacts(house, visitor):
    a_site(a_client("Duma Trade"), name="Tower")
    page = visitor.get(f"/tickets/new?client={house.client.id}").text
    assert "Speed from our server: norm ≥ 30\xa0KB/s" in page
    assert "Head office" in page
    assert "Galina Serova" in page
    assert "Tower" not in page


def test_a_logged_problem_is_in_the_visitor_s_hands_and_the_next_step_is_named(house, visitor):
    answer = send(visitor, house, **found_there(house))
    [ticket] = tickets()
    assert (answer.status_code, answer.location) == (303, f"/tickets/{ticket.number}")
    assert ticket.holder_id == house.visitor.id
    assert (ticket.measured, ticket.norm) == (12.5, 30)
    assert (ticket.opinion, ticket.opinion_words) == (Opinion.CONTENT, "It is fine by us")
    page = visitor.get(answer.location).text
    assert "is logged and in your hands. Hand it to an engineer next." in page
    assert "Hand to an engineer" in page


def test_photos_go_with_it(house, visitor, settings):
    send(visitor, house, **found_there(house), files=[
        (BytesIO(JPEG), "line.jpg"), (BytesIO(b"ping 1 2 3"), "log.txt")])
    [ticket] = tickets()
    kept = db.session.query(Attachment).order_by(Attachment.id).all()
    assert [(each.name, each.media_type) for each in kept] == [
        ("line.jpg", "image/jpeg"), ("log.txt", "text/plain")]
    assert ticket.head_seq == 3
    assert len([each for each in settings.attachments_dir.rglob("*") if each.is_file()]) == 2


def test_everything_in_the_way_is_said_at_once_and_nothing_typed_is_lost(house, visitor):
    page = send(visitor, house, **found_there(
        house, summary=" ", measured="", opinion_words="Words of «hers»", description="As typed"))
    assert page.status_code == 422
    assert "Say in a few words what is wrong." in page.text
    assert "Give what was measured" in page.text
    assert "Words of «hers»" in page.text
    assert "As typed" in page.text
    assert f'<option selected value="{house.site.id}">' in page.text
    assert re.search(r'<input checked [^>]*value="content"', page.text)
    assert tickets() == []


@pytest.mark.parametrize(("measured", "sentence"), [
    ("fast", "Write a number, for example 12 or 12.5."), ("-1", "Give a number between"),
    ("NaN", "Give a number between"), ("1e400", "Give a number between"),
    ("1.2345", "at most three digits after the point"), ("31", "meets the norm"),
])
def test_a_measure_that_is_none_is_refused_beside_its_field(house, visitor, measured, sentence):
    page = send(visitor, house, **found_there(house, measured=measured))
    assert page.status_code == 422
    assert sentence in page.text
    assert f'value="{measured}"' in page.text
    assert "Give what was measured" not in page.text
    assert tickets() == []


@pytest.mark.parametrize(("content", "name", "sentence"), [
    (b"", "empty.jpg", "is empty"), (b"MZ\x90\x00" + b"\x00" * 99, "run.jpg", "is of a kind"),
    (b"<script>alert(1)</script>", "page.txt", "is of a kind"),
    (b"<svg onload='x'/>", "drawing.svg", "is of a kind"),
])
def test_a_refused_file_keeps_nothing_of_the_problem_nor_of_other_files(
    house, visitor, settings, content, name, sentence
):
    page = send(visitor, house, **found_there(house), files=[
        (BytesIO(JPEG), "good.jpg"), (BytesIO(content), name)])
    assert page.status_code == 422
    assert sentence in page.text
    assert "Choose the photos and files again" in page.text
    assert tickets() == []
    assert not settings.attachments_dir.exists() or not any(settings.attachments_dir.iterdir())


def test_a_file_too_large_is_refused(house, visitor, app, settings):
    app.config["SETTINGS"] = replace(settings, attachment_limit=100_000)
    page = send(visitor, house, **found_there(house),
                files=[(BytesIO(JPEG + b"\x00" * 100_000), "big.jpg")])
    assert page.status_code == 422
    assert "The file “big.jpg” is larger than" in page.text
    assert tickets() == []


def test_who_logs_no_tickets_is_told_who_does(house, sign_in):
    page = sign_in(house.engineer).get("/tickets/new")
    assert page.status_code == 403
    assert "Tickets are logged by visitors" in page.text


def test_a_client_that_is_not_there_has_no_form(visitor):
    for wanted in ("999", "x", "-1"):
        assert visitor.get(f"/tickets/new?client={wanted}").status_code == 404


def test_files_are_added_later_and_always_saved_never_shown(house, visitor, sign_in):
    ticket = a_ticket(house)
    answer = visitor.post(f"/tickets/{ticket.number}/files", data={
        "files": [(BytesIO(JPEG), "Замер <1>.jpg")]}, content_type="multipart/form-data")
    assert answer.status_code == 303
    kept = db.session.query(Attachment).one()
    answer = sign_in(house.engineer).get(f"/attachments/{kept.id}", buffered=True)
    assert answer.data == JPEG
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_without_a_file_nothing_is_attached(house, visitor):
    ticket = a_ticket(house)
    page = visitor.post(f"/tickets/{ticket.number}/files", data={})
    assert page.status_code == 422
    assert "Choose at least one file." in page.text


def test_a_file_that_is_gone_from_the_disk_is_said(house, visitor, settings):
    ticket = a_ticket(house)
    visitor.post(f"/tickets/{ticket.number}/files", data={
        "files": [(BytesIO(JPEG), "line.jpg")]}, content_type="multipart/form-data")
    kept = db.session.query(Attachment).one()
    (settings.attachments_dir / kept.digest[:2] / kept.digest).unlink()
    page = visitor.get(f"/attachments/{kept.id}")
    assert page.status_code == 404
    assert "line.jpg is not on this machine any more" in page.text
    assert visitor.get("/attachments/999").status_code == 404


def test_nobody_sees_files_without_signing_in(house, client):
    assert client.get("/attachments/1").status_code in (302, 303)
