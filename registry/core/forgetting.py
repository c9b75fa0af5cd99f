"""Rows that are kept for a time only: how they go. When they are over is said by their areas."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_

from registry.core.db import atomic, db, only_reading
from registry.core.model import Base

BATCH = 500


def forget(model: type[Base], *over: ColumnElement[bool]) -> None:
    """Delete all rows of which all of ``over`` is so: batch after batch, each in a transaction of
    its own, so that nobody waits behind it. It looks first, for most times find nothing, and
    looking takes no write lock.
    """
    columns = inspect(model).primary_key
    key: ColumnElement[Any] = columns[0] if len(columns) == 1 else tuple_(*columns)
    while True:
        with only_reading():
            found = db.session.execute(select(*columns).where(*over).limit(BATCH)).all()
        if not found:
            return
        keys = [each[0] if len(columns) == 1 else tuple(each) for each in found]
        with atomic():
            db.session.execute(delete(model).where(key.in_(keys)),
                               execution_options={"synchronize_session": False})
