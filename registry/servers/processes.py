"""Processes that are started, killed as a machine's power is cut, and ended with all they started.

Each begins a session of its own, so that one signal reaches it and its children; what PostgreSQL
starts leaves that session and is found by its parents.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE = 10.0


class NotUp(RuntimeError):
    """A server did not start; the text says why, or holds the end of its log."""


class Process:
    """One server: its log lies in ``folder``; ``kill`` gives it no time, ``end`` a little."""

    def __init__(self, name: str, command: Sequence[str], folder: Path,
                 env: Mapping[str, str] | None = None) -> None:
        self.name, self.log = name, folder / f"{name}.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(command), cwd=folder, env=dict(env) if env is not None else None,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send the signal to it and to its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """End it and everything that came of it, as when the power is cut."""
        descendants = descendants_of(self.pid)
        self.send(signal.SIGKILL)
        kill_all(descendants)
        self._process.wait(PATIENCE)

    def end(self, by: signal.Signals = signal.SIGTERM, patience: float = PATIENCE) -> None:
        """Ask it to end; what is left after so many seconds is killed."""
        if self.is_running():
            self._process.send_signal(by)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        self.kill()

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]


def descendants_of(pid: int) -> list[int]:
    """Its children, theirs, and so on, as they are now."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        with suppress(OSError):
            for path in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
                with suppress(OSError):
                    children = [int(each) for each in path.read_text(encoding="ascii").split()]
                    found += children
                    waiting += children
    return found


def kill_all(pids: Sequence[int]) -> None:
    """Kill each of these processes that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def postmaster_of(data: Path) -> list[int]:
    """The server on the data folder and its children; none where it does not run."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="ascii").split()[0])
        is_ours = os.readlink(f"/proc/{pid}/cwd") == str(data)
    except (OSError, ValueError, IndexError):
        return []
    return [pid, *descendants_of(pid)] if is_ours else []


def wait_for(what: str, is_so: Callable[[], bool], seconds: float,
             processes: Sequence[Process] = ()) -> None:
    """Wait until ``is_so``. Raises NotUp after so many seconds, or once one of the processes
    has ended."""
    deadline = time.monotonic() + seconds
    while not is_so():
        ended = [each for each in processes if not each.is_running()]
        if ended or time.monotonic() > deadline:
            why = "".join(f"\n{each.name}: {each.last_words()}" for each in ended or processes)
            raise NotUp(f"{what}: not within {seconds:.0f} s{why}")
        time.sleep(0.1)
