"""Verbs, rules, models and queries know nothing of the web: only the edge and core do."""

from pathlib import Path

from tests.contracts.sources import imported, name_of, python_files
from tests.ground.parts import ROOT

WEB = {"flask", "flask_login", "flask_wtf", "wtforms", "flask_babel", "werkzeug"}
# How the files of the edge are named; each may also stand behind a word: person_views.py.
EDGE = ("views", "forms", "commands", "blueprint", "gate", "access", "exports", "__init__",
        "downloads", "filters", "wording")


def is_edge(path: Path) -> bool:
    """Whether the file meets the request, the command line or the page."""
    return any(path.stem == name or path.stem.endswith(f"_{name}") for name in EDGE)


def inner_files() -> list[Path]:
    """All files of areas but for core and the edge, and the whole engine."""
    areas = [path for path in python_files("registry")
             if len(path.relative_to(ROOT).parts) > 2 and path.parent.name != "core"]
    return [*(path for path in areas if not is_edge(path)), *python_files("workflows")]


def test_the_inside_imports_nothing_of_the_web():
    found = {name_of(path): {name for name in imported(path) if name.split(".")[0] in WEB}
             for path in inner_files()}
    assert not {path: names for path, names in found.items() if names}


def test_each_area_with_verbs_is_looked_at():
    looked_at = {path.parent.name for path in inner_files()}
    assert {"people", "clients", "tickets", "ledger", "callbacks", "workflows"} <= looked_at
