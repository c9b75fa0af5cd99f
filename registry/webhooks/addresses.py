"""Where a webhook may go: hosts that the administrator named, and no address inside by a detour.

A URL is judged when it is saved and again before each sending. Its name is resolved once, every
address that comes back is judged, and the connection goes to one of these very addresses
(posting.py): what the name means a moment later does not matter.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from registry.config import Settings
from registry.core.errors import Reason
from registry.core.words import N_

LONGEST_URL = 500
PORTS = {"https": 443, "http": 80}
PLAIN = re.compile(r"[!-~]+")
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
# IPv6 that only wraps an IPv4 address, with how many bits stand behind it; and what nobody owns.
WRAPPERS = ((IPv6Network("::ffff:0:0/96"), 0), (IPv6Network("64:ff9b::/96"), 0),
            (IPv6Network("2002::/16"), 80), (IPv6Network("::/96"), 0))
NEVER = (IPv6Network("2001::/32"), IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))


class NotAllowed(Exception):
    """Nothing may be sent there; the text says why."""


@dataclass(frozen=True)
class Target:
    """A URL taken apart: to whom to connect and what to ask for."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header: the port only where it is not the scheme's own."""
        return self.host if PORTS[self.scheme] == self.port else f"{self.host}:{self.port}"


def fault_of(url: str, settings: Settings) -> Reason | None:
    """Why nothing may be sent to the URL, before its name is resolved; None where it may."""
    target = target_of(url)
    if target is None:
        return Reason("url_wrong", N_(
            "Write a whole address such as https://hooks.example.org/countersign, without a login, "
            "a fragment or spaces."), field="url")
    if target.scheme != "https" and not settings.webhook_private:
        return Reason("url_not_https", N_(
            "Begin with https://. Plain http is only for inside networks, under "
            "COUNTERSIGN_WEBHOOK_PRIVATE."), field="url")
    if target.authority not in settings.webhook_hosts:
        return Reason("host_not_allowed", N_(
            "“%(host)s” is not among the hosts of COUNTERSIGN_WEBHOOK_HOSTS. Whoever runs the "
            "machine adds it there and starts the product again."), {"host": target.authority},
            "url")
    return None


def target_of(url: str) -> Target | None:
    """The URL taken apart; None for what is no plain address of the web."""
    if len(url) > LONGEST_URL or not PLAIN.fullmatch(url) or "\\" in url or "#" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in PORTS or "@" in parts.netloc or not HOST.fullmatch(host) or port == 0:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path)


def addresses_of(target: Target, settings: Settings, patience: float) -> list[str]:
    """The addresses of the target's host, every one of them allowed.

    Raises NotAllowed where a single one is not, and OSError where the name leads nowhere.
    """
    found = _resolved(target.host, target.port, patience)
    for each in found:
        if not is_allowed(each, private=settings.webhook_private):
            raise NotAllowed(f"{target.host} leads to an address that is not allowed")
    return found


def is_allowed(text: str, *, private: bool) -> bool:
    """Whether something may be sent to this address: one of the open internet, or, where
    ``private`` is set, of this machine and of inside networks."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = _unwrapped(address)
    if (inner is None or inner.is_multicast or inner.is_unspecified or inner.is_link_local
            or (inner.is_reserved and not inner.is_loopback)):
        return False
    return inner.is_global or (private and (inner.is_loopback or inner.is_private))


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address | None:
    """The IPv4 address inside an IPv6 one; None for what may hide anything."""
    if isinstance(address, IPv4Address) or address == IPv6Address("::1"):
        return address
    if any(address in network for network in NEVER):
        return None
    for network, behind in WRAPPERS:
        if address in network:
            return IPv4Address((int(address) >> behind) & 0xFFFFFFFF)
    return address


def _resolved(host: str, port: int, patience: float) -> list[str]:
    """Ask for the name's addresses; the system's resolver knows no end of patience, so it is asked
    in a thread that may be left behind."""
    answer: list[Iterable[str]] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.append(dict.fromkeys(str(row[4][0]) for row in rows))
        except OSError as error:
            failed.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(patience)
    if failed:
        raise failed[0]
    if not answer:
        raise TimeoutError("the name was not resolved in time")
    return list(answer[0])
