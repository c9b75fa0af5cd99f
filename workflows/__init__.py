"""The workflow engine: lifecycles as data, proved, published, and acted by under signatures.

It knows nothing of what moves: an application brings persons as parties, facts for the guards,
and a calendar, and writes down the steps. It imports ``transitions`` and the standard library.
"""

from workflows.canonical import canonical, digest
from workflows.catalogue import Catalogue, Guard
from workflows.checks import check
from workflows.definition import (
    HOLDER,
    PARTIES,
    SAME,
    Field,
    Handoff,
    Move,
    Requirement,
    SignatureNeed,
    Span,
    State,
    Timer,
    Title,
    Vocabulary,
    Workflow,
    conditions,
)
from workflows.diagram import mermaid, svg
from workflows.engine import Choice, Engine, Step
from workflows.errors import REASONS, BadDefinition, Finding, Reason, Refused
from workflows.judgement import YEARS, moment_of
from workflows.narrow_diagram import narrow_svg
from workflows.parties import Act, Party, Signed, stands, stands_in_any
from workflows.reader import load, loads, restore
from workflows.timers import Calendar, due, next_due
from workflows.versions import Published, carry, publish

__all__ = [
    "HOLDER", "PARTIES", "REASONS", "SAME", "YEARS", "Act", "BadDefinition", "Calendar",
    "Catalogue", "Choice", "Engine", "Field", "Finding", "Guard", "Handoff", "Move", "Party",
    "Published", "Reason", "Refused", "Requirement", "SignatureNeed", "Signed", "Span", "State",
    "Step", "Timer", "Title", "Vocabulary", "Workflow", "canonical", "carry", "check", "conditions",
    "digest", "due", "load", "loads", "mermaid", "moment_of", "narrow_svg", "next_due", "publish",
    "restore", "stands", "stands_in_any", "svg",
]
