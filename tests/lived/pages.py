"""Every page of the product: its addresses in the lived registry, and who looks at it.

An address that is not here is found by the tests (test_every_page.py), so nobody adds a page that
nobody looks at. ``FILES`` are answers that are no pages; ``PARTS`` are pieces that a script
puts into one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registry.people.models import Role

VISITOR, ENGINEER, REGISTRAR, DEPUTY = Role.VISITOR, Role.ENGINEER, Role.REGISTRAR, Role.DEPUTY
LEAD, DIRECTOR, ADMINISTRATOR = Role.LEAD, Role.COMMERCIAL_DIRECTOR, Role.ADMINISTRATOR


@dataclass(frozen=True)
class Look:
    """One page as one person sees it; ``address`` names its places in braces."""

    endpoint: str
    address: str
    role: Role | None
    status: int = 200


# endpoint: (role, address, address …), once or several times
PAGES: dict[str, tuple[tuple[Role | None, str, *tuple[str, ...]], ...]] = {
    "people.sign_in": ((None, "/sign-in"),),
    # the visitor's day
    "tickets.desk": tuple((role, "/") for role in Role),
    "tickets.new": ((VISITOR, "/tickets/new", "/tickets/new?client_name=zzz",
                     "/tickets/new?client={client}"),),
    "tickets.show": (
        (VISITOR, "/tickets/{offered}", "/tickets/{closed}", "/tickets/{cancelling}",
         "/tickets/{returned}", "/tickets/{not_gone}"),
        (ENGINEER, "/tickets/{in_fix}", "/tickets/{on_hold}", "/tickets/{offered}"),
        (DIRECTOR, "/tickets/{logged}"), (DEPUTY, "/tickets/{accepted}")),
    "callbacks.index": ((VISITOR, "/call-backs"), (LEAD, "/call-backs", "/call-backs?of=all")),
    "callbacks.check": ((VISITOR, "/tickets/{returned}/check"),
                        (DIRECTOR, "/tickets/{returned}/check")),
    # acts on one ticket
    "tickets.act": (
        (VISITOR, "/tickets/{logged}/moves/take",
         "/tickets/{logged}/moves/take?receiver={engineer}&witness={registrar}",
         "/tickets/{logged}/moves/cancel"),
        (ENGINEER, "/tickets/{in_fix}/moves/return?witness={registrar}",
         "/tickets/{in_fix}/moves/hold", "/tickets/{in_fix}/moves/pass_on",
         "/tickets/{accepted}/moves/start", "/tickets/{on_hold}/moves/resume"),
        (DEPUTY, "/tickets/{in_fix}/moves/take_by_authority?receiver={registrar}")),
    "tickets.together": (
        (VISITOR, "/tickets/{logged}/together/take",
         "/tickets/{logged}/together/take?receiver={engineer}&witness={registrar}"),),
    "tickets.sign_together": (
        (VISITOR, "/handoffs/{handoff}/together", "/handoffs/{declined}/together"),
        (ENGINEER, "/handoffs/{half}/together"), (DIRECTOR, "/handoffs/{half}/together"),
        (REGISTRAR, "/handoffs/{half}/together")),
    "tickets.accept": ((ENGINEER, "/handoffs/{handoff}/accept"),),
    "tickets.decline": ((ENGINEER, "/handoffs/{handoff}/decline"),),
    "tickets.withdraw": ((VISITOR, "/handoffs/{handoff}/withdraw"),),
    "tickets.witness": ((REGISTRAR, "/handoffs/{half}/witness", "/handoffs/{handoff}/witness"),),
    "tickets.agree": ((REGISTRAR, "/joint/{joint}/agree"),),
    "tickets.promise": ((ENGINEER, "/tickets/{in_fix}/promise"),),
    "tickets.attach": ((ENGINEER, "/tickets/{in_fix}/files"),),
    "tickets.sheet": ((ENGINEER, "/sheets/{sheet}"), (REGISTRAR, "/sheets/{sheet}"),
                      (DIRECTOR, "/sheets/{sheet}")),
    "tickets.sheet_new": (
        (ENGINEER, "/sheets/new", "/sheets/new?receiver={colleague}&purpose=absence"),
        (LEAD, "/sheets/new?giver={engineer}&purpose=departure")),
    # the registry and its history
    "tickets.registry": (
        (REGISTRAR, "/tickets", "/tickets?show=all&sort=promise", "/tickets?late=1",
         "/tickets?q=zzz"), (VISITOR, "/tickets?mine=1")),
    "tickets.chain": ((DIRECTOR, "/tickets/{closed}/ledger"), (ENGINEER,
                                                               "/tickets/{in_fix}/ledger")),
    "tickets.lifecycles": ((ADMINISTRATOR, "/lifecycles"), (VISITOR, "/lifecycles"),
                           (ENGINEER, "/lifecycles?here={in_fix}")),
    "tickets.lifecycle": ((ADMINISTRATOR, "/lifecycles/{lifecycle}"),),
    # papers
    "documents.index": ((VISITOR, "/documents"),),
    "evidence.check": ((None, "/evidence/check"),),
    "documents.show": ((REGISTRAR, "/documents/{document}"), (VISITOR, "/documents/{document}")),
    # clients
    "clients.index": ((VISITOR, "/clients", "/clients?q=zzz"), (DIRECTOR, "/clients")),
    "clients.show": ((VISITOR, "/clients/{client}"), (ENGINEER, "/clients/{client}")),
    "clients.new": ((LEAD, "/clients/new"),),
    "clients.edit": ((LEAD, "/clients/{client}/edit"),),
    "clients.persons": ((LEAD, "/clients/{client}/persons"),),
    "clients.new_contact": ((LEAD, "/clients/{client}/contacts/new"),),
    "clients.edit_contact": ((LEAD, "/clients/contacts/{contact}"),),
    "clients.new_site": ((LEAD, "/clients/{client}/sites/new"),),
    "clients.sites": ((LEAD, "/clients/sites"), (ENGINEER, "/clients/sites")),
    "clients.site": ((LEAD, "/clients/sites/{site}", "/clients/sites/{node}"),),
    "clients.edit_site": ((LEAD, "/clients/sites/{site}/edit", "/clients/sites/{node}/edit"),),
    "clients.new_node": ((LEAD, "/clients/sites/new"),),
    "clients.criteria": ((LEAD, "/clients/criteria"), (ENGINEER, "/clients/criteria")),
    "clients.edit_criterion": ((LEAD, "/clients/criteria/{criterion}"),),
    "clients.new_criterion": ((LEAD, "/clients/criteria/new"),),
    "clients.import_": ((LEAD, "/clients/import"),),
    "clients.import_report": ((LEAD, "/clients/import/{import}"),),
    # people
    "people.account": ((VISITOR, "/account"), (ENGINEER, "/account"), (DIRECTOR, "/account")),
    "people.change_password": ((VISITOR, "/account/password"),),
    "people.declaration": ((DIRECTOR, "/account/declaration"),
                           (VISITOR, "/account/declaration")),
    "people.new_passkey": ((VISITOR, "/account/passkeys/new"),),
    "people.revoke_passkey": ((ENGINEER, "/passkeys/{passkey}/revoke"),
                              (ADMINISTRATOR, "/passkeys/{passkey}/revoke")),
    "people.passkey_history": ((ENGINEER, "/people/{engineer}/passkeys"),
                               (ADMINISTRATOR, "/people/{engineer}/passkeys")),
    "notices.choices": ((VISITOR, "/account/mail"),),
    "people.index": ((ADMINISTRATOR, "/people", "/people?left=1"), (VISITOR, "/people")),
    "people.show": ((ADMINISTRATOR, "/people/{engineer}", "/people/{left}"),
                    (VISITOR, "/people/{engineer}")),
    "people.new": ((ADMINISTRATOR, "/people/new"),),
    "people.edit": ((ADMINISTRATOR, "/people/{engineer}/edit"),),
    "people.absence": ((ADMINISTRATOR, "/people/{engineer}/absence"),),
    "people.depart": ((ADMINISTRATOR, "/people/{engineer}/leave", "/people/{director}/leave"),),
    "tickets.successor": ((LEAD, "/people/{engineer}/successor", "/people/{visitor}/successor"),),
    "people.departments": ((ADMINISTRATOR, "/departments"),),
    "people.department": ((ADMINISTRATOR, "/departments/{department}"),),
    "people.attempts": ((ADMINISTRATOR, "/people/attempts"),),
    # reports and mail
    "reports.index": ((DIRECTOR, "/reports"), (ADMINISTRATOR, "/reports")),
    "reports.daily": ((DIRECTOR, "/reports/daily/{day}", "/reports/daily/{earlier}"),
                      (LEAD, "/reports/daily/{day}?for=lead")),
    "reports.list_": ((DIRECTOR, "/reports/daily/{day}/new", "/reports/daily/{day}/open",
                       "/reports/daily/{day}/broken"),),
    "reports.mail": ((ADMINISTRATOR, "/reports/mail", "/reports/mail?state=refused"),),
    "reports.message": ((ADMINISTRATOR, "/reports/mail/{mail}"),),
    "reports.jobs": ((ADMINISTRATOR, "/reports/jobs"),),
    # programs
    "tokens.mine": ((VISITOR, "/account/tokens"),),
    "tokens.of_person": ((ADMINISTRATOR, "/people/{engineer}/tokens"),),
    "api.reference": ((ENGINEER, "/api/v1/"),),
    "webhooks.index": ((ADMINISTRATOR, "/settings/webhooks"),),
    "webhooks.new": ((ADMINISTRATOR, "/settings/webhooks/new"),),
    "webhooks.show": ((ADMINISTRATOR, "/settings/webhooks/{endpoint}",
                       "/settings/webhooks/{endpoint}?state=given_up"),),
    "webhooks.edit": ((ADMINISTRATOR, "/settings/webhooks/{endpoint}/edit"),),
    # the installation
    "admin.index": ((ADMINISTRATOR, "/settings"), (VISITOR, "/settings")),
    "admin.imports": ((ADMINISTRATOR, "/settings/imports"), (DEPUTY, "/settings/imports")),
    "admin.import_faults": ((ADMINISTRATOR, "/settings/imports/{run}"),),
    "admin.signatures": ((ADMINISTRATOR, "/settings/signatures"),),
    "admin.erased": ((ADMINISTRATOR, "/settings/erased"),),
    "admin.erase": ((ADMINISTRATOR, "/settings/erase/person/{left}",
                     "/settings/erase/person/{engineer}", "/settings/erase/client/{client}",
                     "/settings/erase/contact/{contact}"),),
    "admin.calendar": ((ADMINISTRATOR, "/settings/calendar"), (VISITOR, "/settings/calendar")),
}

FILES = frozenset({"static", "assets.asset", "tickets.attachment", "tickets.export",
                   "clients.import_template",
                   "api.openapi", "reports.message_file", "admin.healthz", "admin.readyz",
                   "admin.metrics", "evidence.program", "documents.blank"})
PARTS = frozenset({"tickets.suggest_names", "tickets.signed", "tickets.sheet_signed"})
# The HTML part of a mail stands alone: test_the_mail_stands_alone looks at it.
MAILS = frozenset({"reports.message_html"})

# Pages that say why not; (role, address, status).
ERRORS: tuple[tuple[Role, str, int], ...] = (
    (VISITOR, "/nowhere", 404), (VISITOR, "/tickets/999999", 404),
    (VISITOR, "/tickets?age=x", 422), (VISITOR, "/reports", 403),
    (ENGINEER, "/handoffs/{declined}/accept", 409), (ENGINEER, "/documents/00000000", 404),
)

# Forms sent as they stand, which is not enough: refused with all reasons beside the fields.
UNFINISHED: tuple[tuple[Role | None, str], ...] = (
    (None, "/sign-in"),
    (VISITOR, "/tickets/new?client={client}"), (VISITOR, "/tickets/{returned}/check"),
    (VISITOR, "/tickets/{logged}/moves/take?receiver={engineer}&witness={registrar}"),
    (VISITOR, "/tickets/{logged}/moves/cancel"),
    (VISITOR, "/tickets/{logged}/together/take?receiver={engineer}&witness={registrar}"),
    (VISITOR, "/account/password"), (VISITOR, "/documents"),
    (ENGINEER, "/passkeys/{passkey}/revoke"),
    (ENGINEER, "/handoffs/{handoff}/accept"), (ENGINEER, "/handoffs/{handoff}/decline"),
    (ENGINEER, "/tickets/{in_fix}/moves/hold"), (ENGINEER, "/tickets/{in_fix}/promise"),
    (ENGINEER, "/tickets/{in_fix}/moves/return?witness={registrar}"),
    (ENGINEER, "/tickets/{in_fix}/files"), (ENGINEER, "/sheets/{sheet}"),
    (ENGINEER, "/sheets/new?receiver={colleague}&purpose=absence"),
    (REGISTRAR, "/handoffs/{half}/witness"), (REGISTRAR, "/joint/{joint}/agree"),
    (LEAD, "/clients/new"), (LEAD, "/clients/{client}/contacts/new"),
    (LEAD, "/clients/{client}/sites/new"), (LEAD, "/clients/criteria/new"),
    (LEAD, "/clients/import"), (LEAD, "/clients/sites/new"),
    (ADMINISTRATOR, "/people/new"), (ADMINISTRATOR, "/people/{engineer}/absence"),
    (ADMINISTRATOR, "/departments"), (ADMINISTRATOR, "/settings/calendar"),
    (ADMINISTRATOR, "/settings/webhooks/new"), (ADMINISTRATOR, "/settings/webhooks/{endpoint}"),
)


def looks() -> Iterator[Look]:
    """Every page, ordered by who looks at it, so that few have to sign in."""
    every = [Look(endpoint, address, role)
             for endpoint, groups in PAGES.items() for role, *addresses in groups
             for address in addresses]
    every += [Look("", address, role, status) for role, address, status in ERRORS]
    return iter(sorted(every, key=lambda look: look.role or ""))
