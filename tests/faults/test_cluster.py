"""The servers of deploy/ on this machine, killed part by part while handoffs are made.

Runs the command as an operator does. It must end in time by itself, and leave nothing behind.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from registry.cluster.packages import missing_packages
from tests.ground.parts import ROOT

NOT_IN_TIME = 270  # seconds, on two cores that others use too


class Command:
    """``countersign cluster-test`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Begin it."""
        env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", "registry", "cluster-test", *words], cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=env | {"TMPDIR": str(self.folder), "PYTHONUNBUFFERED": "1"})

    def left_running(self) -> list[str]:
        """The command lines of processes that know the folder."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                if f"{self.folder}/countersign-cluster" in line:
                    found.append(line)
        return found


@pytest.fixture
def cluster_test() -> Iterator[Command]:
    """The command, in a short folder that the servers' user may enter; it must leave it empty."""
    if missing_packages():
        pytest.fail(f"not here: {' '.join(missing_packages())}", pytrace=False)
    folder = Path("/tmp") / f"cs-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir(mode=0o755)
    yield Command(folder)
    folder.rmdir()


def figure(name: str, said: str) -> str:
    """What stands behind the name in the table."""
    found = re.search(rf"^{re.escape(name)} +(.+)$", said, flags=re.MULTILINE)
    assert found, said
    return found.group(1)


def test_nothing_acknowledged_is_lost_when_parts_are_killed(cluster_test: Command) -> None:
    process = cluster_test.start("--longest", "240")
    said, _ = process.communicate(timeout=NOT_IN_TIME)
    assert process.returncode == 0, said
    assert "BREACH" not in said
    for what in ("acknowledged acts lost", "acts doubled", "tickets in nobody's hands",
                 "tickets offered twice"):
        assert figure(what, said) == "0"
    assert figure("mails missing; doubled", said) == "0; 0"
    # Again comes only what a worker was cut off over: two with the primary, one that was killed.
    assert int(figure("mails repeated under their own Message-ID", said)) <= 3
    assert figure("reports made; mails owed to readers", said) == "4; 12"
    assert figure("the checkpoint mailed before holds", said) == "yes"
    assert int(figure("acts acknowledged", said)) > 40
    # The primary's death is felt, or nothing was killed.
    assert float(figure("killed the primary's machine: without an act", said).split()[0]) > 1
    assert cluster_test.left_running() == []


def test_told_to_end_it_ends_everything(cluster_test: Command) -> None:
    process = cluster_test.start()
    deadline = time.monotonic() + 60
    while not any("postgres" in line for line in cluster_test.left_running()):
        assert time.monotonic() < deadline, "PostgreSQL did not start"
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "told to end" in said
    assert cluster_test.left_running() == []
