"""Where the password alone does not sign: the one rule of which acts ask for a passkey.

For moves of the lifecycle (``move:NAME``), for whoever has a role (``role:NAME``), for tickets of
clients of a tier (``tier:NAME``). An administrator says so on a page (people/rule_models.py); what
the installation says by ``COUNTERSIGN_PASSKEYS_FOR`` is a floor that no page takes away: it must
not be undone by whoever has got hold of an administrator's account.
"""

from __future__ import annotations

from collections.abc import Iterable

from registry.clients.models import Tier
from registry.config import SettingError, Settings
from registry.core.errors import Reason
from registry.core.settings import current_settings
from registry.core.words import N_
from registry.people.models import Role
from registry.people.relying import party_at
from registry.people.rule_models import SignatureRules, rules_in_force
from registry.people.signing import Signing
from registry.tickets.lifecycles import current_moves
from registry.tickets.models import Ticket

SENTENCES = {
    "move": N_("This step is signed with a passkey; the password alone is not enough. You enrol "
               "one under My account."),
    "role": N_("Whoever has your role signs with a passkey; the password alone is not enough. You "
               "enrol one under My account."),
    "tier": N_("What concerns this client is signed with a passkey; the password alone is not "
               "enough. You enrol one under My account."),
}
ROLES = frozenset(f"role:{role.value}" for role in Role)
TIERS = frozenset(f"tier:{tier.value}" for tier in Tier)


def check_requirements(settings: Settings) -> None:
    """Raise SettingError for a role or a tier that does not exist: nothing would be asked for. So
    too where the registry's address allows no passkeys: nobody could sign."""
    for each in settings.passkeys_for:
        if not each.startswith("move:") and each not in ROLES | TIERS:
            raise SettingError(f"COUNTERSIGN_PASSKEYS_FOR: {each} does not exist; write "
                               "move:NAME, role:NAME or tier:NAME")
    if settings.passkeys_for and party_at(settings.base_url) is None:
        raise SettingError("COUNTERSIGN_PASSKEYS_FOR: passkeys need COUNTERSIGN_BASE_URL with a "
                           "name and https")


def floor() -> frozenset[str]:
    """What the installation asks passkeys for, whatever the page says."""
    return frozenset(current_settings().passkeys_for)


def asked_for(rules: SignatureRules | None = None) -> frozenset[str]:
    """All that a passkey is asked for now; ``rules`` where they are read already."""
    return floor() | frozenset((rules or rules_in_force()).passkeys_for)


def names_known() -> frozenset[str]:
    """All that a passkey could be asked for; moves are those of the newest lifecycles."""
    return ROLES | TIERS | {f"move:{name}" for name in current_moves()}


def passkey_missing(signing: Signing, move: str, ticket: Ticket) -> Reason | None:
    """Why this signature needs a passkey and not the password, or None."""
    return _missing(signing, (f"move:{move}", *_of_roles(signing),
                              f"tier:{ticket.client.tier.value}"))


def passkey_missing_by_role(signing: Signing) -> Reason | None:
    """The same of what is signed about no ticket."""
    return _missing(signing, _of_roles(signing))


def _of_roles(signing: Signing) -> tuple[str, ...]:
    return tuple(f"role:{role.value}" for role in sorted(signing.signer.roles))


def _missing(signing: Signing, names: Iterable[str]) -> Reason | None:
    """What is said where a passkey is asked for under one of the names, and a password came."""
    if signing.proof is None or signing.proof.method != "password":
        return None
    asked = asked_for()
    why = next((name.partition(":")[0] for name in names if name in asked), None)
    return Reason("passkey_required", SENTENCES[why], field="password") if why else None
