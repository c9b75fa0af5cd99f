"""Real worker processes on both databases: each message once; one that is killed loses none."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from registry.config import Settings
from registry.core.db import atomic, db
from registry.core.times import utc_now
from registry.webhooks.models import DeliveryState, WebhookDelivery
from registry.webhooks.service import add_endpoint, send_test
from tests.ground.processes import until
from tests.registry.webhooks.receiver import Receiver

PATIENCE = 120
MESSAGES = 12


@pytest.fixture
def telling(make_app: Callable[..., Flask], receiver: Receiver) -> Flask:
    """An installation that owes a receiver some messages, each committed."""
    app = make_app(webhook_hosts=(receiver.host,), webhook_private=True)
    with app.app_context(), atomic():
        now = utc_now()
        endpoint, _secret = add_endpoint(receiver.url, (), settings=app.config["SETTINGS"],
                                         by=None, now=now)
        for _each in range(MESSAGES):
            send_test(endpoint, by=None, now=now)
    return app


@pytest.fixture
def start(
    telling: Flask, receiver: Receiver, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a worker; all that are left are killed at the end."""
    settings: Settings = telling.config["SETTINGS"]
    environment = os.environ | {
        "COUNTERSIGN_DATABASE_URL": settings.database_url,
        "COUNTERSIGN_DATA_DIR": str(settings.data_dir),
        "COUNTERSIGN_WEBHOOK_HOSTS": receiver.host, "COUNTERSIGN_WEBHOOK_PRIVATE": "1"}
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / f"worker{len(running)}.log").open("wb") as file:
            running.append(subprocess.Popen([sys.executable, "-m", "registry", "worker"],
                                            env=environment, stderr=file))
        return running[-1]

    yield start
    for worker in running:
        worker.kill()
        worker.wait()


def states(app: Flask) -> Counter[DeliveryState]:
    """How many deliveries are in each state, as others see it."""
    with app.app_context():
        found = Counter(each.state for each in db.session.query(WebhookDelivery))
        db.session.rollback()
    return found


def test_two_workers_send_each_message_once(telling: Flask, receiver: Receiver, start):
    receiver.before = lambda: time.sleep(0.1)
    start()
    start()
    until(lambda: states(telling)[DeliveryState.DELIVERED] == MESSAGES)
    assert Counter(came.id for came in receiver.came).most_common(1)[0][1] == 1
    assert len(receiver.came) == MESSAGES


def test_a_worker_killed_in_the_middle_of_a_message_sends_it_again_under_its_id(
        telling: Flask, receiver: Receiver, start):
    go_on = threading.Event()
    receiver.before = lambda: go_on.wait(PATIENCE) and None
    doomed = start()
    until(lambda: len(receiver.came) == 1)
    doomed.kill()
    doomed.wait()
    go_on.set()
    held = receiver.came[0].id
    start()
    until(lambda: states(telling)[DeliveryState.DELIVERED] == MESSAGES - 1)
    assert Counter(came.id for came in receiver.came)[held] == 1
    with telling.app_context(), atomic():
        # The time of the claim goes by.
        row = db.session.query(WebhookDelivery).filter_by(message_id=held).one()
        assert row.state is DeliveryState.WAITING
        assert row.claimed_until > utc_now()
        row.claimed_until = utc_now()
    until(lambda: states(telling)[DeliveryState.DELIVERED] == MESSAGES)
    ids = Counter(came.id for came in receiver.came)
    assert ids.pop(held) == 2
    assert set(ids.values()) == {1}
