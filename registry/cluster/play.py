"""Handoffs through the balancer, by clients who never give up: what has no answer is sent again.

Every act carries an Idempotency-Key and is repeated under it until it is acknowledged. What was
acknowledged, and when, is remembered here and counted against the registry in counting.py.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from registry.cluster.company import Team
from registry.core.times import utc_now

PATIENCE = 15.0  # seconds that a client waits for one answer
PAUSE = 0.2  # before it tries again
# What to come back for with the same request: the servers are away, or it is being done just now.
# A 500 is not among them: a part that is away is no fault of the program.
COME_AGAIN = frozenset({409, 502, 503, 504})


class NotTaken(RuntimeError):
    """The registry refused an act that it ought to have taken, or none came to an end in time."""


@dataclass(frozen=True)
class Answer:
    """A status and what stood in the body."""

    status: int
    body: dict[str, Any]


@dataclass
class Acks:
    """What was acknowledged: kinds of acts by ticket, and the moment of each."""

    acts: dict[int, list[str]] = field(default_factory=dict)
    moments: list[float] = field(default_factory=list)
    repeated: int = 0
    faults: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, number: int, kind: str) -> None:
        """An act of this kind on the ticket was acknowledged now."""
        with self.lock:
            self.acts.setdefault(number, []).append(kind)
            self.moments.append(time.monotonic())

    def note_again(self, status: int) -> None:
        """A request is sent again; ``status`` is what it was answered, 0 for nothing."""
        with self.lock:
            self.repeated += 1
            self.faults[status] = self.faults.get(status, 0) + 1


class Line:
    """How one client reaches the registry."""

    def __init__(self, base_url: str, certificate: Path) -> None:
        self.host, self.port = urlsplit(base_url).hostname or "", urlsplit(base_url).port
        self.context = ssl.create_default_context(cafile=str(certificate))

    def ask(self, method: str, path: str, token: str, body: dict[str, Any] | None = None,
            key: str = "", patience: float = PATIENCE) -> Answer | None:
        """The answer, or None where none came."""
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": key}
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=patience,
                                                 context=self.context)
        try:
            connection.request(method, f"/api/v1{path}",
                               json.dumps(body) if body is not None else None, headers)
            got = connection.getresponse()
            return Answer(got.status, _read(got.read()))
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class Player(threading.Thread):
    """One team at work: ticket after ticket goes to the engineer and comes back."""

    def __init__(self, team: Team, line: Line, acks: Acks, deadline: float) -> None:
        super().__init__(daemon=True)
        self.team, self.line, self.acks, self.deadline = team, line, acks, deadline
        self.stopping = threading.Event()
        self.fault: Exception | None = None

    def run(self) -> None:
        """Work until told to stop; the ticket in hand is brought to its end."""
        try:
            while not self.stopping.is_set():
                self.one_ticket()
        except NotTaken as error:
            self.fault = error

    def one_ticket(self) -> None:
        """Logged, handed to the engineer, mended, handed back: six acts."""
        team, signed = self.team, {"method": "password", "secret": self.team.password}
        visitor, engineer = team.visitor_token, team.engineer_token
        number = int(self._act(None, "log", visitor, "/tickets", {
            "client": team.client, "summary": "Slow line"})["number"])
        taken = self._act(number, "offer", visitor, f"/tickets/{number}/handoffs", {
            "move": "take", "receiver": team.engineer, "witness": team.registrar,
            "signature": signed})
        self._accept(number, engineer, str(taken["id"]), signed)
        self._act(number, "move", engineer, f"/tickets/{number}/moves", {
            "move": "start", "signature": signed})
        back = self._act(number, "offer", engineer, f"/tickets/{number}/handoffs", {
            "move": "return", "receiver": team.visitor, "witness": team.registrar,
            "fields": {"what_was_wrong": "A bad cable", "what_was_done": "Replaced it"},
            "signature": signed})
        self._accept(number, visitor, str(back["id"]), signed)

    def _accept(self, number: int, token: str, handoff: str, signed: dict[str, str]) -> None:
        self._act(number, "accept", token, f"/handoffs/{handoff}/accept", {
            "next_step": "I measure the line", "signature": signed, "witness_signature": signed,
            "next_step_by": (utc_now() + timedelta(days=2)).isoformat(timespec="seconds")})

    def _act(self, number: int | None, kind: str, token: str, path: str,
             body: dict[str, Any]) -> dict[str, Any]:
        """The body of the answer that acknowledged the act. Raises NotTaken."""
        key = str(uuid.uuid4())
        while True:
            answer = self.line.ask("POST", path, token, body, key)
            if answer is not None and answer.status < 300:
                self.acks.note(number or int(answer.body["number"]), kind)
                return answer.body
            if answer is not None and answer.status not in COME_AGAIN:
                raise NotTaken(f"{kind} of ticket {number}: {answer.status} {answer.body}")
            if time.monotonic() > self.deadline:
                raise NotTaken(f"{kind} of ticket {number}: no acknowledgement until the end")
            self.acks.note_again(answer.status if answer else 0)
            time.sleep(PAUSE)


class Reader(threading.Thread):
    """Asks for the same ticket ten times a second and remembers when it was answered."""

    def __init__(self, line: Line, token: str) -> None:
        super().__init__(daemon=True)
        self.line, self.token = line, token
        self.stopping = threading.Event()
        self.moments: list[float] = []

    def run(self) -> None:
        """Ask until told to stop."""
        while not self.stopping.wait(0.1):
            answer = self.line.ask("GET", "/desk", self.token, patience=3.0)
            if answer is not None and answer.status == 200:
                self.moments.append(time.monotonic())


def longest_silence(moments: Sequence[float], begin: float, end: float) -> float:
    """The longest time between two answers that touches the span from ``begin`` to ``end``."""
    times = sorted(moments)
    before = max((each for each in times if each <= begin), default=begin)
    inside = [each for each in times if begin < each <= end]
    marks = [before, *inside, end]
    return max((later - earlier for earlier, later in pairwise(marks)), default=0.0)


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {"text": body[:200].decode("utf-8", "replace")}
    return found if isinstance(found, dict) else {"items": found}
