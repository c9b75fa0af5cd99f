"""The part of ``verify`` that looks at words kept outside: they fit their seal, or were erased.

Erased words need an entry that says so, with the same moment: otherwise whoever owns the database
could pass off making away with them as erasing by law.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from registry.ledger.check import Check
from registry.ledger.entries import SEAL, seal_of, seals_in
from registry.ledger.stored import AT_A_TIME, SEALED


def check_seals(check: Check) -> None:
    """Compare all sealed words in scope with their seals and with the entries that name them."""
    for row in _rows(check):
        _check_row(check, row)
    for (chain, seq), _ in check.scratch.unmet_seals():
        check.findings.add("seal_missing", chain, seq)


def _rows(check: Check) -> Iterator[Row[Any]]:
    """All rows; for one chain those that it names."""
    erased_at = check.stored.moment(SEALED.c.erased_at)
    query = select(SEALED.c.seal, SEALED.c.salt, SEALED.c.words, erased_at)
    if not check.only:
        yield from check.stored.stream(query)
        return
    named = check.scratch.seals()
    while seals := list(islice(named, AT_A_TIME)):
        yield from check.stored.stream(query.where(SEALED.c.seal.in_(seals)))


def _check_row(check: Check, row: Row[Any]) -> None:
    named = None
    if next(seals_in(row.seal), None):
        named = check.scratch.seal_named(row.seal)
        check.scratch.meet_seal(row.seal)
    if named is None:
        check.findings.add("seal_idle", seal=str(row.seal).removeprefix(SEAL)[:8])
        return
    erasures = check.scratch.erasures(row.seal)
    if _is_erased(row):
        erased_at = check.stored.stamped(row.erased_at)
        if erased_at not in {at for _, at in erasures}:
            check.findings.add("seal_erased", *named)
    elif row.erased_at is not None or not _fits(row):
        check.findings.add("seal_words", *named)
    else:
        for place, _ in erasures:
            check.findings.add("seal_kept", *place)


def _is_erased(row: Row[Any]) -> bool:
    return row.salt is None and row.words is None and row.erased_at is not None


def _fits(row: Row[Any]) -> bool:
    if not isinstance(row.salt, str) or not isinstance(row.words, str):
        return False
    try:
        return seal_of(row.salt, row.words) == row.seal
    except UnicodeEncodeError:
        return False
