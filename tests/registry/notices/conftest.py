"""A house whose mails can be looked at: what the worker would have made by a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.models import Message
from registry.notices.telling import KIND, tell_all_due
from registry.people.models import Person
from tests.factories import NOW

QUARTER = timedelta(minutes=15)
Told = Callable[..., list[Message]]


@pytest.fixture
def told(session: Session) -> Told:
    """Make what is due at a moment, then give the mails to a person, the oldest first."""

    def told(person: Person | None, at: datetime = NOW + QUARTER) -> list[Message]:
        session.commit()
        tell_all_due(now=at)
        query = select(Message).where(Message.kind == KIND).order_by(Message.id)
        if person is not None:
            query = query.where(Message.recipient == person.email)
        return list(session.scalars(query))

    return told
