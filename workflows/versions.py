"""Publishes a version of a lifecycle, once and for ever, and carries subjects over to a newer one.

A version is known by the digest of its canonical body. It must prove itself (``checks``), follow
the version before it by one, and say where each open state of that version goes. Keeping what is
published, and pinning subjects to it, is the application's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from workflows.canonical import canonical, digest
from workflows.catalogue import Catalogue
from workflows.checks import check
from workflows.definition import Workflow
from workflows.errors import BadDefinition, Finding, Refused, reason
from workflows.reader import restore


class Version(Protocol):
    """A version published earlier, as the application keeps it."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True)
class Published:
    """A published version: name, number, digest, canonical body."""

    name: str
    version: int
    digest: str
    body: bytes


def publish(workflow: Workflow, catalogue: Catalogue, published: Iterable[Version]) -> Published:
    """Return what is to be kept for ``workflow``; BadDefinition names all that stands against it.

    ``published`` are the versions there are already (of any lifecycle). To publish again what is
    published, byte for byte, is no fault and changes nothing.
    """
    own = digest(workflow)
    earlier = {item.version: item for item in published if item.name == workflow.name}
    same = earlier.get(workflow.version)
    if same is None or same.digest != own:
        findings = [*check(workflow, catalogue), *_number(workflow, earlier.keys())]
        before = earlier.get(workflow.version - 1)
        if before is not None:
            findings += _carried(restore(before.body), workflow)
        if findings:
            raise BadDefinition(findings)
    return Published(workflow.name, workflow.version, own, canonical(workflow))


def carry(state: str, old_version: int, workflow: Workflow) -> str:
    """Return the state of ``workflow`` for a subject in ``state`` of ``old_version``.

    Refused where the carry-over map says nothing about it.
    """
    target = workflow.carry_over.get(old_version, {}).get(state)
    if target is None:
        raise Refused([reason("not_carried", state=state, version=old_version)])
    return target


def _number(workflow: Workflow, taken: Iterable[int]) -> list[Finding]:
    due = max(taken, default=0) + 1
    if workflow.version == due:
        return []
    if workflow.version < due:
        return [Finding("workflow.version",
                        f"Version {workflow.version} is published already, and differs.",
                        f"A published version never changes: make this version {due}.")]
    return [Finding("workflow.version", f"Version {due} is the next one.",
                    f"Make this version {due}.")]


def _carried(old: Workflow, new: Workflow) -> list[Finding]:
    found = []
    states = new.carry_over.get(old.version, {})
    for state in old.states.values():
        place = f"carry_over.{old.version}.{state.name}"
        if state.is_final:
            continue
        target = new.states.get(states.get(state.name, ""))
        if target is None:
            found.append(Finding(place, f"State “{state.name}” of version {old.version} has no "
                                 "place in this version.", "Map it to one of this version's."))
        elif target.holder_is not in (None, state.holder_is):
            found.append(Finding(
                place, f"“{target.name}” must be in the hands of its {target.holder_is}, and "
                f"“{state.name}” need not be.", "Map it to a state that asks no more of the holder."
            ))
    found += [
        Finding(f"carry_over.{old.version}.{name}", f"Version {old.version} has no such state.",
                "Leave it out.")
        for name in states if name not in old.states
    ]
    return found
