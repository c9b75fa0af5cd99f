"""The one table of who may do what: every address and method of screens and API, for eight roles,
for nobody, and for a token of each scope. Read it beside the domain's table of persons.

An address names things of the lived house in braces. ``OPEN`` is answered to everybody; ``DOORS``
open by the role, whatever becomes of the form behind them; ``OWN`` are things that belong to one
person, and ``ACTS`` acts whose form is filled in and signed: there it counts whether it is done.
Who may act on a ticket is one person and not a role: here it stands by the role of that person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.people.models import Role
from tests.factories import PASSWORD

VISITOR, ENGINEER, REGISTRAR, DEPUTY = Role.VISITOR, Role.ENGINEER, Role.REGISTRAR, Role.DEPUTY
LEAD, HEAD_OF_SALES = Role.LEAD, Role.HEAD_OF_SALES
DIRECTOR, ADMINISTRATOR = Role.COMMERCIAL_DIRECTOR, Role.ADMINISTRATOR

EVERYBODY = frozenset(Role)
LOGGERS = {VISITOR, LEAD, HEAD_OF_SALES, REGISTRAR, DEPUTY}
CLIENT_KEEPERS = {VISITOR, LEAD, HEAD_OF_SALES, DEPUTY, ADMINISTRATOR}
IMPORTERS = {LEAD, HEAD_OF_SALES, ADMINISTRATOR}
NORM_SETTERS = {LEAD, DEPUTY, ADMINISTRATOR}
READERS = {DIRECTOR, HEAD_OF_SALES, LEAD, DEPUTY, REGISTRAR, ADMINISTRATOR}
POSTMEN = {ADMINISTRATOR, DEPUTY}
ADMINISTRATORS = {ADMINISTRATOR}
ABSENCE_KEEPERS = {ADMINISTRATOR, REGISTRAR, DEPUTY, LEAD, HEAD_OF_SALES}
SUCCESSION = {ADMINISTRATOR, REGISTRAR, DEPUTY, LEAD}
SHEET_MAKERS = {REGISTRAR, DEPUTY, LEAD, HEAD_OF_SALES}

Roles = frozenset[Role] | set[Role]
SIGNED = {"password": PASSWORD, "nonce": "n" * 22}
BY_REGISTRAR = {"login_{registrar}": "{registrar_login}"}
NEXT = {"next_step": "I look", "next_step_by": "2099-01-01T10:00"}
CHECK = {"result": "gone", "contact_name": "Galina", "note": "It works again", "sure": "y"}
BY_TOKEN = {"signature": {"method": "password", "secret": PASSWORD}}
SOON = {"next_step": "I look", "next_step_by": "2099-01-01T10:00:00+03:00"}


@dataclass(frozen=True)
class Door:
    """One method of one address, and whom it lets through."""

    method: str
    address: str
    roles: Roles
    kind: str  # "open", "door", "own" or "act"
    scope: str = ""  # of the token that opens it: only for addresses of the API
    sent: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As a finding names it."""
        return f"{self.method} {self.address}"


OPEN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("GET", ("/sign-in", "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json",
             "/evidence/check", "/evidence/verify.py",
             "/static/{static}", "/assets/{asset}")),
    ("POST", ("/sign-in", "/sign-in/demo", "/sign-in/passkey", "/sign-in/passkey/ask", "/sign-out",
              "/language", "/evidence/check")),
)

DOORS: tuple[tuple[Roles, str, tuple[str, ...]], ...] = (
    (EVERYBODY, "GET", (
        "/", "/tickets", "/tickets/{in_fix}", "/tickets/{in_fix}/ledger", "/tickets/names",
        "/tickets/export.csv", "/tickets/export.xlsx", "/tickets/{in_fix}/files", "/call-backs",
        "/attachments/{attachment}", "/sheets/{sheet}", "/sheets/{sheet}/signed", "/sheets/new",
        "/lifecycles",
        "/lifecycles/{lifecycle}", "/clients", "/clients/{client}", "/clients/sites",
        "/clients/sites/{site}", "/clients/criteria", "/people", "/people/{engineer}",
        "/departments", "/account", "/account/password", "/account/mail", "/account/tokens",
        "/account/declaration", "/account/passkeys/new", "/settings", "/settings/calendar",
        "/documents", "/documents/{document}", "/questionnaire.pdf?client={client}",
        "/api/v1/")),
    # What an act would say is open to all: the registry is (the domain, 1.4). See ACTS for who may.
    (EVERYBODY, "GET", (
        "/tickets/{logged}/moves/take", "/tickets/{logged}/moves/cancel",
        "/tickets/{in_fix}/moves/hold", "/tickets/{in_fix}/promise",
        "/tickets/{logged}/together/take", "/handoffs/{handoff}/accept",
        "/handoffs/{half}/together", "/handoffs/{half}/signed",
        "/handoffs/{handoff}/decline", "/handoffs/{handoff}/withdraw", "/handoffs/{half}/witness",
        "/joint/{joint}/agree", "/tickets/{returned}/check")),
    (EVERYBODY, "POST", (
        "/account", "/account/password", "/account/mail", "/account/tokens", "/tickets/views",
        "/account/declaration", "/account/passkeys/new", "/account/passkeys/ask",
        "/tickets/{in_fix}/files", "/sheets/new", "/tickets/{in_fix}/extract.pdf",
        "/tickets/{in_fix}/questionnaire.pdf", "/sheets/{sheet}/sheet.pdf", "/tickets/week.pdf",
        "/documents")),
    (LOGGERS, "GET", ("/tickets/new", "/tickets/new?client={client}")),
    (LOGGERS, "POST", ("/tickets/new?client={client}",)),
    (CLIENT_KEEPERS, "GET", (
        "/clients/new", "/clients/{client}/edit", "/clients/{client}/persons",
        "/clients/{client}/contacts/new", "/clients/{client}/sites/new",
        "/clients/contacts/{contact}", "/clients/sites/{site}/edit", "/clients/sites/new")),
    (CLIENT_KEEPERS, "POST", (
        "/clients/new", "/clients/{client}/edit", "/clients/{client}/persons",
        "/clients/{client}/contacts/new", "/clients/contacts/{contact}",
        "/clients/{client}/sites/new", "/clients/sites/{site}/edit", "/clients/sites/new",
        "/clients/{client}/retire", "/clients/{client}/restore",
        "/clients/contacts/{contact}/retire", "/clients/contacts/{contact}/restore",
        "/clients/sites/{site}/retire", "/clients/sites/{site}/restore")),
    (IMPORTERS, "GET", ("/clients/import", "/clients/import/{nothing}",
                        "/clients/import/template-en.csv")),
    (IMPORTERS, "POST", ("/clients/import", "/clients/import/{nothing}",
                         "/clients/import/{nothing}/leave")),
    (NORM_SETTERS, "GET", ("/clients/criteria/new", "/clients/criteria/{criterion}")),
    (NORM_SETTERS, "POST", (
        "/clients/criteria/new", "/clients/criteria/{criterion}",
        "/clients/criteria/{criterion}/retire", "/clients/criteria/{criterion}/restore")),
    (READERS, "GET", ("/reports", "/reports/daily/{day}", "/reports/daily/{day}/open")),
    (READERS, "POST", ("/tickets/{in_fix}/evidence.zip",)),
    (POSTMEN, "GET", (
        "/reports/mail", "/reports/mail/{mail}", "/reports/mail/{mail}/html",
        "/reports/mail/{mail}.eml", "/reports/jobs", "/settings/imports",
        "/settings/imports/{run}")),
    (POSTMEN, "POST", (
        "/reports/mail/{mail}/again", "/reports/jobs/{job}/again", "/settings/calendar",
        "/settings/calendar/{free}/forget")),
    (SHEET_MAKERS | {ENGINEER}, "GET", ("/sheets/new?giver={engineer}",)),
    (SHEET_MAKERS | {ENGINEER}, "POST", ("/sheets/new?giver={engineer}",)),
    (ABSENCE_KEEPERS | {ENGINEER}, "GET", ("/people/{engineer}/absence",)),
    (ABSENCE_KEEPERS | {ENGINEER}, "POST", ("/people/{engineer}/absence",)),
    (SUCCESSION, "GET", ("/people/{engineer}/successor",)),
    (SUCCESSION, "POST", ("/people/{engineer}/successor",)),
    (ADMINISTRATORS, "GET", (
        "/people/new", "/people/{engineer}/edit", "/people/{engineer}/leave", "/people/attempts",
        "/settings/signatures", "/settings/erased", "/settings/erase/person/{left}",
        "/settings/erase/client/{client}",
        "/departments/{department}", "/settings/webhooks", "/settings/webhooks/new",
        "/settings/webhooks/{endpoint}", "/settings/webhooks/{endpoint}/edit")),
    (ADMINISTRATORS, "POST", (
        "/people/new", "/people/{engineer}/edit", "/people/{engineer}/password",
        "/people/{left}/return", "/people/{engineer}/leave", "/departments",
        "/settings/signatures", "/settings/erase/person/{left}",
        "/settings/erase/client/{client}", "/departments/{department}",
        "/departments/{department}/close",
        "/departments/{department}/reopen", "/lifecycles", "/lifecycles/{lifecycle}/carry",
        "/settings/webhooks/new", "/settings/webhooks/{endpoint}/edit",
        "/settings/webhooks/{endpoint}/on", "/settings/webhooks/{endpoint}/off",
        "/settings/webhooks/{endpoint}/secret", "/settings/webhooks/{endpoint}/test",
        "/settings/webhooks/{endpoint}/again",
        "/settings/webhooks/deliveries/{delivery}/again")),
)

# The visitor's token, view and session, the engineer's passkey and absence, the lead's list.
OWN: tuple[tuple[Roles, str, str, dict[str, str]], ...] = (
    ({ENGINEER, ADMINISTRATOR}, "GET", "/people/{engineer}/tokens", {}),
    ({VISITOR, ADMINISTRATOR}, "POST", "/tokens/{token}/revoke", {}),
    ({ENGINEER, ADMINISTRATOR}, "GET", "/people/{engineer}/passkeys", {}),
    ({ENGINEER, ADMINISTRATOR}, "GET", "/passkeys/{passkey}/revoke", {}),
    ({ENGINEER, ADMINISTRATOR}, "POST", "/passkeys/{passkey}/revoke", {"password": PASSWORD}),
    ({VISITOR}, "POST", "/tickets/views/{view}/forget", {}),
    ({VISITOR, ADMINISTRATOR}, "POST", "/sessions/end", {"session": "{session}"}),
    (ABSENCE_KEEPERS | {ENGINEER}, "POST", "/absences/{absence}/end", {}),
    ({LEAD}, "GET", "/clients/import/{import}", {}),
    ({LEAD}, "POST", "/clients/import/{import}", {}),
)

ACTS: tuple[tuple[Roles, str, dict[str, str]], ...] = (
    ({VISITOR}, "/tickets/{logged}/moves/take?receiver={engineer}&witness={registrar}", SIGNED),
    ({VISITOR}, "/tickets/{logged}/moves/cancel", SIGNED | {"reason": "Twice"}),
    ({ENGINEER}, "/tickets/{in_fix}/moves/hold",
     SIGNED | {"reason": "A part", "until": "2099-01-01T10:00"}),
    ({ENGINEER}, "/tickets/{in_fix}/promise",
     {"reason": "A part", "promised_at": "2099-01-01T10:00", "client_told": "y"}),
    # Three may sign at one screen: at anybody's, login and password of whose turn it is sign.
    (EVERYBODY, "/tickets/{logged}/together/take?receiver={engineer}&witness={registrar}",
     SIGNED | {"login_{visitor}": "{visitor_login}"}),
    (EVERYBODY, "/handoffs/{half}/together", SIGNED | BY_REGISTRAR),
    ({ENGINEER}, "/handoffs/{handoff}/accept", SIGNED | NEXT),
    ({ENGINEER}, "/handoffs/{handoff}/decline", {"reason": "Not mine"}),
    ({VISITOR}, "/handoffs/{handoff}/withdraw", {}),
    ({REGISTRAR}, "/handoffs/{half}/witness", SIGNED),
    ({REGISTRAR}, "/joint/{joint}/agree", SIGNED),
    ({VISITOR, REGISTRAR}, "/joint/{joint}/withdraw", {}),
    ({VISITOR}, "/tickets/{returned}/check", SIGNED | CHECK),
    ({ENGINEER}, "/sheets/{sheet}/answers",
     {"nonce": "n" * 22, "answer-{line}": "leave", "reason-{line}": "Not mine"}),
    (EVERYBODY, "/sheets/{sheet}/witness",
     {"nonce": "n" * 22, "witness_password": PASSWORD, "opens": "{lines}"} | BY_REGISTRAR),
)

# Scope, roles, method, address under /api/v1, body.
PROGRAMS: tuple[tuple[str, Roles, str, str, dict[str, Any]], ...] = (
    *(("read", EVERYBODY, "GET", address, {}) for address in (
        "/clients", "/sites", "/people", "/tickets", "/tickets/{in_fix}",
        "/tickets/{in_fix}/ledger", "/tickets/{in_fix}/moves", "/desk", "/checkpoint")),
    ("reports", READERS, "GET", "/reports/daily/{day}", {}),
    ("clients", CLIENT_KEEPERS, "POST", "/clients", {"name": "Duma Hotel"}),
    ("clients", CLIENT_KEEPERS, "POST", "/sites", {"name": "Tower"}),
    ("tickets", LOGGERS, "POST", "/tickets", {"client": "{client}", "summary": "Slow"}),
    ("tickets", {ENGINEER}, "POST", "/tickets/{in_fix}/moves", BY_TOKEN | {
        "move": "hold", "reason": "A part", "fields": {"until": "2099-01-01T10:00:00+03:00"}}),
    ("tickets", {VISITOR}, "POST", "/tickets/{logged}/handoffs", BY_TOKEN | {
        "move": "take", "receiver": "{engineer}", "witness": "{registrar}"}),
    ("tickets", {VISITOR}, "POST", "/tickets/{returned}/check",
     BY_TOKEN | CHECK | {"sure": True}),
    ("tickets", {REGISTRAR}, "POST", "/tickets/{cancelling}/cancelling/agree", BY_TOKEN),
    ("tickets", {VISITOR, REGISTRAR}, "POST", "/tickets/{cancelling}/cancelling/withdraw", {}),
    ("tickets", {ENGINEER}, "POST", "/handoffs/{handoff_name}/accept", BY_TOKEN | SOON),
    ("tickets", {REGISTRAR}, "POST", "/handoffs/{half_name}/witness", BY_TOKEN),
    ("tickets", {ENGINEER}, "POST", "/handoffs/{handoff_name}/decline", {"reason": "Not mine"}),
    ("tickets", {VISITOR}, "POST", "/handoffs/{handoff_name}/withdraw", {}),
)


def screens() -> Iterator[Door]:
    """Every door of the screens."""
    for method, addresses in OPEN:
        yield from (Door(method, each, EVERYBODY, "open") for each in addresses)
    for roles, method, addresses in DOORS:
        yield from (Door(method, each, roles, "door") for each in addresses)
    for roles, method, address, sent in OWN:
        yield Door(method, address, roles, "own", sent=sent)
    for roles, address, sent in ACTS:
        yield Door("POST", address, roles, "act", sent=sent)


def programs() -> Iterator[Door]:
    """Every door of the API behind which a token is asked for."""
    for scope, roles, method, address, sent in PROGRAMS:
        yield Door(method, f"/api/v1{address}", roles, "act", scope, sent)
        if "signature" in sent:  # beside it, what the act would sign
            yield Door(method, f"/api/v1{address}/statements", roles, "act", scope,
                       {**sent, "signature": {"method": "passkey"}})
