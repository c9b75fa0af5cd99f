"""Senders: what areas above send out by themselves, beside the worker's round.

Jobs and mails go one after the other; a sender waits for other people's servers, so each runs in a
thread of its own and holds up nobody's mail. Which rows it claims and what becomes of them is its
area's business; the worker begins and ends it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

import structlog
from flask import Flask

from registry.core.logs import fault
from registry.core.outage import outage
from registry.core.times import utc_now

log = structlog.get_logger("worker")

PAUSE = 2.0  # seconds between two looks at what is due
FAREWELL = 8.0  # seconds for what is on its way when the worker is told to end


class Sender(Protocol):
    """Sends what is due until nothing is; returns how many were taken. It claims rows and notes
    what became of them in transactions of its own, and begins nothing new once ``goes_on`` is
    false."""

    def __call__(
        self, *, clock: Callable[[], datetime], goes_on: Callable[[], bool]
    ) -> int: ...


MAKERS: dict[str, Callable[[], Sender]] = {}


def register_sender(name: str, make: Callable[[], Sender]) -> None:
    """Let every worker have a sender of its own, made by ``make``."""
    MAKERS[name] = make


def send_due(now: datetime, goes_on: Callable[[], bool]) -> int:
    """Let each sender send once what is due at ``now``; how many were taken."""
    return sum(make()(clock=lambda: now, goes_on=goes_on) for make in MAKERS.values())


@contextmanager
def beside(app: Flask, stopping: threading.Event, fits: Callable[[], bool]) -> Iterator[None]:
    """Run every sender beside the block until ``stopping``; nothing is sent while the database
    does not fit."""
    threads = [threading.Thread(target=_for_ever, args=(app, name, make(), stopping, fits),
                                name=name, daemon=True) for name, make in MAKERS.items()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(FAREWELL)


def _for_ever(
    app: Flask, name: str, sender: Sender, stopping: threading.Event, fits: Callable[[], bool]
) -> None:
    while not stopping.wait(PAUSE):
        if not fits():
            continue
        try:
            with app.app_context():
                sender(clock=utc_now, goes_on=lambda: not stopping.is_set())
        except Exception as error:
            found = outage(error)
            what = {"code": found.reasons[0].code} if found else fault(error)
            log.warning("sender_failed", sender=name, **what)
