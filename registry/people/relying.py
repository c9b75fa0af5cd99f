"""For whom passkeys are made: the registry by the name in its base URL.

A browser makes and uses a passkey for a name only (no bare address), and only where nobody can
listen in: over https, or on the machine itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from registry.config import is_loopback
from registry.core.hosts import name_of
from registry.core.settings import current_settings

USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Relying:
    """The name that passkeys belong to, and the only origin whose pages may use them."""

    id: str
    origin: str


def relying_party() -> Relying | None:
    """The registry as browsers know it; None where its base URL allows no passkeys."""
    return party_at(current_settings().base_url)


def party_at(base_url: str) -> Relying | None:
    """What browsers know a registry at this address as; None where they make no passkeys."""
    parts = urlsplit(base_url)
    name = name_of(parts.netloc)
    if not name or _is_address(name) or not (parts.scheme == "https" or is_loopback(name)):
        return None
    usual = parts.port in (None, USUAL_PORTS.get(parts.scheme))
    return Relying(name, f"{parts.scheme}://{name}" + ("" if usual else f":{parts.port}"))


def _is_address(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False
