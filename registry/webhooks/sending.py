"""The sender of webhooks: claims what is due, lets each go out in a thread, notes what came back.

One message at a time to each endpoint, several endpoints at once, so that a receiver that hangs
holds up nobody else; and a receiver that is away is left alone for a while, the longer the longer
it has been. The threads know the network only: rows are touched in the sender's own thread.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from standardwebhooks import Webhook

from registry.config import Settings
from registry.core.db import atomic, only_reading
from registry.core.settings import current_settings
from registry.webhooks.deliveries import (
    Claimed,
    claim_delivery,
    endpoints_with_due,
    forget_old,
    settle,
)
from registry.webhooks.models import DeliveryState
from registry.webhooks.posting import Answer, post

log = structlog.get_logger("webhooks")

MOST_AT_ONCE = 8
LONGEST_ROUND = 60.0
LOOK_AGAIN = 1.0  # seconds after which others' messages are looked for while some are on their way
FAREWELL = 5.0  # seconds that are waited for what is on its way when the worker ends
RESTS = tuple(timedelta(seconds=each) for each in (5, 15, 60, 300))
FORGET_EVERY = timedelta(hours=1)

Landed = tuple[Claimed, Answer]


class Postman:
    """One worker's sender. Remembers which receivers it leaves alone."""

    def __init__(self) -> None:
        self._landed: queue.SimpleQueue[Landed] = queue.SimpleQueue()
        self._flying: set[int] = set()  # endpoints to which something is on its way
        self._rests: dict[int, tuple[datetime, int]] = {}  # until when, how often in a row
        self._forgot_at: datetime | None = None

    def __call__(self, *, clock: Callable[[], datetime], goes_on: Callable[[], bool]) -> int:
        """Send until nothing is due; how many messages were taken."""
        settings = current_settings()
        if not settings.webhook_hosts:
            return 0
        taken, ends = 0, time.monotonic() + LONGEST_ROUND
        self._forget(clock())
        leaves_at = None
        while True:
            going = goes_on() and time.monotonic() < ends
            if going:
                self._let_fly(clock(), settings)
            elif leaves_at is None and not goes_on():
                leaves_at = time.monotonic() + FAREWELL
            if not self._flying or (leaves_at is not None and time.monotonic() > leaves_at):
                return taken
            taken += self._settle_landed(clock)

    def _let_fly(self, now: datetime, settings: Settings) -> None:
        """Claim one message for each endpoint that is free, and send it off."""
        free = MOST_AT_ONCE - len(self._flying)
        if free <= 0:
            return
        resting = {each for each, (until, _times) in self._rests.items() if now < until}
        with only_reading():
            ready = endpoints_with_due(now, but=resting | self._flying, most=free)
        for endpoint_id in ready:
            with atomic():
                claimed = claim_delivery(endpoint_id, now)
            if claimed is not None:
                self._flying.add(endpoint_id)
                threading.Thread(target=self._fly, args=(claimed, now, settings),
                                 daemon=True).start()

    def _fly(self, claimed: Claimed, now: datetime, settings: Settings) -> None:
        """In a thread of its own: send, and bring back what came of it."""
        answer = Answer(None, "it could not be sent")
        try:
            answer = post(claimed.url, signed(claimed, now), claimed.body.encode(), settings)
        finally:
            self._landed.put((claimed, answer))

    def _settle_landed(self, clock: Callable[[], datetime]) -> int:
        """Wait a little for something to come back and note it; how many were taken."""
        try:
            claimed, answer = self._landed.get(timeout=LOOK_AGAIN)
        except queue.Empty:
            return 0
        self._flying.discard(claimed.endpoint_id)
        now = clock()
        with atomic():
            state = settle(claimed, answer, now=now)
        self._rest(claimed.endpoint_id, answer, now)
        if answer.is_taken:
            return 1
        log.warning("webhook_failed", delivery=claimed.id, endpoint=claimed.endpoint_id,
                    status=answer.status, given_up=state is DeliveryState.GIVEN_UP)
        return 0

    def _rest(self, endpoint_id: int, answer: Answer, now: datetime) -> None:
        if answer.is_away:
            times = self._rests.get(endpoint_id, (now, 0))[1]
            self._rests[endpoint_id] = now + RESTS[min(times, len(RESTS) - 1)], times + 1
        else:
            self._rests.pop(endpoint_id, None)

    def _forget(self, now: datetime) -> None:
        if self._forgot_at is None or now - self._forgot_at >= FORGET_EVERY:
            self._forgot_at = now
            forget_old(now=now)


def signed(claimed: Claimed, now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks: id, moment of this try, a signature by each secret."""
    signatures = [Webhook(each).sign(claimed.message_id, now, claimed.body)
                  for each in claimed.secrets]
    return {"webhook-id": claimed.message_id, "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures)}
