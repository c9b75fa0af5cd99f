"""A word that most tickets have is looked for by walking the list, a rare one by the index; both
find the same, newest first, and what is found is counted to a bound."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.db import db
from registry.tickets import registry_queries, search
from registry.tickets.filters import Filters
from registry.tickets.models import Ticket
from registry.tickets.registry_queries import count_matching, most_counted, registry_page
from registry.tickets.search import is_common, is_indexed, is_walked, stem
from registry.tickets.state_names import state_names
from tests.factories import NOW, House, a_ticket

QUERIES = (["медленно"], ["медл"], ["line"], ["line", "медленно"], ["медленно", "1"], ["линия"],
           ["нет"], ["ая"], ["ine"])


@pytest.fixture
def house(session: Session, monkeypatch: pytest.MonkeyPatch) -> House:
    """Thirty tickets, six kinds of words; what one ticket in three has is common."""
    monkeypatch.setattr(search, "LOOKED_AT", 12)
    monkeypatch.setattr(search, "COMMON", 4)
    house = House()
    for number in range(10):
        a_ticket(house, summary=f"Линия: медленно {number}", opinion_words="")
        a_ticket(house, summary="Медленно, slow line", opinion_words="")
        a_ticket(house, summary="Обрывы", opinion_words="")
    return house


def numbers(condition: object) -> list[int]:
    query = select(Ticket.number).where(condition).order_by(Ticket.number)  # type: ignore[arg-type]
    return list(db.session.scalars(query))


@pytest.mark.parametrize("words", QUERIES, ids=" ".join)
def test_both_roads_find_the_same(house: House, words: list[str]) -> None:
    stems = [stem(word) for word in words]
    assert numbers(is_walked(stems)) == numbers(is_indexed(stems))


def test_the_newest_tickets_tell_which_words_are_common(house: House) -> None:
    assert is_common([stem("медленно")])
    assert not is_common([stem("медленно"), "7"])
    assert not is_common([stem("нет")])
    for _ in range(12):
        a_ticket(house, summary="Обрывы")
    assert not is_common([stem("медленно")])


def test_a_common_word_fills_the_page_newest_first(house: House) -> None:
    page = registry_page(Filters(q="медленно"), None, state_names(), me=house.visitor, now=NOW,
                         size=5)
    expected = numbers(is_indexed([stem("медленно")]))[::-1]
    assert [row.number for row in page.rows] == expected[:5]
    following = registry_page(Filters(q="медленно"), page.following, state_names(),
                              me=house.visitor, now=NOW, size=5)
    assert [row.number for row in following.rows] == expected[5:10]


def test_what_a_search_finds_is_counted_to_its_own_bound(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_queries, "MOST_FOUND", 3)
    names = state_names()
    assert count_matching(Filters(q="медленно"), names, me=house.visitor, now=NOW) == 4
    assert most_counted(Filters(q="медленно")) == 3
    assert count_matching(Filters(), names, me=house.visitor, now=NOW) == 30


def test_postgresql_is_told_that_most_tickets_have_a_common_word(
    house: House, session: Session
) -> None:
    """Else it believes in one of two hundred, expects to read a large registry for the first
    page, and compiles the query for longer than it takes."""
    query = select(Ticket.number).where(is_walked([stem("медленно")]))
    if db.engine.dialect.name == "sqlite":
        assert len(numbers(is_walked([stem("медленно")]))) == 20  # it makes no such guess
        return
    session.connection().exec_driver_sql("ANALYZE ticket")
    compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    (plan,) = session.connection().exec_driver_sql(
        f"EXPLAIN (FORMAT JSON) {compiled}".replace("%%", "%")).scalar_one()
    assert plan["Plan"]["Plan Rows"] > 15
