"""Checks of the settings and of what is installed: what strangers could use, what does not fit."""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import metadata
from pathlib import Path

import holidays

from registry.admin.doctor.findings import Finding, Installation, look, unsafe
from registry.config import ROOT, is_loopback
from registry.core.smtp import Connection, ServerAddress, ServerAway
from registry.core.words import N_

CONSTRAINTS = ROOT / "constraints.txt"
DECEMBER = 12


def pages_are_encrypted(where: Installation) -> Iterator[Finding]:
    """Passwords pass in the open nowhere but on this machine."""
    settings = where.settings
    if not settings.is_for_this_machine and not settings.base_url.startswith("https:"):
        yield unsafe("no_tls", N_(
            "People type their passwords at %(url)s in the open: put a server with TLS before the "
            "product and set COUNTERSIGN_BASE_URL to its https: address."), url=settings.base_url)
    if settings.base_url.startswith("https:") and not is_loopback(settings.host):
        yield look("open_port", N_(
            "Pages are also served without TLS at %(host)s:%(port)d: where the server with TLS "
            "stands on this machine, set COUNTERSIGN_HOST to 127.0.0.1; else let a firewall admit "
            "it alone."), host=settings.host, port=settings.port)


def proxies_are_declared(where: Installation) -> Iterator[Finding]:
    """A server with TLS stands before the product, so its word about addresses has to count."""
    settings = where.settings
    if settings.base_url.startswith("https:") and not settings.proxies:
        yield unsafe("proxies_undeclared", N_(
            "The address is https:, but no server before the product is declared: all people seem "
            "to come from one address, and forty wrong passwords lock everybody out. Set "
            "COUNTERSIGN_PROXIES to how many stand in a row."))


def nothing_of_a_workshop(where: Installation) -> Iterator[Finding]:
    """No switch of developers and no switch of the demo."""
    for name in ("FLASK_DEBUG", "PYTHONINSPECT"):
        if os.environ.get(name, "0") not in ("", "0", "false"):
            yield unsafe("debug", N_("The variable %(name)s is set: unset it. It opens the program "
                                     "to strangers."), name=name)
    if where.settings.argon2_cheap:
        yield unsafe("argon2_cheap", N_("Passwords are hashed as in tests: make the installation "
                                        "anew from its settings."))
    if where.settings.demo and not where.settings.is_for_this_machine:
        yield unsafe("demo_open", N_(
            "COUNTERSIGN_DEMO is 1 and the product serves others: anybody gets in by one tap. Set "
            "it to 0."))


def not_as_root(_where: Installation) -> Iterator[Finding]:
    """The product runs as a user of its own."""
    if os.geteuid() == 0:
        yield look("root", N_(
            "This runs as root: make a user for the product and give it the data folder. A fault "
            "in the product is then no fault of the whole machine."))


def mail_leaves(where: Installation) -> Iterator[Finding]:
    """There is a mail server, its password is not sent in the open, and it answers."""
    url = where.settings.smtp_url
    if not url:
        yield look("no_smtp", N_("No mail leaves, and nobody gets the morning report: set "
                                 "COUNTERSIGN_SMTP_URL."))
        return
    address = ServerAddress.from_url(url)
    if address.scheme == "smtp" and address.password and not is_loopback(address.host):
        yield unsafe("smtp_open", N_(
            "The password for %(host)s passes in the open: begin COUNTERSIGN_SMTP_URL with "
            "smtp+starttls:// or smtps://."), host=address.host)
    if where.settings.mail_from.endswith("@localhost>"):
        yield look("mail_from", N_("Mails come from an address at localhost, which servers refuse: "
                                   "set COUNTERSIGN_MAIL_FROM."))
    if where.connect:
        try:
            with Connection(address) as line:
                line.greet()
        except ServerAway as error:
            yield look("smtp_away", N_(
                "The mail server %(host)s does not let us in (%(why)s): look at "
                "COUNTERSIGN_SMTP_URL and at the server."), host=address.host, why=error)


def numbers_have_a_token(where: Installation) -> Iterator[Finding]:
    """Whoever serves others can still read the numbers."""
    if not where.settings.is_for_this_machine and not where.settings.metrics_token:
        yield look("no_metrics", N_("Nobody can read /metrics: set COUNTERSIGN_METRICS_TOKEN and "
                                    "give it to what watches the product."))


def time_is_known(where: Installation) -> Iterator[Finding]:
    """The zones of the world and the free days of the coming year are there."""
    if where.settings.timezone not in zoneinfo.available_timezones():
        yield unsafe("no_zones", N_("The time zone %(zone)s is not known here: install the package "
                                    "tzdata."), zone=where.settings.timezone)
    today = where.now.astimezone(where.settings.zone).date()
    if today.month == DECEMBER and not _free_days(where.settings.calendar, today.year + 1):
        yield look("no_free_days", N_(
            "The free days of %(year)d are not known yet: bring the library holidays up to date, "
            "or declare the days under Settings → Calendar."), year=today.year + 1)


def libraries_are_the_tested_ones(_where: Installation) -> Iterator[Finding]:
    """What is installed is what the product was tested with."""
    others = differing(CONSTRAINTS, {each.metadata["Name"].lower().replace("_", "-"): each.version
                                     for each in metadata.distributions()})
    if others:
        yield look("libraries", N_(
            "Libraries of other versions than those tested: %(names)s. Run ./countersign, which "
            "installs the tested ones."), names=", ".join(others))


def differing(constraints: Path, installed: Mapping[str, str]) -> list[str]:
    """The installed libraries whose version is not the one that is written down."""
    if not constraints.exists():
        return []
    found = []
    for line in constraints.read_text(encoding="utf-8").splitlines():
        name, _, wanted = line.partition("==")
        there = installed.get(name.strip().lower().replace("_", "-"))
        if wanted and there is not None and there != wanted.strip():
            found.append(f"{name} {there} ({wanted.strip()})")
    return found


def _free_days(country: str, year: int) -> Mapping[date, str]:
    return holidays.country_holidays(country, years=year)
