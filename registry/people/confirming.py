"""Confirming what is no signature under a statement: the password again, or another passkey."""

from __future__ import annotations

from datetime import datetime

from registry.core.errors import Reason
from registry.people.access import me, passkey_at_edge, prove_at_edge
from registry.people.forms import ConfirmForm
from registry.people.proof import Proof


def confirmed(form: ConfirmForm, *, now: datetime) -> Proof | Reason:
    """By a passkey, where one has answered; else by the password. Ends the transaction that
    stands."""
    if form.confirmation.data:
        return passkey_at_edge(form.confirmation.data, purpose="confirm", person=me(), now=now)
    return prove_at_edge(me(), form.password.data or "", login=me().login, purpose="sign", now=now)
