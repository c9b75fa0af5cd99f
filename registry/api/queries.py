"""What the API reads beyond the screens: handoffs by public name, sites, tokens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from registry.api.models import ApiToken
from registry.clients.models import Site
from registry.core.db import db
from registry.people.models import Person
from registry.tickets.handoff_models import Handoff
from registry.tickets.ticket_queries import handoff_of


def handoff_named(name: str) -> Handoff | None:
    """The handoff of a public name ("1042-3"), as ``shown.handoff_id`` gives it."""
    number, _, seq = name.partition("-")
    return handoff_of(int(number), int(seq))


def sites_page(client_id: int | None, after: int, size: int) -> Sequence[Site]:
    """Sites in use by id; one more than ``size`` where there are further ones."""
    query = select(Site).where(Site.is_active, Site.id > after).order_by(Site.id).limit(size + 1)
    if client_id is not None:
        query = query.where(Site.client_id == client_id)
    return db.session.scalars(query).all()


def tokens_of(person: Person | None) -> Sequence[ApiToken]:
    """The tokens of a person, or of everybody, the newest first; revoked ones too."""
    query = select(ApiToken).order_by(ApiToken.id.desc())
    if person is not None:
        query = query.where(ApiToken.person_id == person.id)
    return db.session.scalars(query).all()


def token_by_id(token_id: int) -> ApiToken | None:
    """The token of that number."""
    return db.session.get(ApiToken, token_id)
