"""The verbs of criteria: the objective norms against which a visit measures (the domain, 1.2).

A ticket keeps the norm that held when it was logged, so a changed norm changes no history.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from registry.clients import rules
from registry.clients.models import Criterion, Sense
from registry.core.db import db
from registry.core.errors import Reason, refuse_if
from registry.core.words import N_
from registry.people.models import Person
from registry.people.permissions import require


@dataclass(frozen=True)
class CriterionFacts:
    """What is said of a criterion; without a norm the visitor judges by words alone."""

    name_en: str
    name_ru: str
    unit_en: str = ""
    unit_ru: str = ""
    sense: Sense = Sense.AT_LEAST
    norm: Decimal | None = None


SHIPPED = {
    "own_server": CriterionFacts("Speed from our own server", "Скорость с нашего сервера",
                                 "KB/s", "КБ/с", Sense.AT_LEAST, Decimal(30)),
    "exchange": CriterionFacts("Speed from the Moscow exchange",
                               "Скорость с московского узла обмена трафиком",
                               "KB/s", "КБ/с", Sense.AT_LEAST, Decimal(20)),
    "interruptions": CriterionFacts("Interruptions in the last month",
                                    "Перерывы связи за последний месяц",
                                    "interruptions", "перерывов", Sense.AT_MOST, Decimal(0)),
    "other": CriterionFacts("Something else", "Другое"),
}


def ensure_criteria() -> int:
    """Enter the criteria of the domain (1.2) that are missing; return how many were entered.

    What an administrator has changed or retired since stays as it is.
    """
    present = set(db.session.scalars(select(Criterion.code)))
    missing = {code: facts for code, facts in SHIPPED.items() if code not in present}
    for code, facts in missing.items():
        db.session.add(_filled(Criterion(code=code, is_active=True), facts))
    db.session.flush()
    return len(missing)


def add_criterion(facts: CriterionFacts, *, by: Person, now: datetime,
                  code: str = "") -> Criterion:
    """Enter a criterion; its code for imports is made of the English name unless given.

    Raises Forbidden, or Refused with every fault.
    """
    require(by, "manage_criteria")
    code = code.strip() or code_of(facts.name_en)
    taken = db.session.scalar(select(Criterion.id).where(Criterion.code == code))
    refuse_if(*_faults(facts), Reason(
        "code_taken", N_("A criterion with the code “%(code)s” is there already. Give this one "
                         "another name."), {"code": code}, "name_en") if taken else None)
    criterion = _filled(Criterion(code=code, is_active=True), facts)
    db.session.add(criterion)
    db.session.flush()
    return criterion


def change_criterion(criterion: Criterion, facts: CriterionFacts, *, by: Person,
                     now: datetime) -> None:
    """Correct a criterion or set another norm. Raises Forbidden, or Refused with every fault."""
    require(by, "manage_criteria")
    refuse_if(*_faults(facts))
    _filled(criterion, facts)
    db.session.flush()


def retire_criterion(criterion: Criterion, *, by: Person, now: datetime) -> None:
    """Offer the criterion for new tickets no more."""
    require(by, "manage_criteria")
    criterion.is_active = False
    db.session.flush()


def restore_criterion(criterion: Criterion, *, by: Person, now: datetime) -> None:
    """Offer the criterion for new tickets again."""
    require(by, "manage_criteria")
    criterion.is_active = True
    db.session.flush()


def code_of(name: str) -> str:
    """«Speed from our server» → ``speed_from_our_server``."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:60] or "criterion"


def _filled(criterion: Criterion, facts: CriterionFacts) -> Criterion:
    criterion.name_en, criterion.name_ru = facts.name_en.strip(), facts.name_ru.strip()
    criterion.unit_en, criterion.unit_ru = facts.unit_en.strip(), facts.unit_ru.strip()
    criterion.sense, criterion.norm = facts.sense, facts.norm
    return criterion


def _faults(facts: CriterionFacts) -> list[Reason | None]:
    return [
        rules.name_fault(facts.name_en, "name_en"), rules.name_fault(facts.name_ru, "name_ru"),
        rules.text_fault(facts.unit_en, "unit_en"), rules.text_fault(facts.unit_ru, "unit_ru"),
        rules.norm_fault(facts.norm),
    ]
