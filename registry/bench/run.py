"""One registry measured from end to end, in a process of its own, so that none warms another.

``python -m registry.bench.run SIZE HOW SKIPPED…`` in the settings' environment prints one line of
JSON; HOW is ``quick`` or ``whole``.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from registry import create_app
from registry.bench.seeder import seed
from registry.bench.served import memory_of, served, under_load, weight_of
from registry.bench.subjects import Visitor, doings
from registry.bench.timing import once, timed
from registry.core.db import db, only_reading
from registry.core.times import utc_now
from registry.core.write_ahead import log_kept
from registry.running import prepare
from registry.tickets.models import Ticket

ONCE = ("verify",)
FEW = ("checkpoint", "handoff with argon2", "daily report", "search, common word, all")
PAGES, LISTS = "ticket pages", "lists"


def run(size: int, skipped: list[str], *, quick: bool) -> dict[str, Any]:
    """Seed the registry where it is empty, then measure everything."""
    app = create_app()
    prepare(app)
    spent = _seeded(app, size)
    found: dict[str, Any] = {"size": size, "seeded_in": spent}
    with app.app_context():
        with only_reading():
            found["open"] = db.session.query(Ticket).where(Ticket.is_open).count()
        with log_kept(db.engine):
            found["server"] = _in_process(app, skipped, quick)
        cookie = Visitor(app, "engineer1").cookie
        with only_reading():
            numbers = db.session.scalars(select(Ticket.number).where(Ticket.is_open)
                                         .order_by(Ticket.number.desc()).limit(40)).all()
        db.engine.dispose()
    found["served"] = _over_http(cookie, [f"/tickets/{number}" for number in numbers],
                                 seconds=1 if quick else 8)
    return found


def _seeded(app: Flask, size: int) -> float:
    """Seconds that seeding took; 0 where it was done before."""
    mark = Path(app.config["SETTINGS"].data_dir) / "seeded"
    if mark.exists():
        return 0.0
    begun = time.monotonic()
    with app.app_context():
        seed(size, now=utc_now())
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
                plain.exec_driver_sql("VACUUM ANALYZE")
    mark.touch()
    return time.monotonic() - begun


def _in_process(app: Flask, skipped: list[str], quick: bool) -> dict[str, Any]:
    found = {}
    for name, act in doings(app).items():
        if name in skipped:
            continue
        times = 2 if quick else 15 if name in FEW else 100
        timing = once(act) if name in ONCE else timed(act, times)
        found[name] = asdict(timing)
    return found


def _over_http(cookie: str, tickets: list[str], *, seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with served() as (port, process):
        under_load(port, cookie, 2, 1, [*tickets, "/tickets"])
        for what, paths in ((PAGES, tickets), (LISTS, ["/tickets"])):
            for clients in (1, 8):
                found[f"{what}, {clients} clients"] = under_load(port, cookie, clients, seconds,
                                                                 paths)
        found["memory"] = memory_of(process)
        found["weight"] = weight_of(port, cookie, tickets[0])
        found["weight with the face"] = weight_of(port, f"{cookie}; seen=1", tickets[0])
    return found


if __name__ == "__main__":
    measured = run(int(sys.argv[1]), sys.argv[3:], quick=sys.argv[2] == "quick")
    sys.stdout.write(json.dumps(measured) + "\n")
