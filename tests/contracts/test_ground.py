"""The ground of the tests keeps its word: nothing leaks from test to test or out of the machine."""

import smtplib
import socket
from email.message import EmailMessage

import pytest
from flask import Flask
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.core.db import atomic, db
from registry.people.models import Department, Role
from tests.factories import a_department, a_person
from tests.ground.databases import Database

COUNT = select(func.count()).select_from(Department)


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_in_the_next(session: Session, turn: int):
    assert session.scalar(COUNT) == 0
    a_department()
    with atomic():
        pass
    assert session.scalar(COUNT) == 1


def test_a_refused_act_takes_back_only_what_it_did(session: Session):
    with atomic():
        a_department()

    def fail() -> None:
        with atomic():
            a_department()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert session.scalar(COUNT) == 1


def test_committed_work_is_seen_by_others(committed_app: Flask):
    with committed_app.app_context(), atomic():
        a_department()
    with committed_app.app_context():
        assert db.session.scalar(COUNT) == 1


def test_the_database_is_the_one_it_says(session: Session, database: Database):
    assert db.engine.dialect.name == database.kind


def test_a_person_signs_in_and_another_client_knows_nothing_of_it(client, sign_in):
    visitor = sign_in(a_person(Role.VISITOR))
    assert visitor.get("/").status_code == 200
    assert client.get("/").status_code in (302, 303)


def test_a_form_without_its_token_is_refused(guarded_client):
    assert guarded_client.post("/language", data={"language": "ru"}).status_code == 400


def test_queries_are_counted_without_the_marks_of_transactions(session: Session, count_queries):
    with count_queries() as queries:
        session.scalar(COUNT)
        with atomic():
            pass
    assert len(queries) == 1, queries


def test_mail_arrives_or_is_refused(smtp_server):
    message = EmailMessage()
    message["Subject"] = "Отчёт"
    message.set_content("Всё сходится.\n")
    smtp_server.refused.add("gone@example.org")
    with smtplib.SMTP("127.0.0.1", smtp_server.port) as server:
        server.send_message(message, "robot@example.org", ["here@example.org"])
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            server.send_message(message, "robot@example.org", ["gone@example.org"])
    assert [each["Subject"] for each in smtp_server.to("here@example.org")] == ["Отчёт"]
    assert smtp_server.to("gone@example.org") == []


def test_no_test_reaches_another_machine():
    with (socket.socket() as outward, pytest.warns(UserWarning, match=r"192\.0\.2\.1"),
          pytest.raises(SocketConnectBlockedError)):
        outward.connect(("192.0.2.1", 80))


def test_a_browser_sees_a_served_page_in_its_own_language(open_context):
    titles = {}
    for language in ("en", "ru"):
        page = open_context("phone", "dark", language).new_page()
        page.goto("/sign-in")
        titles[language] = (page.locator("html").get_attribute("lang"), page.title())
        assert page.viewport_size["width"] == 360
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert titles["en"][0] == "en"
    assert titles["ru"][0] == "ru"
    assert titles["en"][1] != titles["ru"][1]


def test_axe_finds_what_is_planted(browser, violations):
    page = browser.new_page()
    page.set_content("<html lang=en><title>t</title><main><h1>x</h1><img src=''></main></html>")
    assert any("image-alt" in fault for fault in violations(page))
    page.close()
