"""Nothing is half done: one place of the application commits, and verbs leave it to the edge."""

import ast

from tests.contracts.sources import CODE, name_of, python_files, tree_of


def test_only_the_database_module_commits():
    places = {name_of(path) for path in python_files(*CODE) for node in ast.walk(tree_of(path))
              if isinstance(node, ast.Attribute) and node.attr == "commit"}
    assert places == {"registry/core/db.py"}


def test_it_commits_once():
    path = next(path for path in python_files("registry") if name_of(path) == "registry/core/db.py")
    calls = [node for node in ast.walk(tree_of(path))
             if isinstance(node, ast.Attribute) and node.attr == "commit"]
    assert len(calls) == 1
