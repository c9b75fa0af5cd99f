"""Refusals: why an act was not done, said so that a person knows what to do.

A refusal carries *all* its reasons. Each has a stable code for programs and an
English sentence that the edge translates. Nothing is half done when one is raised:
the edge rolls back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from registry.core.words import N_


@dataclass(frozen=True)
class Reason:
    """One reason: ``text`` is English with %(name)s places filled from ``params``."""

    code: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    field: str | None = None

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text


class Refused(Exception):
    """An act was refused for every one of ``reasons``; nothing was changed."""

    status = 422

    def __init__(self, reasons: Iterable[Reason] | Reason) -> None:
        self.reasons = (reasons,) if isinstance(reasons, Reason) else tuple(reasons)
        super().__init__("; ".join(map(str, self.reasons)))


class NotFound(Refused):
    """There is no such thing, or it is not to be seen."""

    status = 404

    def __init__(self, text: str = N_("There is no such page."), **params: object) -> None:
        super().__init__(Reason("not_found", text, params))


class Forbidden(Refused):
    """The person may not do this; the sentence says who may."""

    status = 403

    def __init__(self, text: str = N_("Your role does not allow this."), **params: object) -> None:
        super().__init__(Reason("forbidden", text, params))


class Conflict(Refused):
    """Somebody else acted first; the person is shown what happened."""

    status = 409

    def __init__(
        self,
        text: str = N_("Somebody acted on this a moment before you. Look at what happened, then "
                       "decide again."),
        **params: object,
    ) -> None:
        super().__init__(Reason("conflict", text, params))


class OutOfService(Refused):
    """Something outside of the program does not work; see outage.py."""

    status = 503


class Unsure(OutOfService):
    """The database went away in the moment of the commit: nobody knows whether the act is kept."""

    def __init__(self) -> None:
        super().__init__(Reason("outcome_unknown", N_(
            "The database went away while this was being kept, so it may be there or not. Open the "
            "page again in a minute and look before you repeat it.")))


def refuse_if(*reasons: Reason | None) -> None:
    """Raise Refused with every reason that is not None."""
    found = [reason for reason in reasons if reason is not None]
    if found:
        raise Refused(found)
