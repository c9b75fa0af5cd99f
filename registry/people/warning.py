"""The mail to a person whose password or passkeys were changed: who did not do it has to hear it.

It is owed in the transaction of the change and cannot be switched off. It names no secret and no
passkey, and nothing in it leads anywhere but to the registry.
"""

from __future__ import annotations

from datetime import datetime

from registry.core.languages import say, speaking
from registry.core.outbox import queue_message
from registry.core.settings import current_settings
from registry.core.times import exact_text
from registry.core.words import N_
from registry.people.models import Person

KIND = "account_changed"
CHANGES = {
    "password_changed": N_("Your password was changed"),
    "password_issued": N_("A one-time password was issued to you"),
    "passkey_enrolled": N_("A passkey was added to your account"),
    "passkey_revoked": N_("A passkey of yours was revoked"),
}
WHEN = N_("%(moment)s, in the registry at %(address)s.")
NOT_YOU = N_("Was it not you and nobody whom you asked? Tell the administrator at once: somebody "
             "else may be able to sign in your name.")


def warn(person: Person, change: str, *, now: datetime) -> None:
    """Owe the mail about the ``change`` that the person's chain has just been told; nothing where
    no address is known."""
    if not person.email:
        return
    with speaking(person.language):
        subject = say(CHANGES[change])
        when = say(WHEN, {"moment": exact_text(now), "address": current_settings().base_url})
        text = f"{subject}.\n{when}\n\n{say(NOT_YOU)}\n"
    queue_message(KIND, f"{KIND}:{person.id}:{person.head_seq}", to=person.email, subject=subject,
                  text=text, language=person.language, now=now)
