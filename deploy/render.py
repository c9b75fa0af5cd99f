"""Fill the templates of this folder from a file of variables: python3 render.py VARIABLES INTO.

VARIABLES holds lines NAME=value, one for each machine; every FILE.in below this folder is written
as FILE below INTO, readable by its owner alone, for some hold passwords. A variable that is not
there, or whose value holds a quote, stops it before anything is written. Needs nothing but Python:
a database machine has no more.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from string import Template

FOLDER = Path(__file__).resolve().parent


def variables_of(text: str) -> dict[str, str]:
    """The variables of a file: lines NAME=value; empty lines and comments are passed over.

    Raises ValueError for a value with a single quote: values stand between such in the files.
    """
    lines = (line.strip() for line in text.splitlines())
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    for name, _, value in pairs:
        if "'" in value:
            raise ValueError(f"the variable {name.strip()} holds a quote")
    return {name.strip(): value.strip() for name, _, value in pairs}


def rendered(variables: dict[str, str]) -> dict[str, str]:
    """The text of each file by its path. Raises KeyError for a variable that is not given."""
    return {str(path.relative_to(FOLDER))[:-3]:
            Template(path.read_text(encoding="utf-8")).substitute(variables)
            for path in sorted(FOLDER.rglob("*.in"))}


def write(files: dict[str, str], into: Path) -> None:
    """Write the files, each for its owner alone."""
    for name, text in files.items():
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                       encoding="utf-8") as file:
            file.write(text)


def main(arguments: list[str]) -> int:
    """The command; its status."""
    if len(arguments) != 2:
        sys.stderr.write("python3 render.py VARIABLES INTO\n")
        return 2
    try:
        files = rendered(variables_of(Path(arguments[0]).read_text(encoding="utf-8")))
    except KeyError as error:
        sys.stderr.write(f"{arguments[0]}: the variable {error.args[0]} is not given\n")
        return 1
    except ValueError as error:
        sys.stderr.write(f"{arguments[0]}: {error}\n")
        return 1
    write(files, Path(arguments[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
