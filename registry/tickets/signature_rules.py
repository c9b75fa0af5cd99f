"""The verb by which an administrator changes the rules of signatures, and what stands against it:
nobody is to be locked out by it, and nobody undoes it with a stolen password.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from registry.core.db import db
from registry.core.errors import Reason, refuse_if
from registry.core.words import N_
from registry.ledger.entries import record
from registry.people.models import Person
from registry.people.passkey_counts import holders
from registry.people.passkeys import NOT_HERE, passkeys_of, unproved
from registry.people.permissions import require_of
from registry.people.proof import Proof
from registry.people.relying import relying_party
from registry.people.rule_models import SignatureRules, forget_rules, signature_rules
from registry.tickets.requirements import floor, names_known

MOST_MINUTES = 480


@dataclass(frozen=True)
class WantedRules:
    """The rules as somebody wants them; ``minutes`` is None for what is no number."""

    minutes: int | None
    passkeys_for: frozenset[str]


def change_signature_rules(
    wanted: WantedRules, *, by: Person | None, proved: Proof | Reason | None, now: datetime
) -> SignatureRules:
    """Let these rules be in force, with an entry that says who changed them.

    ``by`` is None for the operator at the command line, who gives no proof. Raises Forbidden, and
    Refused with every reason.
    """
    require_of(by, "manage_signature_rules")
    assert by is None or proved is not None
    rules = signature_rules()
    before = frozenset(rules.passkeys_for)
    refuse_if(
        unproved(by, proved) if by is not None and proved is not None else None,
        *_faults(wanted, before), *_locked_out(wanted.passkeys_for - before, by),
        _loosened(before - wanted.passkeys_for - floor(), proved) if by is not None else None)
    assert wanted.minutes is not None
    rules.unbroken_minutes = wanted.minutes
    rules.passkeys_for = sorted(wanted.passkeys_for - floor())
    db.session.add(rules)
    record(rules, "signature_rules_changed", by=by.ref if by is not None else "system", at=now,
           content={"unbroken_minutes": rules.unbroken_minutes,
                    "passkeys_for": list(rules.passkeys_for)})
    db.session.flush()
    forget_rules()
    return rules


def _faults(wanted: WantedRules, before: Collection[str]) -> Iterator[Reason]:
    if wanted.minutes is None or not 0 <= wanted.minutes <= MOST_MINUTES:
        yield Reason("minutes_wrong", N_("Write a number of minutes, from 0 to %(count)d."),
                     {"count": MOST_MINUTES}, "minutes")
    # a lifecycle may have lost a move that was asked for: that stands until it is taken away
    unknown = wanted.passkeys_for - names_known() - frozenset(before)
    if unknown:
        yield Reason("requirement_unknown", N_("There is nothing called “%(name)s” here."),
                     {"name": min(unknown)}, "passkeys_for")


def _locked_out(added: Collection[str], by: Person | None) -> Iterator[Reason]:
    """Why asking passkeys for more would leave nobody who can sign, or nobody who can undo it."""
    if not added:
        return
    if relying_party() is None:
        yield Reason("no_passkeys_here", NOT_HERE)
    if by is not None and not passkeys_of(by):
        yield Reason("no_own_passkey", N_("Enrol a passkey of your own first, under My account: "
                                          "only a passkey takes this back."))
    found = holders()
    for name in sorted(added):
        if not found.of(name).able:
            yield Reason("nobody_could_sign", N_("Nobody who would have to sign with a passkey has "
                                                 "one yet (%(name)s)."), {"name": name},
                         "passkeys_for")


def _loosened(taken_away: Collection[str], proved: Proof | Reason | None) -> Reason | None:
    """That a passkey is needed to take a requirement away, where it was the password."""
    if taken_away and isinstance(proved, Proof) and proved.method != "passkey":
        return Reason("passkey_takes_away", N_(
            "Confirm with a passkey: a password does not take away what asks for more than a "
            "password."), field="password")
    return None
