"""Processes that we start: what is killed is gone with its children; what ends early is told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry.servers.processes import (
    NotUp,
    Process,
    descendants_of,
    postmaster_of,
    wait_for,
)
from tests.ground.processes import is_there


def is_running_program(pid: int, name: str) -> bool:
    return Path(f"/proc/{pid}/comm").read_text().strip() == name


def test_killing_takes_the_children_that_left_the_session(tmp_path: Path):
    process = Process("parent", ["sh", "-c", "setsid sleep 60 & sleep 60"], tmp_path)
    wait_for("two children", lambda: len(descendants_of(process.pid)) == 2, 10)
    family = [process.pid, *descendants_of(process.pid)]
    process.kill()
    wait_for("their end", lambda: not any(map(is_there, family)), 10)


def test_a_part_that_ends_early_is_told_with_its_last_words(tmp_path: Path):
    process = Process("part", ["sh", "-c", "echo no such disk; exit 1"], tmp_path)
    with pytest.raises(NotUp, match="no such disk"):
        wait_for("the part", lambda: False, 10, [process])


def test_another_process_with_the_number_of_a_dead_postmaster_is_left_alone(tmp_path: Path):
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert postmaster_of(tmp_path) == []
    assert postmaster_of(tmp_path / "nothing") == []


def test_what_is_started_ends_when_we_are_killed(tmp_path: Path):
    code = ("import sys, time; from pathlib import Path; "
            "from registry.servers.processes import Process; "
            "from registry.servers.programs import ending_with_us; "
            "p = Process('part', [*ending_with_us(), 'sleep', '60'], Path(sys.argv[1])); "
            "print(p.pid, flush=True); time.sleep(60)")
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], text=True,
                              stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    # Who it ends with is known once setpriv has given way to what was to be started.
    wait_for("the part", lambda: is_running_program(child, "sleep"), 10)
    parent.kill()
    parent.communicate()
    wait_for("the end of what it started", lambda: not is_there(child), 10)
