"""The columns of a list of clients: their headers in both languages, and how cells are read.

One row for each contact or site, with the client repeated; a row without a client is a node of
our own network. What the rows add up to is import_rows.py's business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.clients import rules
from registry.clients.models import Tier
from registry.clients.names import folded
from registry.core.errors import Reason
from registry.core.table_bounds import Row
from registry.core.words import N_


class Column(StrEnum):
    """What a column says; the values are its English and shortest header."""

    CLIENT = "client"
    TIER = "tier"
    CONTACT = "contact"
    POSITION = "position"
    PHONE = "phone"
    EMAIL = "e-mail"
    KEY = "key person"
    SITE = "site"
    ADDRESS = "address"
    FED_BY = "fed by"
    PERSONS = "who knows it"


HEADERS: dict[str, dict[Column, str]] = {
    "en": {
        Column.CLIENT: "Client", Column.TIER: "Tier", Column.CONTACT: "Contact",
        Column.POSITION: "Position", Column.PHONE: "Phone", Column.EMAIL: "E-mail",
        Column.KEY: "Key person", Column.SITE: "Site", Column.ADDRESS: "Address",
        Column.FED_BY: "Fed by", Column.PERSONS: "Who knows it",
    },
    "ru": {
        Column.CLIENT: "Клиент", Column.TIER: "Категория", Column.CONTACT: "Контактное лицо",
        Column.POSITION: "Должность", Column.PHONE: "Телефон", Column.EMAIL: "Эл. почта",
        Column.KEY: "Ключевое лицо", Column.SITE: "Площадка", Column.ADDRESS: "Адрес",
        Column.FED_BY: "Подключена через", Column.PERSONS: "Кто знает клиента",
    },
}
OTHER_HEADERS = {
    Column.CLIENT: ("company", "client name", "компания", "организация", "название"),
    Column.TIER: ("category", "категория клиента"),
    Column.CONTACT: ("contact name", "contact person", "фио", "контакт"),
    Column.PHONE: ("telephone", "тел.", "тел"),
    Column.EMAIL: ("email", "mail", "почта", "электронная почта"),
    Column.KEY: ("key", "ключевой", "ключевое"),
    Column.FED_BY: ("питается от", "запитана от", "подключен через", "подключение через"),
    Column.PERSONS: ("persons", "logins", "ответственные", "кто знает", "логины"),
}
KNOWN_HEADERS: dict[str, Column] = {
    **{folded(title): column for titles in HEADERS.values() for column, title in titles.items()},
    **{folded(title): column for column, titles in OTHER_HEADERS.items() for title in titles},
}
TIERS = {
    "key": Tier.KEY, "ключевой": Tier.KEY, "significant": Tier.SIGNIFICANT,
    "значимый": Tier.SIGNIFICANT, "ordinary": Tier.ORDINARY, "обычный": Tier.ORDINARY,
}
YES = frozenset({"yes", "да", "y", "д", "1", "+", "true", "x", "х"})
NO = frozenset({"no", "нет", "n", "н", "0", "-", "false"})


@dataclass(frozen=True)
class Bad:
    """One thing that keeps the list out: where it stands and what to do about it."""

    line: int
    column: str
    reason: Reason


def columns_of(head: Row) -> tuple[dict[Column, int], list[Bad]]:
    """Where each column stands, by the header row, and what is wrong with that row."""
    places: dict[Column, int] = {}
    bad = []
    for at, title in enumerate(head.cells):
        if not title.strip():
            continue
        column = KNOWN_HEADERS.get(folded(title))
        if column is None:
            bad.append(Bad(head.line, title.strip()[:60], Reason("column_unknown", N_(
                "There is no such column here. Name it as in the template, or take it out."))))
        elif column in places:
            bad.append(Bad(head.line, title.strip()[:60], Reason("column_twice", N_(
                "This column is there twice. Leave one of them."))))
        else:
            places[column] = at
    if Column.CLIENT not in places and not bad:
        bad.append(Bad(head.line, "", Reason("column_missing", N_(
            "The first row must name the columns, and one of them must be “Client”."))))
    return places, bad


def tier_of(text: str) -> Tier | None:
    """The tier by its word in either language."""
    return TIERS.get(folded(text))


def yes_or_no(text: str) -> bool | None:
    """True for yes, False for no or nothing, None for anything else."""
    key = folded(text)
    return True if key in YES else False if not key or key in NO else None


def logins_of(text: str) -> list[str]:
    """The names by which our persons sign in, separated by commas, semicolons or lines."""
    return [each for each in (part.strip() for part in re.split(r"[,;\n]", text)) if each]


def cell_faults(values: Mapping[Column, str]) -> dict[Column, Reason]:
    """What is wrong with each cell of one row, looked at by itself."""
    faults: dict[Column, Reason | None] = {
        column: rules.text_fault(values[column], column)
        for column in (Column.CLIENT, Column.CONTACT, Column.POSITION, Column.SITE,
                       Column.ADDRESS, Column.FED_BY)}
    faults[Column.PHONE] = rules.phone_fault(values[Column.PHONE])
    faults[Column.EMAIL] = rules.email_fault(values[Column.EMAIL])
    if values[Column.TIER] and tier_of(values[Column.TIER]) is None:
        faults[Column.TIER] = Reason("tier_unknown", N_(
            "“%(value)s” is no tier. Write key, significant or ordinary."),
            {"value": values[Column.TIER][:40]})
    if yes_or_no(values[Column.KEY]) is None:
        faults[Column.KEY] = Reason("key_unclear", N_("Write yes or no, not “%(value)s”."),
                                    {"value": values[Column.KEY][:40]})
    return _missing(values) | {column: fault for column, fault in faults.items() if fault}


def _missing(values: Mapping[Column, str]) -> dict[Column, Reason]:
    """Cells that say something about a thing that the row does not name."""
    missing = {}
    if not values[Column.CLIENT] and not values[Column.SITE]:
        missing[Column.CLIENT] = Reason("client_missing", N_(
            "Name the client; only a site of our own network stands without one."))
    elif not values[Column.CLIENT] and any(values[each] for each in (
            Column.TIER, Column.CONTACT, Column.PERSONS)):
        missing[Column.CLIENT] = Reason("client_missing", N_(
            "Name the client that this row speaks of."))
    if not values[Column.CONTACT] and any(values[each] for each in (
            Column.POSITION, Column.PHONE, Column.EMAIL)):
        missing[Column.CONTACT] = Reason("contact_missing", N_(
            "Name the contact person whose details stand here."))
    if not values[Column.SITE] and (values[Column.ADDRESS] or values[Column.FED_BY]):
        missing[Column.SITE] = Reason("site_missing", N_(
            "Name the site that this address belongs to."))
    return missing
