"""Verbs, rules, models and queries know nothing of the web; what stands at the edge may.

A file is inside when its name says so, or when one of its public functions is a verb, taking ``by``
or ``now`` as a keyword, and its name does not say that it meets the request or the page.
"""

import ast
from pathlib import Path

from tests.contracts.sources import imported, name_of, python_files, tree_of
from tests.ground.parts import ROOT

WEB = {"flask", "flask_login", "flask_wtf", "wtforms", "flask_babel", "werkzeug"}
INSIDE = ("models", "rules", "service", "queries", "projection")
EDGE = ("views", "forms", "commands", "access", "gate", "exports")


def is_inside(path: Path) -> bool:
    """Whether the file must not know the web."""
    return is_named(path, INSIDE) or (has_verb(tree_of(path)) and not is_named(path, EDGE))


def is_named(path: Path, names: tuple[str, ...]) -> bool:
    """Whether the file bears one of the names, alone or behind a word: person_views.py."""
    return any(path.stem == name or path.stem.endswith(f"_{name}") for name in names)


def has_verb(tree: ast.Module) -> bool:
    """Whether a public function of the module takes ``by`` or ``now`` as a keyword."""
    return any(argument.arg in ("by", "now")
               for node in tree.body
               if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
               for argument in node.args.kwonlyargs)


def inner_files() -> list[Path]:
    """The inside of all areas but core, and the whole engine."""
    areas = [path for path in python_files("registry")
             if len(path.relative_to(ROOT).parts) > 2 and path.parent.name != "core"]
    return [*filter(is_inside, areas), *python_files("workflows")]


def test_the_inside_imports_nothing_of_the_web():
    found = {name_of(path): {name for name in imported(path) if name.split(".")[0] in WEB}
             for path in inner_files()}
    assert not {path: names for path, names in found.items() if names}


def test_each_area_with_verbs_is_looked_at():
    looked_at = {name_of(path) for path in inner_files()}
    assert {"registry/tickets/handoffs.py", "registry/tickets/service.py",
            "registry/people/models.py", "registry/callbacks/service.py",
            "registry/clients/service.py", "workflows/engine.py"} <= looked_at
