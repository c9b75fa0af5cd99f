"""``python -m tests.faults.zygote SETTINGS``: forks a process for each task and kills it.

Reads a task from each line of its input and says on a line how it ended. A task is killed after
some seconds (``after``) or before its n-th statement, commit or end of a commit (``point``), or is
left to end by itself. The process that forks has no threads and no connections.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from registry import create_app
from registry.core.db import atomic, db
from registry.core.errors import Refused
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.keys import signer_of
from registry.people.models import Person
from registry.tickets.attachments import Upload, attach_file
from registry.tickets.handoff_judging import Offer
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import accept_handoff, offer_handoff, witness_handoff
from registry.tickets.models import Ticket
from registry.worker import Worker
from tests.factories import a_signing
from tests.faults.installation import heard

REFUSED = 7


class Point:
    """Dies at the n-th moment at which something of the act could be kept or lost."""

    def __init__(self, number: int) -> None:
        self.left = number
        for target, name in ((Engine, "before_cursor_execute"), (Engine, "commit"),
                             (Session, "after_commit")):
            event.listen(target, name, self.pass_by)

    def pass_by(self, *_told: Any) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def offering(task: dict[str, Any], now: datetime) -> None:
    giver, receiver = (person(task[each]) for each in ("giver", "receiver"))
    witness = person(task["witness"]) if "witness" in task else None
    with atomic():
        offer_handoff(db.session.get_one(Ticket, task["ticket"]),
                      Offer(task["move"], receiver, witness), by=giver, signing=a_signing(giver),
                      now=now)


def accepting(task: dict[str, Any], now: datetime) -> None:
    taker = person(task["receiver"])
    with atomic():
        accept_handoff(db.session.get_one(Handoff, task["handoff"]), next_step="I look at it",
                       next_step_by=task["by"], by=taker, signing=a_signing(taker), now=now)


def witnessing(task: dict[str, Any], now: datetime) -> None:
    witness = person(task["witness"])
    with atomic():
        witness_handoff(db.session.get_one(Handoff, task["handoff"]), by=witness,
                        signing=a_signing(witness), now=now)


def person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id)


def attaching(task: dict[str, Any], now: datetime) -> None:
    settings = app.config["SETTINGS"]
    with atomic():
        attach_file(db.session.get_one(Ticket, task["ticket"]),
                    Upload("trace.txt", io.BytesIO(b"What the line measured.")),
                    folder=settings.attachments_dir, limit=settings.attachment_limit,
                    by=person(task["by"]), now=now)


def checkpoint(_task: dict[str, Any], now: datetime) -> None:
    with atomic():
        make_checkpoint(now=now, signer=signer_of(app.config["SETTINGS"]))


def working(_task: dict[str, Any], now: datetime) -> None:
    Worker(f"killed:{os.getpid()}").run_due(now)


TASKS = {"offer": offering, "accept": accepting, "witness": witnessing, "attach": attaching,
         "checkpoint": checkpoint, "round": working}


def run(app: Flask, task: dict[str, Any]) -> int:
    """Do the task; the status of the process."""
    with app.app_context():
        if task.get("point"):
            Point(task["point"])
        try:
            TASKS[task["task"]](task, datetime.fromisoformat(task["now"]))
        except Refused:
            return REFUSED
    return 0


def fork(app: Flask, task: dict[str, Any]) -> dict[str, Any]:
    """Let a child do the task, and kill it where that is asked for."""
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = run(app, task)
        finally:
            os._exit(status)
    if task.get("after") is not None:
        time.sleep(task["after"])
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"killed": status == -signal.SIGKILL, "status": status,
            "seconds": time.monotonic() - begun}


if __name__ == "__main__":
    app = create_app(heard(sys.argv[1]))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(fork(app, json.loads(line))) + "\n")
        sys.stdout.flush()
