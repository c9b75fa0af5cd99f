"""Finding the sealed words that the law tells us to erase, and the chains whose entries name them.

Both look through a whole table, for an entry does not say whose words it seals. Reads only; what is
to be erased is decided above (admin/erasing.py) and done by ``entries.erase``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import or_, select

from registry.core.db import db
from registry.ledger.entries import SEAL
from registry.ledger.models import LedgerEntry, SealedText

AT_A_TIME = 1000
_NAMED = re.compile(rb"seal:[0-9a-f]{64}")


def seals_holding(words: Sequence[str]) -> set[str]:
    """The seals behind which one of the words stands, in whatever case."""
    if not words:
        return set()
    found = [form(word, autoescape=True) for word in words
             for form in (SealedText.words.contains, SealedText.words.icontains)]
    return set(db.session.scalars(select(SealedText.seal).where(or_(*found))))


def seals_kept(seals: Collection[str]) -> set[str]:
    """Those of the seals whose words are not erased yet."""
    query = select(SealedText.seal).where(SealedText.seal.in_(seals),
                                          SealedText.erased_at.is_(None))
    return set(db.session.scalars(query))


def chains_naming(seals: Collection[str]) -> Mapping[str, set[str]]:
    """The chains whose entries name any of the seals, each with those that it names."""
    found: dict[str, set[str]] = {}
    wanted = set(seals)
    if not wanted:
        return found
    query = select(LedgerEntry.chain, LedgerEntry.body).execution_options(yield_per=AT_A_TIME)
    marker = SEAL.encode()
    for chain, body in db.session.execute(query):
        if marker in body:
            named = {each.decode() for each in _NAMED.findall(body)} & wanted
            if named:
                found.setdefault(chain, set()).update(named)
    return found
