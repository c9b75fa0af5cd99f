"""Who may do what: every permission by name, mapped to a small predicate, on one page.

What a person may do with *one ticket* (offer, accept, return, close …) is decided by the
ticket's lifecycle: relation to the ticket and role (workflows/definitions). This table
decides the rest: which pages and verbs a role has at all.
"""

from __future__ import annotations

from collections.abc import Callable

from registry.core.errors import Forbidden
from registry.core.words import N_
from registry.people.models import Person, Role

Predicate = Callable[[Person], bool]

VISITOR, ENGINEER, REGISTRAR, DEPUTY = Role.VISITOR, Role.ENGINEER, Role.REGISTRAR, Role.DEPUTY
LEAD, HEAD_OF_SALES = Role.LEAD, Role.HEAD_OF_SALES
DIRECTOR, ADMINISTRATOR = Role.COMMERCIAL_DIRECTOR, Role.ADMINISTRATOR


def anyone(person: Person) -> bool:
    """Everybody who works here and may sign in."""
    return person.is_active


def has(*roles: Role) -> Predicate:
    """Whoever has at least one of the roles."""
    return lambda person: person.is_active and not person.roles.isdisjoint(roles)


PERMISSIONS: dict[str, Predicate] = {
    # the registry is open to all who work here (the domain, 1.4)
    "see_registry": anyone,
    "see_clients": anyone,
    "see_ledger": anyone,
    "see_people": anyone,
    # tickets
    "log_ticket": has(VISITOR, LEAD, HEAD_OF_SALES, REGISTRAR, DEPUTY),
    "attach_file": anyone,
    "take_evidence": has(DIRECTOR, HEAD_OF_SALES, LEAD, DEPUTY, REGISTRAR, ADMINISTRATOR),
    "build_sheet_for_others": has(REGISTRAR, DEPUTY, LEAD, HEAD_OF_SALES),
    "name_successor": has(ADMINISTRATOR, REGISTRAR, DEPUTY, LEAD),
    # clients
    "manage_clients": has(VISITOR, LEAD, HEAD_OF_SALES, DEPUTY, ADMINISTRATOR),
    "import_clients": has(LEAD, HEAD_OF_SALES, ADMINISTRATOR),
    "manage_criteria": has(LEAD, DEPUTY, ADMINISTRATOR),
    # reports
    "see_reports": has(DIRECTOR, HEAD_OF_SALES, LEAD, DEPUTY, REGISTRAR, ADMINISTRATOR),
    "receive_daily_report": has(DIRECTOR, HEAD_OF_SALES, LEAD),
    # running the installation
    "manage_people": has(ADMINISTRATOR),
    "manage_signature_rules": has(ADMINISTRATOR),
    "erase_personal_data": has(ADMINISTRATOR),
    "manage_absences": has(ADMINISTRATOR, REGISTRAR, DEPUTY, LEAD, HEAD_OF_SALES),
    "manage_calendar": has(ADMINISTRATOR, DEPUTY),
    "manage_lifecycles": has(ADMINISTRATOR),
    "see_mail": has(ADMINISTRATOR, DEPUTY),
    "manage_webhooks": has(ADMINISTRATOR),
    "see_event_imports": has(ADMINISTRATOR, DEPUTY),
}

REFUSALS = {
    "log_ticket": N_("Tickets are logged by visitors, the programme lead, the head of sales, the "
                     "chief engineer and the deputy technical director."),
    "manage_people": N_("Only an administrator manages people."),
}


def may(person: Person, permission: str) -> bool:
    """Whether the person has the permission. Raises KeyError for an unknown name."""
    return PERMISSIONS[permission](person)


def require(person: Person, permission: str) -> None:
    """Raise Forbidden unless the person has the permission."""
    if not may(person, permission):
        raise Forbidden(REFUSALS.get(permission, N_("Your role does not allow this.")))


def require_of(by: Person | None, permission: str) -> None:
    """``require`` for verbs that the operator of the installation may call too: ``by`` is None at
    the command line, where whoever can read the registry's files needs no role."""
    if by is not None:
        require(by, permission)
