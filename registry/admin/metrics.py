"""The installation's numbers for Prometheus: one collector that asks the database when it is asked.

Nothing is counted on the way but the times of requests (core/request_times.py); the rest stands in
the database and is the same from whichever node it is read. Every number is read by an index.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from registry.admin.queues import queues, workers_seen
from registry.core.db import db
from registry.core.request_times import BOUNDS, CLASSES, RequestTimes
from registry.ledger.checkpoints import latest_checkpoint
from registry.ledger.models import LedgerPending
from registry.tickets.handoff_models import Handoff, HandoffState
from registry.tickets.models import Ticket
from registry.tickets.registry_conditions import is_late


class Numbers(Collector):
    """Everything that is told at ``now``."""

    def __init__(self, times: RequestTimes, now: datetime) -> None:
        self.times, self.now = times, now

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: what there is to tell is found by asking."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The times of requests, and what the database says; a 0 for a database that says
        nothing."""
        try:
            asked = [*self._tickets(), *self._queues(), *self._ledger()]
        except SQLAlchemyError:
            db.session.rollback()
            asked = []
        yield GaugeMetricFamily("countersign_database_up", "Whether the database answers.",
                                float(bool(asked)))
        yield from asked
        yield from self._requests()

    def _tickets(self) -> Iterator[Metric]:
        states = GaugeMetricFamily("countersign_tickets_open", "Open tickets by state.",
                                   labels=["state"])
        query = select(Ticket.state, func.count()).where(Ticket.is_open).group_by(Ticket.state)
        for state, count in db.session.execute(query):
            states.add_metric([state], count)
        yield states
        yield _one("countersign_tickets_unaccepted", "Handoffs that wait for a signature.",
                   select(func.count()).select_from(Handoff)
                   .where(Handoff.state == HandoffState.OFFERED))
        yield _one("countersign_tickets_late", "Open tickets whose promise is broken.",
                   select(func.count()).select_from(Ticket).where(is_late(self.now)))

    def _queues(self) -> Iterator[Metric]:
        due = GaugeMetricFamily("countersign_queue_due", "What is due and not done.",
                                labels=["queue"])
        age = GaugeMetricFamily("countersign_queue_age_seconds",
                                "For how long the oldest of it has been due.", labels=["queue"])
        given_up = GaugeMetricFamily("countersign_queue_given_up",
                                     "What failed too often and waits for somebody.",
                                     labels=["queue"])
        for queue in queues(self.now):
            due.add_metric([queue.name], queue.due)
            age.add_metric([queue.name], queue.age(self.now))
            given_up.add_metric([queue.name], queue.given_up)
        yield from (due, age, given_up)
        yield GaugeMetricFamily("countersign_workers_seen", "Workers seen within the last minute.",
                                workers_seen(self.now))

    def _ledger(self) -> Iterator[Metric]:
        last = latest_checkpoint()
        waiting = db.session.scalar(select(func.count()).select_from(LedgerPending)) or 0
        yield GaugeMetricFamily("countersign_ledger_entries", "Entries of the ledger.",
                                (last.size if last else 0) + waiting)
        yield GaugeMetricFamily("countersign_ledger_pending",
                                "Entries that no checkpoint covers yet.", waiting)
        if last is not None:
            yield GaugeMetricFamily("countersign_checkpoint_age_seconds",
                                    "Time since the last checkpoint.",
                                    (self.now - last.at).total_seconds())

    def _requests(self) -> Iterator[Metric]:
        took = HistogramMetricFamily("countersign_request_seconds", "What requests took.",
                                     labels=["endpoint", "method"])
        answers = dict.fromkeys(CLASSES, 0)
        for each in self.times.read():
            within, buckets = 0, []
            for bound, count in zip([*map(str, BOUNDS), "+Inf"], each.counts, strict=True):
                within += count
                buckets.append((bound, within))
            took.add_metric([each.endpoint, each.method], buckets, each.seconds)
            answers = {name: answers[name] + each.classes[name] for name in CLASSES}
        yield took
        ended = CounterMetricFamily("countersign_answers", "Answers by the class of their status.",
                                    labels=["status"])
        for name, count in answers.items():
            ended.add_metric([name], count)
        yield ended


def _one(name: str, about: str, query: object) -> Metric:
    return GaugeMetricFamily(name, about, db.session.scalar(query) or 0)  # type: ignore[call-overload]
