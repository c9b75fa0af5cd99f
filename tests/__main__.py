"""What ``countersign test`` runs once all is set up: the checks of the sources, then the suite.

With arguments only pytest runs, with these arguments. Every stage runs even where an earlier one
failed, and the end says which did. What this machine lacks is said by tests/conftest.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROGRAMS = Path(sys.executable).parent
STAGES = (
    ("lint of Python", ("ruff", "check", "--quiet")),
    ("layers of imports", ("lint-imports", "--no-cache")),
    ("types", ("mypy",)),
    ("lint of pages", ("djlint", "registry", "--lint", "--quiet")),
    ("tests", ("pytest", "-n", "2", "--dist", "worksteal")),
)


def main(arguments: list[str]) -> int:
    """Run all stages, or pytest with ``arguments``; 0 where everything passed."""
    if arguments:
        return run("tests", ("pytest", *arguments))
    failed = [name for name, command in STAGES if run(name, command)]
    if failed:
        say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def run(name: str, command: tuple[str, ...]) -> int:
    """Run one stage with its output as it comes; its status."""
    say(f"{name}: {' '.join(command)}")
    started = time.monotonic()
    # The tools live in the environment beside the sources; what they start must find it too.
    path = f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    program = shutil.which(command[0], path=path)
    if program is None:
        say(f"{name}: there is no {command[0]} in {PROGRAMS.parent.name}; run ./countersign test")
        return 1
    status = subprocess.run([program, *command[1:]], env={**os.environ, "PATH": path}).returncode
    if status:
        say(f"{name}: failed after {time.monotonic() - started:.0f} s (status {status})")
    return status


def say(text: str) -> None:
    """One line, before all that comes later."""
    sys.stdout.write(f"countersign test: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
