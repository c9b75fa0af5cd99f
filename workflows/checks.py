"""Proves a definition before it is published; each proof is a function that returns findings."""

from __future__ import annotations

from workflows.catalogue import Catalogue
from workflows.definition import Workflow
from workflows.errors import Finding


def find_unknown_names(workflow: Workflow, catalogue: Catalogue) -> list[Finding]:
    """Every guard and effect that the definition names is offered by the application."""
    found = []
    for move in workflow.moves.values():
        for part, names, known in (("guards", move.guards, set(catalogue.guards)),
                                   ("effects", move.effects, set(catalogue.effects))):
            for name in sorted(set(names) - known):
                found.append(Finding(
                    f"moves.{move.name}.{part}", f"“{name}” is not offered by the application.",
                    f"Use one of: {', '.join(sorted(known)) or 'none there are'}."))
    return found


def check(workflow: Workflow, catalogue: Catalogue) -> list[Finding]:
    """Return every fault of ``workflow``; an empty list means that it may be published."""
    return find_unknown_names(workflow, catalogue)
