"""What the tests of faults share: a company on a database that really commits, the process that
forks and kills, and the question whether everything is still whole."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from registry.core.db import atomic, db
from registry.ledger.entries import entries_of
from registry.ledger.keys import verifier_of
from registry.ledger.stored import snapshot
from registry.ledger.verify import verify
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket
from tests.factories import House
from tests.faults.installation import told
from tests.faults.web import Web
from tests.ground.disks import Disk, a_disk, why_no_disks
from tests.ground.parts import ROOT


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of everything that is drawn, said where the test fails."""
    number = random.SystemRandom().randrange(2**32)
    request.node.add_report_section("setup", "seed", f"drawn with the seed {number}")
    return number


@pytest.fixture
def drawn(seed: int) -> random.Random:
    """Chance, with the seed that is told."""
    return random.Random(seed)


@pytest.fixture
def company(make_app: Callable[..., Flask], smtp_server: Any) -> Flask:
    """A company whose mail goes to a server of the test; reports are owed at 8:30."""
    app = make_app(smtp_url=smtp_server.url)
    with app.app_context(), atomic():
        House()
    return app


@pytest.fixture
def web(company: Flask, tmp_path: Path) -> Iterator[Web]:
    """The company's pages, served."""
    server = Web(company, tmp_path / "web.log")
    yield server
    server.end()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk of its own."""
    if why_no_disks():
        pytest.fail(why_no_disks(), pytrace=False)
    with a_disk(tmp_path / "disk") as made:
        yield made


class Zygote:
    """Asks zygote.py; see there."""

    def __init__(self, app: Flask) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", told(app.config["SETTINGS"])],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True)

    def __call__(self, task: str, now: datetime, **more: Any) -> dict[str, Any]:
        """How the task ended: ``killed``, ``status``, ``seconds``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"task": task, "now": now.isoformat(), **more}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the process that forks has ended"
        return json.loads(answer)  # type: ignore[no-any-return]

    def end(self) -> None:
        """Let it go."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def zygote(company: Flask) -> Iterator[Zygote]:
    """The process that forks and kills, over the company's database."""
    process = Zygote(company)
    yield process
    process.end()


def assert_whole(app: Flask, against: bytes | None = None) -> None:
    """The ledger verifies, rows are what the chains say, no ticket has two offers or no holder."""
    with app.app_context(), snapshot():
        verdict = verify(verifier=verifier_of(app.config["SETTINGS"]), against=against)
        assert verdict.is_sound, verdict.findings
        doubled = (select(Handoff.ticket_id).where(Handoff.state == HandoffState.OFFERED)
                   .group_by(Handoff.ticket_id).having(func.count() > 1))
        assert db.session.scalars(doubled).all() == []
        assert db.session.scalars(select(Ticket.id).where(Ticket.holder_id.is_(None))).all() == []


def kinds_of(ticket: Ticket) -> list[str]:
    """The kinds of the ticket's entries, in their order."""
    return [entry.kind for entry in entries_of(ticket.chain)]
