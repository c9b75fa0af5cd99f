"""Commands work when they are called as people call them: by themselves, in a process of their own.

The areas' tests call them inside the application that the fixtures hold; here nothing is held.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.ground.parts import ROOT

# Each looks only; the first makes the tables.
LINES = (
    ("db", "upgrade"),
    ("person", "list"),
    ("department", "list"),
    ("department", "create", "Backbone"),
    ("person", "create", "p.orlov", "--name", "Pavel Orlov", "--role", "engineer"),
    ("checkpoint",),
    ("checkpoint", "--show"),
    ("verify",),
    ("report", "daily", "--day", "2026-01-12", "--show"),
    ("workflow", "check", "workflows/definitions/service_quality.toml"),
    ("workflow", "draw", "workflows/definitions/bank_complaint.toml", "--as", "svg"),
    ("worker", "--once"),
)
CALLER = """
import ast, sys, traceback
from registry.cli import cli
for line in ast.literal_eval(sys.argv[1]):
    try:
        cli(line, standalone_mode=False)
    except BaseException as error:
        traceback.print_exc()
        sys.exit(f"countersign {' '.join(line)}: {error!r}")
"""


def test_commands_open_what_they_need_themselves(tmp_path: Path):
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run([sys.executable, "-c", CALLER, repr(LINES)], cwd=ROOT, text=True,
                          capture_output=True, timeout=120,
                          env=env | {"COUNTERSIGN_DATA_DIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "p.orlov" in done.stdout
    assert "everything verifies" in done.stdout
