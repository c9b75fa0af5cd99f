"""What a person has chosen to be told, and the page on which they choose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.db import atomic, db
from registry.core.errors import Forbidden, Refused
from registry.notices.choices import choose
from registry.notices.models import Kind, Notice, Rhythm
from registry.notices.queries import Choices, choices_of
from registry.people.models import Person
from tests.factories import NOW, House, a_person
from tests.ground.at_once import at_once
from tests.registry.notices.conftest import QUARTER, Told
from tests.registry.notices.test_stories import away, offered

ALL = frozenset(kind.value for kind in Kind)
MORNING = NOW.replace(hour=5, minute=0) + timedelta(days=1)  # Wednesday 08:00 in Moscow


def chosen(house: House, kinds: Any = ALL, rhythm: str = "working_hours") -> None:
    choose(house.engineer, kinds, rhythm, by=house.engineer, now=NOW)


def test_what_is_switched_off_is_not_told(house: House, told: Told, session: Session) -> None:
    chosen(house, ALL - {"offered"})
    offered(house)
    assert told(house.engineer) == []
    assert len(told(house.registrar)) == 1
    assert session.scalars(select(Notice).where(
        Notice.person_id == house.engineer.id)).one().left_out_at is not None


def test_everything_can_be_switched_off(house: House, told: Told) -> None:
    chosen(house, ())
    offered(house)
    assert choices_of([house.engineer])[house.engineer.id].wanted == frozenset()
    assert told(house.engineer) == []


def test_once_a_day_everything_comes_in_the_morning(house: House, told: Told) -> None:
    chosen(house, rhythm="morning")
    offered(house)
    offered(house, now=NOW + timedelta(hours=3))
    assert told(house.engineer, MORNING - timedelta(seconds=1)) == []
    [mail] = told(house.engineer, MORNING)
    assert mail.subject == "2 handoffs wait for your signature"


def test_an_offer_at_night_waits_for_the_working_day(house: House, told: Told) -> None:
    night = NOW + timedelta(hours=14)
    offered(house, now=night)
    assert told(house.engineer, night + QUARTER) == []
    assert told(house.engineer, MORNING) == []
    assert len(told(house.engineer, MORNING + timedelta(hours=1))) == 1


def test_who_wants_to_be_told_at_night_is(house: House, told: Told) -> None:
    chosen(house, rhythm="always")
    night = NOW + timedelta(hours=14)
    offered(house, now=night)
    assert len(told(house.engineer, night + QUARTER)) == 1


def test_a_new_rhythm_counts_for_what_waits_already(house: House, told: Told) -> None:
    chosen(house, rhythm="morning")
    offered(house)
    assert told(house.engineer) == []
    choose(house.engineer, ALL, "always", by=house.engineer, now=NOW + QUARTER)
    assert len(told(house.engineer)) == 1


def test_the_absent_person_chose_what_and_the_deputy_when(house: House, told: Told) -> None:
    away(house)
    choose(house.other_engineer, ALL - {"offered"}, "morning", by=house.other_engineer, now=NOW)
    offered(house)
    assert told(house.other_engineer) == []
    assert len(told(house.other_engineer, MORNING)) == 1


def test_nobody_chooses_for_another(house: House) -> None:
    with pytest.raises(Forbidden):
        choose(house.engineer, (), "always", by=house.administrator, now=NOW)


def test_words_that_name_nothing_are_refused_together(house: House) -> None:
    with pytest.raises(Refused) as refused:
        chosen(house, {"gossip"}, "never")
    assert [each.code for each in refused.value.reasons] == ["unknown_kind", "unknown_rhythm"]


def test_the_page_shows_and_keeps_the_choice(
    house: House, sign_in: Callable[..., Any], session: Session
) -> None:
    engineer = sign_in(house.engineer)
    assert "/account/mail" in engineer.get("/account").text
    page = engineer.get("/account/mail").text
    assert page.count("checked") == len(Kind)  # all kinds but "accepted", and the rhythm
    answer = engineer.post("/account/mail", data={"kinds": ["declined", "taken"],
                                                  "rhythm": "morning"})
    assert answer.status_code == 303
    kept = choices_of([house.engineer])[house.engineer.id]
    assert kept.wanted == {Kind.DECLINED, Kind.TAKEN}
    assert kept.rhythm is Rhythm.MORNING


def test_a_refused_choice_stays_as_it_was_ticked(
    house: House, sign_in: Callable[..., Any]
) -> None:
    answer = sign_in(house.engineer).post("/account/mail", data={"kinds": ["declined"]})
    assert answer.status_code == 422
    assert "Choose when you want the mails." in answer.text
    assert answer.text.count("checked") == 1


def test_of_a_double_click_both_are_kept(committed_app: Flask) -> None:
    with committed_app.app_context(), atomic():
        person_id = a_person().id

    def click() -> None:
        with atomic():
            person = db.session.get_one(Person, person_id)
            choose(person, ("declined",), "morning", by=person, now=NOW)

    with committed_app.app_context():
        assert at_once(committed_app, [click] * 4) == ["done"] * 4
        person = db.session.get_one(Person, person_id)
        assert choices_of([person])[person_id] == Choices(frozenset({Kind.DECLINED}),
                                                          Rhythm.MORNING)


def test_only_the_own_page_of_a_person_leads_there(
    house: House, sign_in: Callable[..., Any]
) -> None:
    page = sign_in(house.engineer).get(f"/people/{house.visitor.id}").text
    assert "/account/mail" not in page
