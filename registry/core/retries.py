"""How long to wait before something that failed is tried again, and when to give up.

Shared by mail and jobs: quick at first, for most faults pass within minutes; then ever slower, so
that a lasting fault costs nothing; and after about two days somebody has to look at it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

DELAYS = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1),
    timedelta(hours=4), timedelta(hours=12), timedelta(hours=24),
)


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try again after ``tries`` failures, the last of them now; None: give up."""
    return now + DELAYS[tries - 1] if tries <= len(DELAYS) else None
