"""Sessions: begun, used, ended by the person, by an administrator, by time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from registry.core.errors import Forbidden, Reason, Refused
from registry.people.models import Person, Role, SignInSession
from registry.people.proof import Proof
from registry.people.queries import sessions_of
from registry.people.sessions import (
    LASTS,
    REFRESHED_AFTER,
    end_session,
    end_sessions,
    open_session,
    refresh,
    session_in_force,
    sign_in,
    sign_out,
)
from tests.factories import NOW, a_person

A_SECOND = timedelta(seconds=1)


def opened(person: Person) -> SignInSession:
    return open_session(person, address="10.0.0.1", device="Chrome, Linux", now=NOW)


def test_a_proof_begins_a_session(session: Session) -> None:
    person = a_person()
    begun = sign_in(Proof(person.id, "password", NOW, ""), address="10.0.0.1", device="Firefox",
                    now=NOW)
    assert begun.person is person
    assert len(begun.id) >= 40
    assert sessions_of(person, now=NOW) == [begun]


def test_without_a_proof_the_reason_is_told(session: Session) -> None:
    with pytest.raises(Refused, match="Wait"):
        sign_in(Reason("too_many_attempts", "Wait."), address="", device="", now=NOW)


def test_who_has_left_gets_no_session(session: Session) -> None:
    with pytest.raises(Refused):
        opened(a_person(is_active=False))


def test_a_session_is_over_when_its_time_is(session: Session) -> None:
    begun = opened(a_person())
    assert session_in_force(begun.id, now=NOW + LASTS - A_SECOND) is begun
    assert session_in_force(begun.id, now=NOW + LASTS) is None
    assert session_in_force("unknown", now=NOW) is None


def test_use_lengthens_a_session_and_is_written_down_now_and_then(session: Session) -> None:
    begun = opened(a_person())
    refresh(begun.id, address="10.0.0.2", now=NOW + REFRESHED_AFTER - A_SECOND)
    assert begun.seen_at == NOW
    later = NOW + REFRESHED_AFTER
    refresh(begun.id, address="10.0.0.2", now=later)
    assert (begun.seen_at, begun.expires_at, begun.address) == (later, later + LASTS, "10.0.0.2")


def test_signing_out_ends_this_session_only(session: Session) -> None:
    person = a_person()
    here, there = opened(person), opened(person)
    sign_out(here.id, now=NOW)
    assert sessions_of(person, now=NOW) == [there]
    sign_out(here.id, now=NOW + A_SECOND)
    assert here.ended_at == NOW


def test_a_session_is_ended_by_its_person_or_an_administrator(session: Session) -> None:
    person = a_person()
    own, other = opened(person), opened(person)
    with pytest.raises(Forbidden):
        end_session(own, by=a_person(Role.LEAD), now=NOW)
    end_session(own, by=person, now=NOW)
    end_session(other, by=a_person(Role.ADMINISTRATOR), now=NOW)
    assert sessions_of(person, now=NOW) == []


def test_all_sessions_but_one_are_ended_and_those_of_others_stay(session: Session) -> None:
    person, other = a_person(), a_person()
    kept, noise = opened(person), opened(other)
    opened(person)
    end_sessions(person, but=kept.id, now=NOW)
    assert sessions_of(person, now=NOW) == [kept]
    assert sessions_of(other, now=NOW) == [noise]
