"""The course of a test: work, the primary dies, a web node, a worker; then everything is counted.

Before the first kill a report with its checkpoint has been mailed; further reports are made just
before the primary and before the worker are killed, so that they are sent while things break.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from flask import Flask

from registry import create_app
from registry.cluster.company import Company, found_company
from registry.cluster.counting import Counts, Post, counted, post_of
from registry.cluster.machines import Cluster
from registry.cluster.mailbox import Mailbox
from registry.cluster.play import Acks, Line, Player, Reader, longest_silence
from registry.config import Settings
from registry.core.times import utc_now
from registry.servers.processes import NotUp, wait_for

CALM = 3.0  # seconds of work before and after each kill
LONGEST = 60.0  # seconds within which work goes on again, a mail comes, a command ends
FIRST_ACTS = 20
CHECKPOINT = b"checkpoint.txt"
SATURDAY = 5
# The workers report on the last working day whose morning has come: on Sundays and before dawn that
# is not yesterday's. So far back they never make a report that the test makes.
LONG_AGO = timedelta(days=14)


@dataclass(frozen=True)
class Kill:
    """What died, and for how long readers and those who act had no answer."""

    what: str
    reading: float
    acting: float


@dataclass
class Outcome:
    """Everything that the table tells."""

    acks: Acks = field(default_factory=Acks)
    kills: list[Kill] = field(default_factory=list)
    counts: Counts | None = None
    post: Post | None = None
    verdict: str = ""
    is_verified: bool = False
    is_back: float | None = None  # seconds until the killed primary was the standby
    faults: list[str] = field(default_factory=list)

    @property
    def breaches(self) -> list[str]:
        """What must not be and is; empty where all promises held."""
        counts, post = self.counts, self.post
        if counts is None or post is None:
            return [*self.faults, "the test did not come to its end"]
        must_be_none = {
            "acknowledged acts lost": counts.lost, "acts doubled": counts.doubled,
            "tickets in nobody's hands": counts.in_no_hands,
            "tickets offered twice": counts.offered_twice,
            "reports that did not come": post.missing, "reports that came twice": post.doubled}
        found = [f"{name}: {number}" for name, number in must_be_none.items() if number]
        if not self.is_verified:
            found.append(f"the ledger: {self.verdict}")
        return [*self.faults, *found]


class Course:
    """One test on a cluster whose database is empty."""

    def __init__(self, cluster: Cluster, mailbox: Mailbox, say: Callable[[str], None], *,
                 teams: int, deadline: float) -> None:
        self.cluster, self.mailbox, self.say = cluster, mailbox, say
        self.teams, self.deadline = teams, deadline
        self.outcome = Outcome()
        self.settings = cluster.settings("app1")

    def run(self) -> Outcome:
        """Play the course. Raises NotUp where a part does not start or does not come back."""
        places = self.cluster.places
        self.cluster.start_web()
        app = create_app(Settings.from_environment(self.settings))
        company = found_company(app, self.teams)
        self.cluster.start_workers()
        self.say(f"{self.teams} teams at work, over {places.base_url()}")
        with self._work(company, Line(places.base_url(), places.certificate)) as reader:
            self._until_acts(FIRST_ACTS)
            note = self._mailed_checkpoint(company)
            self._kill_all(reader)
        self.say("counting")
        self._count(app, note)
        return self.outcome

    def _kill_all(self, reader: Reader) -> None:
        """The primary with its machine, which comes back; a web node; a worker."""
        processes, primary = self.cluster.processes, self.cluster.primary()
        assert primary is not None
        self._kill("the primary's machine", lambda: self.cluster.cut_power(primary), reader,
                   first=lambda: self._send_report(2))
        begin = time.monotonic()
        self.cluster.start_patroni(primary)
        wait_for("the killed primary back as the standby",
                 lambda: self.cluster.standby() == primary, LONGEST)
        self.outcome.is_back = time.monotonic() - begin
        self._kill("a web node", processes["app2 web"].kill, reader)
        self._kill("a worker", processes["app1 worker"].kill, reader,
                   first=lambda: self._send_report(3))

    @contextmanager
    def _work(self, company: Company, line: Line) -> Iterator[Reader]:
        """Let all teams work while the block lasts; tickets in hand are brought to their end."""
        players = [Player(team, line, self.outcome.acks, self.deadline) for team in company.teams]
        reader = Reader(line, company.teams[0].visitor_token)
        threads: list[Player | Reader] = [*players, reader]
        for each in threads:
            each.start()
        try:
            yield reader
        finally:
            for each in threads:
                each.stopping.set()
            for each in threads:
                each.join(max(1.0, self.deadline - time.monotonic()))
            self.outcome.faults += [str(each.fault) for each in players if each.fault]

    def _until_acts(self, number: int) -> None:
        """Wait until so many more acts are acknowledged."""
        aim = len(self.outcome.acks.moments) + number
        wait_for(f"{number} more acts", lambda: len(self.outcome.acks.moments) >= aim, LONGEST)

    def _kill(self, what: str, kill: Callable[[], None], reader: Reader,
              first: Callable[[], None] = lambda: None) -> None:
        """Kill after a calm while and ``first``; wait until work goes on; note the silence."""
        time.sleep(CALM)
        first()
        begin = time.monotonic()
        kill()
        self._until_acts(1)
        time.sleep(CALM)
        self._until_acts(self.teams)
        end = time.monotonic()
        found = Kill(what, longest_silence(reader.moments, begin, end),
                     longest_silence(self.outcome.acks.moments, begin, end))
        self.outcome.kills.append(found)
        self.say(f"killed {what}: {found.reading:.1f} s without reading, "
                 f"{found.acting:.1f} s without an act")

    def _mailed_checkpoint(self, company: Company) -> Path:
        """The mail of a report that was made after work began, as one of its readers has it."""
        def found() -> list[bytes]:
            return [mail.content for mail in list(self.mailbox.taken)
                    if mail.recipient == company.readers[0] and CHECKPOINT in mail.content]

        before = len(found())
        self._send_report(1)
        wait_for("a report with its checkpoint", lambda: len(found()) > before, LONGEST)
        path = self.cluster.places.folder / "mail.eml"
        path.write_bytes(found()[-1])
        return path

    def _send_report(self, days_before: int) -> None:
        """Make the report on a working day, so many before the day LONG_AGO, and queue its mails,
        as an operator may; the last one is made by the workers themselves."""
        day, left = utc_now().date() - LONG_AGO, days_before
        while left:
            day -= timedelta(days=1)
            left -= day.weekday() < SATURDAY
        self._command("report", "daily", "--send", "--day", day.isoformat())

    def _count(self, app: Flask, note: Path) -> None:
        outcome = self.outcome
        with suppress(NotUp):  # what does not come in time is counted as missing
            wait_for("all mails", lambda: not post_of(app, list(self.mailbox.taken)).missing,
                     LONGEST)
        outcome.post = post_of(app, list(self.mailbox.taken))
        outcome.counts = counted(app, outcome.acks.acts)
        done = self._command("verify", "--against", str(note), may_fail=True)
        outcome.is_verified = not done.returncode
        outcome.verdict = (done.stdout + done.stderr).strip()

    def _command(self, *words: str, may_fail: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a command of the product as on an application machine."""
        done = subprocess.run([sys.executable, "-P", "-m", "registry", *words], env=self.settings,
                              text=True, capture_output=True, timeout=LONGEST)
        if done.returncode and not may_fail:
            raise NotUp(f"countersign {' '.join(words)}: {done.stderr or done.stdout}")
        return done
