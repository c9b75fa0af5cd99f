"""Reads a definition from TOML, or from the canonical body of a published version.

It decides whether the text has the shape of a lifecycle, and names every place where it has not.
Whether the lifecycle holds together is proved by ``checks``.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from workflows.definition import (
    FIELD_KINDS,
    FIELD_NEEDS,
    KINDS,
    OUTCOMES,
    REASON_USES,
    Field,
    Handoff,
    Move,
    Requirement,
    SignatureNeed,
    State,
    Timer,
    Title,
    Vocabulary,
    Workflow,
)
from workflows.errors import BadDefinition, Finding
from workflows.shapes import Table


def load(path: Path | str) -> Workflow:
    """Read the definition in the file ``path``; BadDefinition names all that cannot be read."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadDefinition([Finding("the file", f"It cannot be read: {error}.",
                                     "Give a UTF-8 text file that you may read.")]) from error
    return loads(text)


def loads(text: str) -> Workflow:
    """Read a definition from TOML; BadDefinition names all that cannot be read."""
    try:
        tables: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadDefinition([Finding("the definition", f"It is not TOML: {error}.",
                                     "Correct the line named.")]) from error
    return _workflow(tables)


def restore(body: bytes) -> Workflow:
    """Read a published version back from its canonical body."""
    try:
        tables: object = json.loads(body)
    except ValueError as error:
        raise BadDefinition([Finding("the body", f"It is not JSON: {error}.",
                                     "Restore it from a backup.")]) from error
    return _workflow(tables)


def _workflow(tables: object) -> Workflow:
    findings: list[Finding] = []
    whole = Table(tables, "", findings)
    head = whole.table("workflow", required=True)
    workflow = Workflow(
        name=head.text("name"),
        version=head.number("version"),
        initial=head.text("initial"),
        languages=head.words("languages", required=True),
        title=head.title("title"),
        vocabulary=_vocabulary(whole.table("vocabulary", required=True)),
        meanings=whole.titles("meanings"),
        states={name: _state(name, table) for name, table in whole.named("states")},
        moves={name: _move(name, table) for name, table in whole.named("moves")},
        carry_over=_carry_over(whole.table("carry_over")),
    )
    head.close()
    whole.close()
    if findings:
        raise BadDefinition(findings)
    return workflow


def _vocabulary(table: Table) -> Vocabulary:
    vocabulary = Vocabulary(
        roles=table.words("roles"),
        relations=table.words("relations", required=True),
        titles=table.titles("titles"),
    )
    table.close()
    return vocabulary


def _state(name: str, table: Table) -> State:
    state = State(
        name=name,
        kind=table.choice("kind", KINDS),
        title=table.title("title"),
        holder_is=table.maybe("with"),
        outcome=table.choice("outcome", OUTCOMES) if "outcome" in table else None,
        requires=_requirement(table.table("requires")) if "requires" in table else None,
        timers=_timers(table),
    )
    table.close()
    return state


def _requirement(table: Table) -> Requirement:
    requirement = Requirement(check=table.text("check"), holder_is=table.maybe("with"))
    table.close()
    return requirement


def _timers(table: Table) -> tuple[Timer, ...]:
    return tuple(_timer(row) for row in table.rows("timers"))


def _timer(table: Table) -> Timer:
    timer = Timer(
        name=table.text("name"),
        tells=table.terms("tells", required=True),
        after=table.span("after"),
        every=table.span("every"),
        at_field=table.maybe("at_field"),
    )
    if (timer.after is None) == (timer.at_field is None):
        table.note(None, "A timer starts either after a span or at a field's date.",
                   "Give exactly one of “after” and “at_field”.")
    table.close()
    return timer


def _move(name: str, table: Table) -> Move:
    move = Move(
        name=name,
        title=table.title("title"),
        sources=table.words("from", required=True),
        target=table.text("to"),
        may=table.terms("may", required=True),
        handoff=_handoff(table.table("handoff")) if "handoff" in table else None,
        signatures=_signatures(table),
        reason=table.choice("reason", REASON_USES, default="off"),
        guards=table.words("guards"),
        effects=table.words("effects"),
        timers=_timers(table),
        fields=tuple(_field(field, row) for field, row in table.named("fields")),
    )
    table.close()
    return move


def _handoff(table: Table) -> Handoff:
    handoff = Handoff(
        to=table.terms("to", required=True),
        witness=table.terms("witness"),
        succeeds=table.flag("succeeds"),
        authority=table.flag("authority"),
    )
    table.close()
    return handoff


def _signatures(table: Table) -> tuple[SignatureNeed, ...]:
    needs = []
    for number, row in enumerate(table.rows("signatures")):
        needs.append(SignatureNeed(row.signer("by"), row.text("meaning"), opening=number == 0))
        row.close()
    return tuple(needs)


def _field(name: str, table: Table) -> Field:
    kind = table.choice("kind", FIELD_KINDS, default="text")
    field = Field(
        name=name,
        title=table.title("title"),
        kind=kind,
        need=table.choice("need", FIELD_NEEDS, default="required"),
        by=table.choice("by", ("giver", "actor", "receiver"), default="actor"),
        future=table.flag("future"),
        choices=_choices(table),
    )
    if bool(field.choices) != (kind == "choice"):
        table.note("choices", "Choices belong to a field of kind “choice”, and to no other.",
                   "Add them or leave them out.")
    table.close()
    return field


def _choices(table: Table) -> dict[str, Title]:
    choices = {}
    for name, row in table.named("choices"):
        choices[name] = row.title("title")
        row.close()
    return choices


def _carry_over(table: Table) -> dict[int, dict[str, str]]:
    maps = {}
    for version in table.names_left():
        states = table.table(version)
        if version.isdecimal():
            maps[int(version)] = {name: states.text(name) for name in states.names_left()}
        else:
            states.note(None, f"“{version}” is no version.", "Write the older version's number.")
    return maps
