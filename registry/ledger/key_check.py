"""The part of ``verify`` that looks at the registry's keys: was each handed over rightly?"""

from __future__ import annotations

from sqlalchemy import and_, select

from registry.ledger.check import Check
from registry.ledger.keyring import CHAIN
from registry.ledger.stored import ENTRY, LEAF


def check_keys(check: Check) -> None:
    """Tell what is wrong with the keys' history; for one chain, let the entries that name keys be
    proved to lie under checkpoints too, for that chain's are judged by them."""
    for seq, code in check.keys.faults if check.keys is not None else ():
        check.findings.add(code, CHAIN, seq)
    if check.only:
        query = select(LEAF.c.index).join(
            ENTRY, and_(LEAF.c.chain == ENTRY.c.chain, LEAF.c.seq == ENTRY.c.seq))
        check.places.extend(check.stored.connection.scalars(query.where(ENTRY.c.chain == CHAIN)))
