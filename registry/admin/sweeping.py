"""Replacing somebody's words wherever else they stand: mails, reports, jobs, notes, views.

Goes over every column of text of every table but the ledger's and those that follow from it, so a
table that an area brings later cannot be forgotten; columns that hold no words are named one by
one. Words stand there in several forms: as they are, in the escapes of JSON, of HTML and of
addresses, folded, and cut short as in a report's line.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any
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
# Keys, digests, secrets and codes: a piece cut out of one of them tells of nobody and breaks it.
NO_WORDS = frozenset({
    "api_token.digest", "api_token.scopes", "criterion.code", "document.about", "document.digest",
    "document.head_hash", "document.language", "document.mark", "handover_sheet.purpose",
    "import_run.file_digest", "import_run.head_hash", "import_run.mapping_digest",
    "import_run.source", "job.about", "job.key", "job.kind", "kept_answer.digest", "message.key",
    "message.kind", "message.language", "notice.state", "notice.timer", "passkey.aaguid",
    "passkey.credential_id", "passkey.transports", "passkey_challenge.purpose",
    "person.head_hash", "person.language", "person.password_hash", "sign_in_attempt.address",
    "sign_in_attempt.purpose", "sign_in_session.address", "signature_rules.head_hash",
    "signature_rules.passkeys_for", "webhook_delivery.chain", "webhook_delivery.kind",
    "webhook_delivery.message_id", "webhook_endpoint.former_secret", "webhook_endpoint.kinds",
    "webhook_endpoint.secret"})


def sweep(personal: Personal, stand_in: str) -> None:
    """Put ``stand_in`` in the place of names and nothing in that of other words."""
    forms = dict(_forms(personal, stand_in))
    for column in swept() if forms else ():
        _sweep(column.table, column, forms)


def swept() -> Iterator[Column[Any]]:
    """The columns in which words may stand."""
    for table in Base.metadata.sorted_tables:
        if table.name not in FOLLOWING:
            yield from (column for column in table.columns if is_text(column)
                        and f"{table.name}.{column.name}" not in NO_WORDS)


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


def is_text(column: Column[Any]) -> bool:
    """Whether the column holds text that is neither a key nor one of a few values."""
    kind = column.type
    if column.primary_key or column.foreign_keys or isinstance(kind, Enum | LargeBinary):
        return False
    return isinstance(kind, String | JSON)


def _sweep(table: Table, column: Column[Any], forms: dict[str, str]) -> None:
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
    db.session.execute(statement.bindparams(*bound))
