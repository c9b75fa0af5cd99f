"""Replacing somebody's words wherever else they stand: mails, reports, jobs, notes, views.

Goes over every column of text of every table but the ledger's and those that follow from it, so a
table that an area brings later cannot be forgotten. Words stand there in several forms: as they
are, in the escapes of JSON, of HTML and of addresses, folded, and cut short as in a report's line.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from sqlalchemy import JSON, Column, Enum, LargeBinary, String, Table, bindparam, text

from registry.clients.names import folded
from registry.core.db import db
from registry.core.mail_lines import shortened
from registry.core.model import Base
from registry.people.erasing import Personal

# The ledger's own, and what is written from it again (tickets/erasing.py).
FOLLOWING = frozenset({
    "ledger_entry", "ledger_leaf", "ledger_pending", "ledger_checkpoint", "sealed_text",
    "signature", "ticket", "handoff", "joint_act", "promise_change", "attachment", "ticket_search",
    "lifecycle", "erasure", "counter"})


def sweep(personal: Personal, stand_in: str) -> int:
    """Put ``stand_in`` in the place of names and nothing in that of other words; how many rows
    were changed."""
    forms = dict(_forms(personal, stand_in))
    changed = 0
    for table in Base.metadata.sorted_tables:
        if table.name not in FOLLOWING:
            changed += sum(_sweep(table, column, forms) for column in table.columns
                           if _is_text(column))
    return changed


def _forms(personal: Personal, stand_in: str) -> Iterator[tuple[str, str]]:
    """Every form of every word with what stands there instead; the longest first."""
    pairs = [(name, stand_in) for name in personal.names]
    pairs += [(word, "") for word in personal.others]
    found: dict[str, str] = {}
    for word, instead in pairs:
        for form in (str, _in_json, html.escape, quote, quote_plus, folded, shortened):
            found.setdefault(form(word), form(instead) if instead else "")
    yield from sorted(found.items(), key=lambda each: -len(each[0]))


def _in_json(word: str) -> str:
    return json.dumps(word)[1:-1]


def _is_text(column: Column[object]) -> bool:
    kind = column.type
    if column.primary_key or column.foreign_keys or isinstance(kind, Enum | LargeBinary):
        return False
    return isinstance(kind, String | JSON)


def _sweep(table: Table, column: Column[object], forms: dict[str, str]) -> int:
    """Replace the forms in one column, all at once where any of them stands."""
    is_json = isinstance(column.type, JSON)
    on_postgresql = db.session.get_bind().dialect.name == "postgresql"
    read = f'"{column.name}"' + ("::text" if is_json and on_postgresql else "")
    written, found = read, []
    values: dict[str, str] = {}
    for number, (word, instead) in enumerate(forms.items()):
        values |= {f"w{number}": word, f"i{number}": instead}
        written = f"replace({written}, :w{number}, :i{number})"
        place = "strpos" if on_postgresql else "instr"
        found.append(f"{place}({read}, :w{number}) > 0")
    longest = getattr(column.type, "length", None)
    if longest:
        written = f"substr({written}, 1, {longest})"
    if is_json and on_postgresql:
        written = f"({written})::json"
    statement = text(f'UPDATE "{table.name}" SET "{column.name}" = {written} '
                     f"WHERE {' OR '.join(found)}")
    bound = [bindparam(name, value, String()) for name, value in values.items()]
    done = db.session.execute(statement.bindparams(*bound))
    return int(done.rowcount)  # type: ignore[attr-defined]
