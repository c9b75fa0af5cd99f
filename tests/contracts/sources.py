"""The files that are ours: what the contracts of this folder read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.ground.parts import ROOT

NOT_OURS = {"node_modules", "vendor", "var", "build", "__pycache__", "test-results"}
HIDDEN_OURS = {".ci", ".ruff.toml", ".gitignore", ".editorconfig", ".djlintrc", ".npmrc"}
CODE = ("registry", "workflows")


@cache
def own_files() -> tuple[Path, ...]:
    """Every file of the checkout but for what set-up and running make."""
    return tuple(sorted(_walk(ROOT)))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        hidden = path.name.startswith(".") and path.name not in HIDDEN_OURS
        if hidden or path.name in NOT_OURS or path.suffix in (".egg-info", ".mo", ".log"):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def python_files(*folders: str) -> list[Path]:
    """Our Python files in these folders of the checkout."""
    return [path for path in own_files()
            if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


def name_of(path: Path) -> str:
    """The path as a person would say it."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """The full names of all modules that the file imports, wherever in it."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found
