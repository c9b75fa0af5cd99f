"""A ticket through the API: logged, handed over, moved, checked by the client. That the screen does
and refuses the same stands in test_same_acts.py.
"""

from __future__ import annotations

from typing import Any

from registry.core.db import db
from registry.tickets.models import Ticket
from tests.factories import House, a_ticket, offer
from tests.registry.api.conftest import SIGNATURE


def problem_of(house: House) -> dict[str, Any]:
    return {"client": house.client.id, "summary": "Slow line", "criterion": house.criterion.id,
            "measured": "12"}


def test_a_ticket_goes_from_hand_to_hand(house: House, calls: Any, later: str):
    visitor, engineer = calls(house.visitor), calls(house.engineer)
    made = visitor.post("/tickets", problem_of(house))
    assert made.status_code == 201, made.json
    number = made.json["number"]
    assert made.headers["ETag"].strip('"') == made.json["head"]
    moves = {each["move"]: each for each in visitor.get(f"/tickets/{number}/moves").json["items"]}
    assert moves["take"]["allowed"]
    assert house.engineer.id in {each["id"] for each in moves["take"]["receivers"]}
    offered = visitor.post(f"/tickets/{number}/handoffs", {
        "move": "take", "receiver": house.engineer.id, "witness": house.registrar.id,
        "signature": SIGNATURE})
    assert offered.status_code == 201, offered.json
    assert offered.json["id"] == f"{number}-2"
    desk = engineer.get("/desk").json
    assert desk["counts"]["waiting"] == 1
    assert desk["to_sign"][0]["handoff"] == offered.json["id"]
    assert desk["to_sign"][0]["giver"] == {"id": house.visitor.id, "name": house.visitor.name}
    assert [each["handoff"] for each in visitor.get("/desk").json["given"]] == [offered.json["id"]]
    taken = engineer.post(f"/handoffs/{desk['to_sign'][0]['handoff']}/accept", {
        "next_step": "I measure", "next_step_by": later, "signature": SIGNATURE,
        "witness_signature": SIGNATURE})
    assert taken.status_code == 200, taken.json
    assert taken.json["state"] == "accepted"
    started = engineer.post(f"/tickets/{number}/moves", {"move": "start", "signature": SIGNATURE})
    assert started.json["state"] == "in_fix"
    assert started.json["holder"]["name"] == house.engineer.name
    ledger = engineer.get(f"/tickets/{number}/ledger?size=3").json
    assert [each["kind"] for each in ledger["items"]][:2] == ["logged", "handoff_offered"]
    assert engineer.get(f"/tickets/{number}/ledger?cursor={ledger['next']}").json["items"]


def test_declining_withdrawing_and_cancelling(house: House, calls: Any):
    ticket = a_ticket(house)
    visitor, registrar = calls(house.visitor), calls(house.registrar)
    first = offer(ticket, "take", house.engineer, witness=house.registrar)
    name = f"{ticket.number}-{first.seq}"
    refused = calls(house.engineer).post(f"/handoffs/{name}/decline", {})
    assert refused.json["errors"][0]["pointer"] == "/reason"
    assert calls(house.engineer).post(f"/handoffs/{name}/decline", {
        "reason": "Not mine"}).json["state"] == "declined"
    cancel = {"move": "cancel", "reason": "Logged twice", "signature": SIGNATURE}
    assert visitor.post(f"/tickets/{ticket.number}/moves", cancel).status_code == 200
    agreed = registrar.post(f"/tickets/{ticket.number}/cancelling/agree", {"signature": SIGNATURE})
    assert agreed.json["state"] == "cancelled", agreed.json


def test_being_authenticated_never_signs(house: House, calls: Any):
    ticket = a_ticket(house, "accepted")
    path = f"/tickets/{ticket.number}/moves"
    engineer = calls(house.engineer)
    bare = engineer.post(path, {"move": "start"})
    assert bare.status_code == 422
    assert bare.json["errors"][0] == {
        "code": "no_proof", "pointer": "/signature/secret",
        "detail": "Give the password again: being signed in never signs."}
    wrong = engineer.post(path, {"move": "start", "signature": SIGNATURE | {"secret": "x"}})
    assert wrong.json["errors"][0]["code"] == "wrong_password"
    for _ in range(6):
        wrong = engineer.post(path, {"move": "start", "signature": SIGNATURE | {"secret": "x"}})
    assert wrong.json["errors"][0]["code"] == "too_many_attempts"


def test_the_clients_check_closes_a_ticket_or_offers_it_back(house: House, calls: Any):
    visitor = calls(house.visitor)
    told = {"contact_name": "Galina Serova", "note": "It is as before", "signature": SIGNATURE}
    ticket = a_ticket(house, "in_fix")
    path = f"/tickets/{ticket.number}"
    assert visitor.get(f"{path}/moves").json["may_check"] is False
    early = visitor.post(f"{path}/check", told | {"result": "gone"})
    assert [each["code"] for each in early.json["errors"]] == ["not_returned"]
    path = f"/tickets/{a_ticket(house, 'returned').number}"
    assert visitor.get(f"{path}/moves").json["may_check"] is True
    assert calls(house.engineer).get(f"{path}/moves").json["may_check"] is False
    back = visitor.post(f"{path}/check", told | {"result": "not_gone"})
    assert back.json["client_check"] == "not_gone", back.json
    assert back.json["handoff"]["receiver"]["id"] == house.engineer.id
    assert (back.json["state"], back.json["is_open"]) == ("returned", True)
    path = f"/tickets/{a_ticket(house, 'returned').number}"
    gone = visitor.post(f"{path}/check", told | {"result": "gone", "note": "Fast now"})
    assert (gone.json["state"], gone.json["client_check"]) == ("closed", "gone")
    assert gone.headers["ETag"].strip('"') == gone.json["head"]


def test_what_the_check_lacks_is_told_at_once(house: House, calls: Any):
    path = f"/tickets/{a_ticket(house, 'returned').number}/check"
    answer = calls(house.visitor).post(path, {"signature": SIGNATURE})
    assert {each["pointer"] for each in answer.json["errors"]} == {"/result", "/contact_name",
                                                                   "/note"}
    unknown = calls(house.visitor).post(path, {"receiver": 999999, "signature": SIGNATURE})
    assert [each["pointer"] for each in unknown.json["errors"]] == ["/receiver"]


def test_another_takes_it_back_where_who_mended_it_has_left(house: House, calls: Any):
    ticket = a_ticket(house, "returned")
    house.engineer.is_active = False
    db.session.flush()
    body = {"result": "not_gone", "contact_name": "Galina Serova", "note": "As before",
            "signature": SIGNATURE}
    visitor, path = calls(house.visitor), f"/tickets/{ticket.number}"
    offered = visitor.get(f"{path}/moves").json["check_receivers"]
    assert house.registrar.id in {each["id"] for each in offered}
    assert visitor.post(f"{path}/check", body).status_code == 422
    another = visitor.post(f"{path}/check", body | {"receiver": house.other_visitor.id})
    assert another.status_code == 422
    answer = visitor.post(f"{path}/check", body | {"receiver": house.registrar.id})
    assert answer.json["handoff"]["receiver"]["name"] == house.registrar.name, answer.json


def test_the_witness_who_signs_beside_is_told_at_their_own_place(house: House, calls: Any,
                                                                 later: str):
    ticket = a_ticket(house)
    waiting = offer(ticket, "take", house.engineer, witness=house.registrar)
    engineer, path = calls(house.engineer), f"/handoffs/{ticket.number}-{waiting.seq}/accept"
    body = {"next_step": "I measure", "next_step_by": later, "signature": SIGNATURE}
    wrong = engineer.post(path, body | {"witness_signature": SIGNATURE | {"secret": "wrong"}})
    assert [(each["code"], each["pointer"]) for each in wrong.json["errors"]] == [
        ("wrong_password", "/witness_signature/secret")]
    assert engineer.post(path, body).json["witness_signed_at"] is None
    third = a_ticket(house, "accepted")
    alone = offer(third, "pass_on", house.other_engineer)
    unasked = calls(house.other_engineer).post(f"/handoffs/{third.number}-{alone.seq}/accept",
                                               body | {"witness_signature": SIGNATURE})
    assert [(each["code"], each["pointer"]) for each in unasked.json["errors"]] == [
        ("no_witness_asked", "/witness_signature")]


def test_all_reasons_come_at_once_in_the_callers_language(house: House, calls: Any):
    answer = calls(house.visitor).post("/tickets", {
        "client": house.client.id, "summary": " ", "criterion": house.criterion.id},
        Accept_Language="ru")
    assert {each["code"] for each in answer.json["errors"]} == {"summary_missing",
                                                                "measure_missing"}
    assert "Напишите в нескольких словах, что не так." in answer.json["detail"]


def test_the_desk_shows_what_one_has_signed_and_others_have_not(house: House, calls: Any):
    handoff = offer(a_ticket(house), "take", house.engineer, witness=house.registrar)
    name, registrar = f"{handoff.ticket.number}-{handoff.seq}", calls(house.registrar)
    assert registrar.get("/desk").json["signed"] == []
    registrar.post(f"/handoffs/{name}/witness", {"signature": SIGNATURE})
    assert [each["handoff"] for each in registrar.get("/desk").json["signed"]] == [name]


def test_types_are_not_guessed_and_nothing_unasked_is_taken(house: House, calls: Any):
    visitor = calls(house.visitor)
    guessed = visitor.post("/tickets", {"client": str(house.client.id), "summary": "x",
                                        "number": 7, "holder": 1})
    assert guessed.status_code == 422
    assert {each["pointer"] for each in guessed.json["errors"]} == {"/client", "/number",
                                                                    "/holder"}
    assert db.session.query(Ticket).count() == 0
    assert visitor.post("/tickets", '{"client": 1}').status_code == 422
    plain = visitor.client.post("/api/v1/tickets", data="{}", headers=visitor.headers)
    assert plain.status_code == 415
    broken = visitor.client.post("/api/v1/tickets", data="{", headers=visitor.headers,
                                 content_type="application/json")
    assert broken.status_code == 400


def test_who_knows_the_head_asks_cheaply_and_acts_safely(house: House, calls: Any):
    ticket = a_ticket(house, "accepted")
    engineer, path = calls(house.engineer), f"/tickets/{ticket.number}"
    seen = engineer.get(path).headers["ETag"]
    assert engineer.get(path, If_None_Match=seen).status_code == 304
    start = {"move": "start", "signature": SIGNATURE}
    assert engineer.post(f"{path}/moves", start, If_Match=seen).status_code == 200
    assert engineer.get(path, If_None_Match=seen).status_code == 200
    late = engineer.post(f"{path}/moves", start, If_Match=seen)
    assert late.status_code == 412
    assert [each["kind"] for each in late.json["happened"]] == ["moved"]


def test_the_list_is_paged_by_its_key_with_the_screens_filters(house: House, calls: Any):
    numbers = [a_ticket(house).number for _ in range(5)]
    visitor = calls(house.visitor)
    seen, path = [], "/tickets?size=2&mine=1"
    while path:
        page = visitor.get(path).json
        seen += [each["number"] for each in page["items"]]
        path = f"/tickets?size=2&mine=1&cursor={page['next']}" if page["next"] else ""
    assert seen == numbers[::-1]
    assert visitor.get("/tickets?late=1").json["items"] == []
    assert visitor.get("/tickets?late=yes").status_code == 422
    assert visitor.get("/tickets?colour=red").json["errors"][0]["pointer"] == "colour"


def test_clients_sites_and_people(house: House, calls: Any):
    visitor = calls(house.visitor)
    made = visitor.post("/clients", {"name": "Duma Hotel", "tier": "key"})
    assert made.status_code == 201
    twice = visitor.post("/clients", {"name": "duma  hotel"})
    assert twice.json["errors"][0]["code"] == "name_taken"
    site = visitor.post("/sites", {"name": "Roof", "client": made.json["id"],
                                   "fed_by": house.site.id})
    assert site.status_code == 201
    listed = visitor.get(f"/sites?client={made.json['id']}").json["items"]
    assert listed == [site.json]
    assert visitor.post("/sites", {"name": "Y", "client": 999999}).status_code == 422
    first = visitor.get("/people?size=1").json
    assert visitor.get(f"/people?size=1&cursor={first['next']}").json["items"] != first["items"]
    assert {"Duma Hotel", house.client.name} <= {
        each["name"] for each in visitor.get("/clients").json["items"]}


def test_errors_of_addresses_are_problems_too(house: House, calls: Any):
    visitor = calls(house.visitor)
    for path, status in (("/tickets/999999", 404), ("/nowhere", 404), ("/checkpoint", 404)):
        answer = visitor.get(path)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert answer.json["instance"].endswith(answer.headers["X-Request-Id"])
    wrong = visitor.client.delete("/api/v1/clients")
    assert wrong.status_code == 405
    assert {"GET", "POST"} <= set(wrong.headers["Allow"].split(", "))
