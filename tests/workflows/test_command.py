"""``python -m workflows check`` and ``draw``: one finding a line, and an honest exit code."""

import subprocess
import sys
from pathlib import Path

import pytest

import workflows
from workflows.__main__ import main

DEFINITION = Path(workflows.__file__).parent / "definitions" / "service_quality.toml"


@pytest.fixture
def broken(tmp_path):
    """A definition in which nobody is told of what lies unaccepted, and the client is not asked."""
    text = DEFINITION.read_text(encoding="utf-8")
    text = text.replace('guards = ["client_confirmed"]\n', "")
    text = text.replace('ru = "принята"', 'de = "angenommen"')
    path = tmp_path / "broken.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_definition_passes(capsys):
    assert main(["check", str(DEFINITION)]) == 0
    assert "service_quality 1 holds together" in capsys.readouterr().out


def test_each_finding_stands_on_a_line_with_its_place(broken, capsys):
    assert main(["check", str(broken)]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "states.accepted.title", "states.accepted.title", "states.closed.requires.check"]
    assert all(line.startswith(f"{broken}: ") for line in lines)


def test_what_cannot_be_read_is_reported_in_the_same_way(tmp_path, capsys):
    path = tmp_path / "empty.toml"
    path.write_text("", encoding="utf-8")

    assert main(["check", str(path)]) == 1
    assert f"{path}: workflow: This table is missing." in capsys.readouterr().out


def test_a_definition_is_drawn(capsys):
    assert main(["draw", str(DEFINITION)]) == 0
    assert capsys.readouterr().out.startswith("stateDiagram-v2\n")
    assert main(["draw", str(DEFINITION), "--as", "svg", "--language", "ru", "--here",
                 "in_fix"]) == 0
    assert "сейчас здесь" in capsys.readouterr().out


def test_what_does_not_hold_together_is_not_drawn(broken, capsys):
    assert main(["draw", str(broken)]) == 1
    assert "stateDiagram" not in capsys.readouterr().out


def test_the_command_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "workflows", "check", str(DEFINITION)],
                          capture_output=True, text=True, check=False,
                          cwd=Path(workflows.__file__).parents[1])

    assert (done.returncode, done.stderr) == (0, "")
