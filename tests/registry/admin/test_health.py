"""What machines ask of the installation: alive, ready, its numbers; and what strangers are told."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry import create_app
from registry.core.models import Job, Message, WorkerBeat
from registry.core.request_times import RequestTimes
from registry.core.times import utc_now
from registry.people.models import Role
from tests.factories import House, a_person, a_ticket, offer
from tests.ground.databases import settings_for

HERE = {"Host": "127.0.0.1:8000"}
TOKEN = "a token that nobody guesses"


def checks(client: Any, address: str = "/readyz") -> tuple[int, dict[str, str]]:
    answer = client.get(address)
    return answer.status_code, answer.json["checks"]


def a_worker_is_there(session: Session) -> None:
    session.add(WorkerBeat(name="one", seen_at=utc_now()))
    session.flush()


def a_mail(**values: Any) -> Message:
    now = utc_now()
    return Message(**({"key": "k", "kind": "daily_report", "recipient": "a@example.org",
                       "subject": "s", "text": "t", "created_at": now, "due_at": now} | values))


def test_the_process_answers_without_asking_the_database(client: Any, count_queries: Any) -> None:
    with count_queries() as queries:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.text, len(queries)) == (200, "ok\n", 0)
    assert "Set-Cookie" not in answer.headers


def test_a_node_whose_database_is_there_is_ready(client: Any, session: Session) -> None:
    a_worker_is_there(session)
    status, told = checks(client, "/readyz?all")
    assert status == 200
    assert told == {"database": "ok", "revision": "ok", "worker": "ok", "mail": "off", "job": "ok"}


def test_a_database_of_another_revision_is_not_ready(client: Any, session: Session) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    status, told = checks(client)
    assert status == 503
    assert (told["database"], told["revision"], told["worker"]) == ("ok", "failed", "failed")


def test_a_database_that_is_away_is_not_ready_and_tells_no_more(tmp_path: Path) -> None:
    app = create_app(settings_for("postgresql+psycopg://someone@127.0.0.1:9/nowhere", tmp_path))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert set(answer.json["checks"].values()) == {"failed"}
    assert "someone" not in answer.text
    assert "127.0.0.1" not in answer.text
    told = app.test_client().get("/metrics", headers=HERE)
    assert told.status_code == 200
    assert "countersign_database_up 0.0" in told.text
    assert "countersign_request_seconds" in told.text


def test_what_waits_too_long_is_late_and_takes_no_node_away(
    client: Any, session: Session, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS",
                        replace(app.config["SETTINGS"], smtp_url="smtp://127.0.0.1"))
    now = utc_now()
    session.add(a_mail(due_at=now - timedelta(minutes=16)))
    session.add(Job(key="j", kind="x", created_at=now, due_at=now - timedelta(minutes=6)))
    session.add(WorkerBeat(name="gone", seen_at=now - timedelta(minutes=2)))
    session.flush()
    late = {"database": "ok", "revision": "ok", "worker": "late", "mail": "late", "job": "late"}
    assert checks(client) == (200, late)
    assert checks(client, "/readyz?all") == (503, late)


def test_the_numbers_are_those_of_the_registry(client: Any, session: Session) -> None:
    house = House()
    a_ticket(house, "in_fix")
    a_ticket(house, "in_fix")
    offer(a_ticket(house), "take", house.engineer, witness=house.registrar)
    a_worker_is_there(session)
    session.add(a_mail(due_at=utc_now() - timedelta(seconds=90)))
    session.flush()
    client.get("/sign-in")
    told = client.get("/metrics", headers=HERE)
    assert told.headers["Content-Type"].startswith("text/plain; version=")
    lines = dict(line.rsplit(" ", 1) for line in told.text.splitlines() if line[0] != "#")
    assert lines["countersign_database_up"] == "1.0"
    assert lines['countersign_tickets_open{state="in_fix"}'] == "2.0"
    assert lines['countersign_tickets_open{state="logged"}'] == "1.0"
    assert lines["countersign_tickets_unaccepted"] == "1.0"
    assert lines["countersign_workers_seen"] == "1.0"
    assert lines['countersign_queue_due{queue="mail"}'] == "1.0"
    assert 89 < float(lines['countersign_queue_age_seconds{queue="mail"}']) < 200
    entries = session.execute(text("SELECT count(*) FROM ledger_entry")).scalar_one()
    assert float(lines["countersign_ledger_entries"]) == entries > 0
    of_page = 'countersign_request_seconds_count{endpoint="people.sign_in",method="GET"}'
    assert float(lines[of_page]) >= 1


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_without_a_token_no_proxy_is_shown_the_numbers(client: Any, header: str) -> None:
    assert client.get("/metrics", headers=HERE).status_code == 200
    answer = client.get("/metrics", headers=HERE | {header: "127.0.0.1"})
    assert answer.status_code == 403
    assert "COUNTERSIGN_METRICS_TOKEN" in answer.text


@pytest.mark.parametrize(("host", "sender"), [("tickets.example.org", "127.0.0.1"),
                                              ("127.0.0.1", "192.0.2.1")])
def test_without_a_token_nobody_elsewhere_is_shown_the_numbers(
    client: Any, host: str, sender: str
) -> None:
    answer = client.get("/metrics", headers={"Host": host},
                        environ_overrides={"REMOTE_ADDR": sender})
    assert answer.status_code == 403
    assert "countersign_" not in answer.text


def test_a_registry_that_serves_others_asks_for_a_token_even_here(
    client: Any, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(
        app.config["SETTINGS"], base_url="https://tickets.example.org"))
    assert client.get("/metrics", headers=HERE).status_code == 403


def test_a_forged_address_behind_a_proxy_is_not_this_machine(make_app: Callable[..., Flask]
                                                             ) -> None:
    client = make_app(proxies=1).test_client()
    answer = client.get("/metrics", headers=HERE | {"X-Forwarded-For": "127.0.0.1"},
                        environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert answer.status_code == 403


@pytest.mark.parametrize(("given", "status"), [
    (f"Bearer {TOKEN}", 200), (TOKEN, 401), (f"Bearer {TOKEN}x", 401), ("Bearer ", 401),
    ("Bearer ж", 401), ("", 401)])
def test_with_a_token_the_numbers_are_for_who_has_it(
    client: Any, app: Flask, monkeypatch: pytest.MonkeyPatch, given: str, status: int
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS",
                        replace(app.config["SETTINGS"], metrics_token=TOKEN))
    headers = {"Authorization": given.encode().decode("latin-1")} if given else {}
    assert client.get("/metrics", headers=HERE | headers).status_code == status


def test_a_person_at_the_screen_is_no_machine(
    sign_in: Callable[..., Any], session: Session, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS",
                        replace(app.config["SETTINGS"], metrics_token=TOKEN))
    assert sign_in(a_person(Role.ADMINISTRATOR)).get("/metrics").status_code == 401


def _count(times: RequestTimes, requests: int, told: Any) -> None:
    for _ in range(requests):
        times.observe("page", "GET", 200, 0.004)
    told.set()
    time.sleep(60)


def test_forked_processes_count_together_also_where_they_are_killed() -> None:
    times = RequestTimes()
    times.name([("page", "GET")])
    fork = multiprocessing.get_context("fork")
    running = []
    for requests in (1000, 1000, 1000, 10):
        told = fork.Event()
        running.append(fork.Process(target=_count, args=(times, requests, told)))
        running[-1].start()
        assert told.wait(60)
        if len(running) == 3:  # the fourth takes over what the first has left
            running[0].kill()
            running[0].join()
    for process in running:
        process.kill()
        process.join()
    times.observe("page", "GET", 503, 20.0)
    times.observe("elsewhere", "GET", 200, 0.001)
    page, other = sorted(times.read(), key=lambda each: each.endpoint == "none")
    assert (page.counts[1], page.counts[-1], sum(page.counts)) == (3010, 1, 3011)
    assert page.classes == {"1xx": 0, "2xx": 3010, "3xx": 0, "4xx": 0, "5xx": 1}
    assert round(page.seconds, 3) == round(3010 * 0.004 + 20, 3)
    assert sum(other.counts) == 1
