"""What a page leaves behind keeps nobody from reading it where the database takes no writing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import InternalError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from registry.core.db import noted, reading
from registry.people import gate
from registry.people.models import SignInSession
from registry.people.sessions import REFRESHED_AFTER
from tests.factories import a_person


class Said(Exception):
    """What a driver raises."""

    sqlstate = "25006"  # the server is a standby now


def fails(error: Exception) -> Callable[..., None]:
    def write(*_args: Any, **_named: Any) -> None:
        raise error

    return write


STANDBY = InternalError("x", None, Said("cannot execute UPDATE in a read-only transaction"))
BUSY = OperationalError("x", None, Exception("database is locked"))


@pytest.mark.parametrize("error", [STANDBY, BUSY])
def test_where_the_database_takes_no_writing_nothing_is_noted(
    session: Session, error: Exception
) -> None:
    token = reading.set(True)
    noted(fails(error))
    assert reading.get()
    reading.reset(token)


def test_a_fault_of_ours_is_not_hidden(session: Session) -> None:
    with pytest.raises(ProgrammingError):
        noted(fails(ProgrammingError("x", None, Exception("no such column"))))


def test_a_standby_still_gives_pages(
    session: Session, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "refresh", fails(STANDBY))
    browser = sign_in(a_person())
    standing = session.query(SignInSession).one()
    standing.seen_at -= REFRESHED_AFTER
    session.commit()
    assert browser.get("/account").status_code == 200
