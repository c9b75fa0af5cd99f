"""The outcome of a test as lines of text."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator

from registry.cluster.course import Outcome


def lines_of(outcome: Outcome, seconds: float) -> Iterator[str]:
    """The table that the command prints."""
    yield ""
    for name, value in _rows(outcome):
        yield f"{name:<52} {value:>14}"
    yield ""
    yield outcome.verdict or "the ledger was not verified"
    for breach in outcome.breaches:
        yield f"BREACH: {breach}"
    yield (f"{seconds:.0f} s in all; {os.cpu_count()} cores, Python {platform.python_version()}, "
           f"load {os.getloadavg()[0]:.1f}")


def _rows(outcome: Outcome) -> Iterator[tuple[str, str]]:
    acks, counts, post = outcome.acks, outcome.counts, outcome.post
    for kill in outcome.kills:
        yield f"killed {kill.what}: without reading", f"{kill.reading:.1f} s"
        yield f"killed {kill.what}: without an act", f"{kill.acting:.1f} s"
    if outcome.is_back is not None:
        yield "the killed machine is the standby again after", f"{outcome.is_back:.1f} s"
    yield "acts acknowledged", str(len(acks.moments))
    said = ", ".join(f"{count}x {status or 'no answer'}" for status, count in
                     sorted(acks.faults.items()))
    yield "requests sent again", f"{acks.repeated} ({said})" if said else str(acks.repeated)
    if counts is not None:
        yield "acknowledged acts lost", str(counts.lost)
        yield "acts doubled", str(counts.doubled)
        yield "tickets in nobody's hands", str(counts.in_no_hands)
        yield "tickets offered twice", str(counts.offered_twice)
    if post is not None:
        yield "reports made; mails owed to readers", f"{post.reports}; {post.owed}"
        yield "mails missing; doubled", f"{post.missing}; {post.doubled}"
        yield "mails repeated under their own Message-ID", str(post.repeated)
    yield "the checkpoint mailed before holds", "yes" if outcome.is_verified else "NO"
