"""What tiers, norms and the steps of an import are called on the screen (the domain, 4)."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import format_decimal, gettext

from registry.clients.import_columns import HEADERS, Column
from registry.clients.import_plan import Act, Change, Step
from registry.clients.models import Criterion, Sense, Tier
from registry.core.languages import language, say
from registry.core.words import N_

TIER_NAMES = {
    Tier.KEY: N_("key"),
    Tier.SIGNIFICANT: N_("significant"),
    Tier.ORDINARY: N_("ordinary"),
}
SENSE_NAMES = {Sense.AT_LEAST: N_("at least"), Sense.AT_MOST: N_("at most")}


def tier_name(tier: Tier, in_language: str = "") -> str:
    """The tier in the language in force, or in ``in_language``."""
    return say(TIER_NAMES[tier], in_language=in_language)


def sense_name(sense: Sense) -> str:
    """Whether the norm is a least or a most."""
    return say(SENSE_NAMES[sense])


def number_text(value: Decimal | int) -> str:
    """A number as the language writes it, without idle zeros: «1 234,5»."""
    return format_decimal(value, "#,##0.###")


def norm_text(criterion: Criterion) -> str:
    """«at least 30 KB/s»; a criterion without a norm is judged in words."""
    if criterion.norm is None:
        return gettext("no norm: judged in words")
    params = {"norm": number_text(criterion.norm), "unit": criterion.unit_in(language())}
    if criterion.sense is Sense.AT_LEAST:
        return gettext("at least %(norm)s %(unit)s", **params).rstrip()
    return gettext("at most %(norm)s %(unit)s", **params).rstrip()


def column_title(column: Column) -> str:
    """The header of a column in the language in force."""
    return HEADERS[language()][column]


STEP_TEXTS = {
    Act.ADD_CLIENT: N_("new client"),
    Act.CHANGE_TIER: N_("another tier"),
    Act.NAME_PERSONS: N_("further persons who know it"),
    Act.ADD_CONTACT: N_("new contact person: %(name)s"),
    Act.CHANGE_CONTACT: N_("contact person corrected: %(name)s"),
    Act.NAME_KEY_PERSON: N_("key person: %(name)s"),
    Act.ADD_SITE: N_("new site: %(name)s"),
    Act.CHANGE_SITE: N_("site corrected: %(name)s"),
}


def step_text(step: Step) -> str:
    """What one step of an import does."""
    return say(STEP_TEXTS[step.act], {"name": step.name})


def change_text(change: Change) -> str:
    """What a step writes into one column, and what stood there before."""
    before, after = (_cell_text(change.column, text) for text in (change.before, change.after))
    params = {"column": column_title(change.column), "before": before, "after": after}
    if not change.before:
        return gettext("%(column)s: %(after)s", **params)
    if change.column is Column.PERSONS:
        return gettext("%(column)s: %(after)s, besides %(before)s", **params)
    return gettext("%(column)s: %(after)s, before: %(before)s", **params)


def _cell_text(column: Column, text: str) -> str:
    return tier_name(Tier(text)) if column is Column.TIER and text else text
