"""What is over goes in bounded batches, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.api.models import KeptAnswer
from registry.core import forgetting
from registry.core.forgetting import forget
from tests.factories import NOW, a_person


def test_rows_of_a_key_of_two_columns_go_batch_after_batch(
    session: Session, monkeypatch: pytest.MonkeyPatch,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    one, other = a_person(), a_person()
    for person in (one, other):
        session.add_all(KeptAnswer(person_id=person.id, key=key, digest="", status=200, at=NOW,
                                   body="", headers="[]") for key in "abcde")
    session.commit()
    with count_queries() as queries:
        forget(KeptAnswer, KeptAnswer.person_id == one.id, KeptAnswer.key != "c")
    assert len([each for each in queries if each.startswith("DELETE")]) == 2
    left = session.execute(select(KeptAnswer.person_id, KeptAnswer.key)).all()
    assert set(left) == {(one.id, "c"), *((other.id, key) for key in "abcde")}
