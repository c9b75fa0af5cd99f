"""Acts that begin at the same moment, each in a thread with a session of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from flask import Flask, has_app_context

from registry.core.db import db
from registry.core.errors import Refused

PATIENCE = 120.0  # seconds


def at_once(app: Flask, acts: Sequence[Callable[[], object]]) -> list[str]:
    """Run the acts together; what came of each, in the order in which they ended: "done", the code
    of the first reason of a refusal, or what went wrong, to be told by the test."""
    if has_app_context():
        db.session.rollback()  # let nothing that the test has read hold them up
    start = threading.Barrier(len(acts))
    outcomes: list[str] = []

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait(PATIENCE)
            try:
                act()
                outcomes.append("done")
            except Refused as refusal:
                outcomes.append(refusal.reasons[0].code)
            except Exception as error:
                outcomes.append(repr(error))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return outcomes
