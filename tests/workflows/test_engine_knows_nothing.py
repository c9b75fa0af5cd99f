"""The engine imports only transitions and the standard library, and has no word of its users."""

import ast
import re
import sys
from pathlib import Path

import pytest

import workflows
from workflows import errors

FILES = sorted(Path(workflows.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_module_imports_nothing_from_outside(path):
    roots = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots.add((node.module or "").split(".")[0])

    assert roots <= sys.stdlib_module_names | {"workflows", "transitions"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_module_has_no_word_of_what_moves(path):
    words = r"\b(tickets?|clients?|engineers?|registrars?|complaints?|visitors?)\b"

    assert not re.findall(words, path.read_text(encoding="utf-8"), re.IGNORECASE)


def test_every_reason_is_used_and_every_used_one_has_a_sentence():
    source = "\n".join(path.read_text(encoding="utf-8") for path in FILES
                       if path.name != "errors.py")
    used = set(re.findall(r"\breason\(\s*\"(\w+)\"", source))

    assert used == errors.REASONS.keys()
