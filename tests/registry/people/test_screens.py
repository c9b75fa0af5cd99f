"""The pages of people, of departments and of my account, as their readers use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.core.db import db
from registry.core.errors import Reason
from registry.core.times import utc_now
from registry.people import EXTRAS, add_to_person_card, rules
from registry.people.absences import deputy_of
from registry.people.models import Absence, Department, Person, Role
from registry.people.passwords import is_password_of
from registry.people.queries import department_by_name, person_by_login, sessions_of
from registry.people.sessions import open_session
from tests.factories import House, a_department, a_person

Count = Callable[[], AbstractContextManager[list[str]]]
SignIn = Callable[[Person], Any]


@pytest.fixture
def admin(house: House, sign_in: SignIn) -> Any:
    return sign_in(house.administrator)


NEW = {"name": "Boris Lisov", "login": "lisov", "email": "lisov@example.org", "phone": "12",
       "language": "ru", "department": "", "roles": ["engineer", "registrar"]}


def shown_secret(page: str) -> str:
    found = re.search(r"<blockquote[^>]*>([^<]+)</blockquote>", page)
    assert found is not None
    return found.group(1)


def test_a_person_is_taken_on_and_the_password_is_shown_once(admin: Any, house: House) -> None:
    answer = admin.post("/people/new", data=NEW | {"department": str(house.tech.id)})
    person = person_by_login("lisov")
    assert person is not None
    assert person.roles == {Role.ENGINEER, Role.REGISTRAR}
    assert person.department is house.tech
    secret = shown_secret(answer.text)
    assert is_password_of(person, secret)
    assert answer.headers["Cache-Control"] == "no-store"
    assert secret not in admin.get(f"/people/{person.id}").text


def test_a_refused_form_loses_nothing_and_says_all_reasons(admin: Any, house: House) -> None:
    answer = admin.post("/people/new", data=NEW | {
        "login": house.engineer.login, "name": "", "email": "no address",
        "department": str(house.sales.id)})
    assert answer.status_code == 422
    for sentence in ("Give the person&#39;s name.", "already. Choose another.",
                     "Give an e-mail address"):
        assert sentence in answer.text
    assert 'value="no address"' in answer.text
    assert f'<option selected value="{house.sales.id}">' in answer.text
    assert re.search(r'<input[^>]*checked[^>]*value="registrar"', answer.text)


def test_what_nobody_offered_is_not_taken(admin: Any, house: House) -> None:
    answer = admin.post("/people/new", data=NEW | {
        "department": "9" * 40, "roles": ["engineer", "emperor"]})
    assert answer.status_code == 200
    person = person_by_login("lisov")
    assert person is not None
    assert (person.department, person.roles) == (None, {Role.ENGINEER})


def test_a_person_is_changed(admin: Any, house: House) -> None:
    address = f"/people/{house.engineer.id}/edit"
    page = admin.get(address).text
    assert 'value="Pavel Orlov"' in page
    answer = admin.post(address, data=NEW | {"name": "Pavel Orlov jr"})
    assert (answer.status_code, answer.location) == (303, f"/people/{house.engineer.id}")
    assert house.engineer.name == "Pavel Orlov jr"
    assert "Kept." in admin.get(answer.location).text


def test_a_new_one_time_password_ends_the_sessions(
    admin: Any, house: House, sign_in: SignIn
) -> None:
    engineer = sign_in(house.engineer)
    answer = admin.post(f"/people/{house.engineer.id}/password")
    assert is_password_of(house.engineer, shown_secret(answer.text))
    assert engineer.get("/account").status_code == 303


def test_leaving_says_first_what_stands_against_it(
    admin: Any, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/people/{house.engineer.id}/leave"
    monkeypatch.setattr(rules, "_departure_checks", [
        lambda person: [Reason("tickets_in_hand", "Hand 3 tickets over first.")]])
    assert "Hand 3 tickets over first." in admin.get(address).text
    refused = admin.post(address)
    assert refused.status_code == 422
    assert "Hand 3 tickets over first." in refused.text
    monkeypatch.setattr(rules, "_departure_checks", [])
    assert "does not work here any more" in admin.get(address).text
    assert admin.post(address).status_code == 303
    assert not house.engineer.is_active
    assert "Does not work here any more" in admin.get(f"/people/{house.engineer.id}").text
    back = admin.post(f"/people/{house.engineer.id}/return")
    assert is_password_of(house.engineer, shown_secret(back.text))


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/people/new"), ("POST", "/people/new"), ("GET", "/people/{id}/edit"),
    ("POST", "/people/{id}/edit"), ("POST", "/people/{id}/password"),
    ("GET", "/people/{id}/leave"), ("POST", "/people/{id}/leave"),
    ("POST", "/people/{id}/return"), ("GET", "/people/attempts"), ("POST", "/departments"),
    ("GET", "/departments/{dep}"), ("POST", "/departments/{dep}"),
    ("POST", "/departments/{dep}/close"), ("POST", "/departments/{dep}/reopen"),
])
def test_what_administrators_do_is_forbidden_to_others(
    house: House, sign_in: SignIn, method: str, path: str
) -> None:
    path = path.format(id=house.engineer.id, dep=house.sales.id)
    answer = sign_in(house.deputy).open(path, method=method, data={"name": "x"})
    assert answer.status_code == 403


def test_everybody_sees_who_works_here_but_not_how_they_sign_in(
    house: House, sign_in: SignIn
) -> None:
    client = sign_in(house.visitor)
    page = client.get("/people").text
    assert "Oleg Chernov" in page
    assert "/people/new" not in page
    page = client.get(f"/people/{house.registrar.id}").text
    assert "chief engineer" in page
    for word in ("/edit", "/password", "Last attempts", "Signed in"):
        assert word not in page
    assert client.get("/people/999999").status_code == 404
    assert client.get(f"/people/{10**30}").status_code == 404


def test_the_list_of_people_is_filtered_and_paged(
    admin: Any, house: House, session: Session
) -> None:
    assert "Pavel Orlov" in admin.get("/people?role=engineer").text
    assert "Anna Kim" not in admin.get("/people?role=engineer").text
    assert "Anna Kim" in admin.get(f"/people?department={house.sales.id}&words=kim").text
    assert "Nobody is found" in admin.get("/people?words=nobody+at+all").text
    assert "Pavel Orlov" in admin.get("/people?role=emperor&department=x&after=y").text
    assert "Pavel Orlov" in admin.get(f"/people?after={10**30}").text
    for number in range(60):
        a_person(Role.LEAD, name=f"Lead {number:02}")
    first = admin.get("/people?role=lead").text
    further = re.search(r'rel="next" href="([^"]+)"', first)
    assert further is not None
    second = admin.get(further.group(1).replace("&amp;", "&")).text
    shown = [re.findall(r"Lead \d\d", page) for page in (first, second)]
    assert sorted({*shown[0], *shown[1]}) == [f"Lead {number:02}" for number in range(60)]
    assert not set(shown[0]) & set(shown[1])
    assert 'rel="prev"' in second


def test_the_list_of_people_costs_the_same_for_many(
    admin: Any, house: House, count_queries: Count
) -> None:
    with count_queries() as few:
        admin.get("/people")
    for _ in range(30):
        person = a_person(department_id=a_department().id)
        session_of(person)
    with count_queries() as many:
        admin.get("/people")
    # Who comes, departments, people with their roles 2, who is away, how many are here.
    assert len(few) == len(many) == 6, many


def session_of(person: Person) -> str:
    return open_session(person, address="10.1.1.1", device="Firefox, Windows", now=utc_now()).id


def test_the_page_of_a_person_is_pinned(admin: Any, house: House, count_queries: Count) -> None:
    session_of(house.engineer)
    with count_queries() as queries:
        assert admin.get(f"/people/{house.engineer.id}").status_code == 200
    # Who comes, the person with their roles 2, away and standing in 2, sessions, passkeys and
    # attempts 3, what the tickets add 1.
    assert len(queries) == 10, queries


def test_my_account_keeps_telephone_and_language(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.engineer)
    answer = client.post("/account", data={"phone": "+7 495 1", "language": "ru"})
    assert (answer.status_code, answer.location) == (303, "/account")
    assert (house.engineer.phone, house.engineer.language) == ("+7 495 1", "ru")
    assert 'lang="ru"' in client.get("/account").text
    refused = client.post("/account", data={"phone": "1" * 300, "language": "xx"})
    assert refused.status_code == 422
    assert "1" * 300 in refused.text


def test_my_other_session_is_ended_from_here(house: House, sign_in: SignIn) -> None:
    client, other = sign_in(house.engineer), session_of(house.engineer)
    page = client.get("/account").text
    assert "Firefox, Windows" in page
    assert "10.1.1.1" in page
    assert client.post("/sessions/end", data={"session": other}).location == "/account"
    (left,) = sessions_of(house.engineer, now=utc_now())
    answer = client.post("/sessions/end", data={"session": left.id})
    assert answer.location == "/sign-in"
    assert client.get("/account").status_code == 303


def test_a_session_of_another_is_ended_by_administrators_only(
    admin: Any, house: House, sign_in: SignIn
) -> None:
    standing = session_of(house.engineer)
    client = sign_in(house.deputy)
    assert client.post("/sessions/end", data={"session": standing}).status_code == 403
    assert client.post("/sessions/end", data={"session": "none"}).status_code == 404
    answer = admin.post("/sessions/end", data={"session": standing})
    assert answer.location == f"/people/{house.engineer.id}"
    assert sessions_of(house.engineer, now=utc_now()) == []


def test_an_absence_is_written_down_by_whole_days(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.engineer)
    address = f"/people/{house.engineer.id}/absence"
    assert client.get(address).status_code == 200
    first = utc_now().date() + timedelta(days=3)
    form = {"starts": first.isoformat(), "ends": first.isoformat(),
            "deputy": str(house.other_engineer.id), "reason": "Leave"}
    answer = client.post(address, data=form)
    assert (answer.status_code, answer.location) == (303, "/account")
    (absence,) = absences(house)
    assert absence.ends_at - absence.starts_at == timedelta(days=1)
    assert (absence.starts_at + timedelta(hours=3)).date() == first
    assert deputy_of(house.engineer, now=absence.starts_at) is house.other_engineer
    page = client.get("/account").text
    assert "Ivan Sokolov" in page
    assert "Leave" in page
    assert client.post(f"/absences/{absence.id}/end").location == "/account"
    assert absences(house) == []


def absences(house: House) -> list[Absence]:
    return list(db.session.scalars(select(Absence).where(
        Absence.person_id == house.engineer.id)))


def test_a_refused_absence_loses_nothing(house: House, sign_in: SignIn) -> None:
    answer = sign_in(house.engineer).post(f"/people/{house.engineer.id}/absence", data={
        "starts": "soon", "ends": "2020-01-01", "deputy": "x", "reason": "Leave"})
    assert answer.status_code == 422
    assert 'value="soon"' in answer.text
    assert 'value="2020-01-01"' in answer.text
    assert 'value="Leave"' in answer.text
    assert "Give the first day" in answer.text
    assert "Name a deputy" in answer.text


def test_the_reason_of_an_absence_is_for_those_who_manage_it(
    house: House, sign_in: SignIn, session: Session
) -> None:
    now = utc_now()
    session.add(Absence(person=house.engineer, deputy=house.registrar, starts_at=now,
                        ends_at=now + timedelta(days=2), reason="Operation", created_at=now))
    address = f"/people/{house.engineer.id}"
    other = sign_in(house.visitor)
    page = other.get(address).text
    assert "Oleg Chernov" in page
    assert "Operation" not in page
    assert other.get(f"{address}/absence").status_code == 403
    assert "Operation" in sign_in(house.deputy).get(address).text
    assert "Pavel Orlov" in sign_in(house.registrar).get("/account").text


def test_departments_are_opened_renamed_and_closed(admin: Any, house: House) -> None:
    assert "4 people" in admin.get("/departments").text
    assert admin.post("/departments", data={"name": "Billing"}).status_code == 303
    refused = admin.post("/departments", data={"name": "billing"})
    assert refused.status_code == 422
    assert 'value="billing"' in refused.text
    refused = admin.post(f"/departments/{house.sales.id}/close")
    assert refused.status_code == 422
    assert "still work" in refused.text
    address = f"/departments/{department_named('Billing').id}"
    assert admin.get(address).status_code == 200
    assert admin.post(address, data={"name": "Accounts"}).status_code == 303
    assert admin.post(f"{address}/close").status_code == 303
    assert not department_named("Accounts").is_active
    assert admin.post(f"{address}/reopen").status_code == 303
    assert department_named("Accounts").is_active


def department_named(name: str) -> Department:
    found = department_by_name(name)
    assert found is not None
    return found


def test_attempts_are_looked_through(admin: Any, house: House, new_client: Any) -> None:
    stranger = new_client()
    for number in range(55):
        stranger.post("/sign-in", data={"login": f"ghost{number:02}", "password": "wrong"})
    page = admin.get("/people/attempts?failed=1").text
    assert house.administrator.login not in re.findall(r'cell-what">([^<]+)<', page)
    further = re.search(r'rel="next" href="([^"]+)"', page)
    assert further is None, "the address was closed after forty"
    assert "ghost39" in page
    assert "ghost40" not in page
    one = admin.get("/people/attempts?login=ghost07").text
    assert "ghost07" in one
    assert "ghost08" not in one


def test_areas_above_add_their_part_to_the_page_of_a_person(
    app: Flask, admin: Any, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, EXTRAS, [])
    add_to_person_card(app, lambda person: f"<p>In the hands of {person.initials}: 3</p>")
    assert "<p>In the hands of PO: 3</p>" in admin.get(f"/people/{house.engineer.id}").text
