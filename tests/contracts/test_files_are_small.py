"""A file is read in one sitting, a function at one glance; each file says what it decides."""

import ast

from tests.contracts.sources import CODE, name_of, python_files, tree_of

LINES_OF_FILE = 350
LINES_OF_FUNCTION = 50
# Has to be one file, so it has a bound of its own: whoever verifies evidence carries it to another
# machine (decision 0121).
LINES_OF = {"registry/evidence/verify.py": 1150}


def test_files_are_small():
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines())
             for path in python_files(*CODE, "tests")}
    assert not {name: size for name, size in sizes.items()
                if size > LINES_OF.get(name, LINES_OF_FILE)}


def test_functions_are_small():
    sizes = {f"{name_of(path)}: {node.name}": node.end_lineno - node.lineno + 1
             for path in python_files(*CODE) for node in ast.walk(tree_of(path))
             if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert not {name: size for name, size in sizes.items() if size > LINES_OF_FUNCTION}


def test_each_file_says_what_it_is_for():
    silent = [name_of(path) for path in python_files(*CODE)
              if tree_of(path).body and not ast.get_docstring(tree_of(path))]
    assert not silent, "begin these files with a docstring"
