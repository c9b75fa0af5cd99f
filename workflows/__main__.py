"""The engine's own commands: ``python -m workflows check FILE`` and ``… draw FILE``.

They look at a definition by itself; an application that knows its guards and effects checks more.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from workflows.checks import check
from workflows.definition import Workflow
from workflows.diagram import mermaid, svg
from workflows.errors import BadDefinition, Finding
from workflows.reader import load


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 after printing each finding on a line of its own."""
    options = _parser().parse_args(arguments)
    try:
        workflow = load(options.file)
    except BadDefinition as bad:
        return _report(options.file, bad.findings)
    if options.command == "check":
        findings = check(workflow, None)
        if not findings:
            print(f"{options.file}: {workflow.name} {workflow.version} holds together.")
        return _report(options.file, findings)
    return _draw(options, workflow)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m workflows", description="Lifecycles as data.")
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="prove that a definition holds together")
    checking.add_argument("file")
    drawing = commands.add_parser("draw", help="draw a definition")
    drawing.add_argument("file")
    drawing.add_argument("--as", dest="form", choices=("mermaid", "svg"), default="mermaid")
    drawing.add_argument("--language", default="en")
    drawing.add_argument("--here", metavar="STATE", help="mark this state")
    return parser


def _draw(options: argparse.Namespace, workflow: Workflow) -> int:
    findings = check(workflow, None)
    if findings:
        return _report(options.file, findings)
    draw = svg if options.form == "svg" else mermaid
    sys.stdout.write(draw(workflow, options.language, options.here))
    return 0


def _report(file: str, findings: Sequence[Finding]) -> int:
    for finding in findings:
        print(f"{file}: {finding}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
