"""Versions of lifecycles: published once, proved first; tickets carried over by the newer map."""

from __future__ import annotations

from importlib.resources import files

import pytest

from registry.core.calendar import company_calendar
from registry.core.errors import Forbidden, Refused
from registry.ledger.entries import content_of, entries_of
from registry.ledger.verify import verify
from registry.tickets.history import history_of
from registry.tickets.lifecycles import current_lifecycle, publish_lifecycle
from registry.tickets.timelines import timelines_of
from registry.tickets.versions import carry_over, numbers_pinned, versions
from tests.factories import a_ticket, hand_over, offer
from workflows import loads

SHIPPED = files("workflows.definitions").joinpath("service_quality.toml").read_text("utf-8")
KEPT = ("logged", "accepted", "on_hold", "returned")
MAP = ("\n[carry_over.1]\nin_fix = \"mending\"\n"
       + "".join(f'{name} = "{name}"\n' for name in KEPT))
SECOND = SHIPPED.replace("version = 1", "version = 2", 1).replace("in_fix", "mending") + MAP


@pytest.fixture
def second(house, now):
    return publish_lifecycle(loads(SECOND), by=house.administrator, now=now)


def test_a_new_version_is_followed_by_new_tickets_and_by_no_others(house, session, now):
    old = a_ticket(house, "in_fix")
    second = publish_lifecycle(loads(SECOND), by=house.administrator, now=now)
    new = a_ticket(house)
    assert current_lifecycle().digest == second.digest == new.lifecycle_digest
    assert old.lifecycle_digest != second.digest
    assert old.state == "in_fix"


def test_carrying_over_follows_the_map_and_is_kept_in_the_chain(house, session, now):
    ticket = a_ticket(house, "in_fix")
    was = ticket.lifecycle_digest
    second = publish_lifecycle(loads(SECOND), by=house.administrator, now=now)
    entry = carry_over(ticket, second, by=house.administrator, now=now)
    assert (ticket.state, ticket.lifecycle_digest) == ("mending", second.digest)
    assert content_of(entry) == {"lifecycle": second.digest, "was": was, "source": "in_fix",
                                 "target": "mending"}
    assert entries_of(ticket.chain)[-1].kind == "lifecycle_carried"
    hand_over(ticket, "return", house.visitor, witness=house.registrar, now=now,
              fields={"what_was_wrong": "A cable", "what_was_done": "Replaced"})
    assert ticket.state == "returned"
    session.flush()
    assert verify(verifier=None).is_sound


def test_the_line_and_the_history_tell_old_states_in_the_old_version_s_words(
    house, session, now
):
    ticket = a_ticket(house, "in_fix")
    second = publish_lifecycle(loads(SECOND), by=house.administrator, now=now)
    carry_over(ticket, second, by=house.administrator, now=now)
    session.flush()
    heads = {ticket.number: (ticket.head_seq, ticket.head_hash)}
    line = timelines_of(heads, company_calendar(), now=now)[ticket.number]
    history = history_of(ticket, company_calendar(), now=now)
    assert line == history.segments
    assert [each.label for each in line] == ["logged", "accepted", "in fix", "in fix"]
    assert "in fix" in history.events[-2].text


@pytest.mark.parametrize("begin", ["ended", "offered", "same", "older", "another"])
def test_what_cannot_be_carried_over_is_refused_and_stays(house, session, now, begin):
    ticket = a_ticket(house, "accepted")
    first = current_lifecycle()
    target = first
    codes = {"ended": "ended", "offered": "handoff_open"}
    if begin in codes:
        target = publish_lifecycle(loads(SECOND), by=house.administrator, now=now)
    if begin == "offered":
        offer(ticket, "pass_on", house.other_engineer)
    if begin == "ended":
        ticket.is_open = False
    if begin == "older":
        publish_lifecycle(loads(SECOND), by=house.administrator, now=now)
        ticket = a_ticket(house)
    if begin == "another":
        target = current_lifecycle("bank_complaint")
    held = ticket.lifecycle_digest
    with pytest.raises(Refused) as refusal:
        carry_over(ticket, target, by=house.administrator, now=now)
    assert refusal.value.reasons[0].code == codes.get(begin, "not_newer")
    assert ticket.lifecycle_digest == held


def test_only_who_manages_lifecycles_carries_over(house, second, now):
    with pytest.raises(Forbidden):
        carry_over(a_ticket(house), second, by=house.visitor, now=now)


def test_pinned_tickets_are_those_of_earlier_versions_of_the_same_lifecycle(
    house, session, now
):
    old = [a_ticket(house).number for _ in range(3)]
    second = publish_lifecycle(loads(SECOND), by=house.administrator, now=now)
    a_ticket(house)
    assert numbers_pinned(second) == old
    assert numbers_pinned(second, after=old[0], limit=1) == [old[1]]
    assert numbers_pinned(current_lifecycle("bank_complaint")) == []
    assert [(each.workflow.name, each.workflow.version, each.open_tickets, each.is_newest)
            for each in versions()] == [
        ("bank_complaint", 1, 0, True), ("service_quality", 2, 1, True),
        ("service_quality", 1, 3, False)]


def test_the_page_draws_each_lifecycle_without_inline_style(house, sign_in):
    page = sign_in(house.visitor).get("/lifecycles")
    assert page.status_code == 200
    for drawing in ("lifecycle", "lifecycle-narrow"):
        assert page.text.count(f'class="{drawing}" ') == 2
    assert " style=" not in page.text
    assert "Publish a new version" not in page.text


def test_the_page_marks_where_a_ticket_stands(house, sign_in):
    ticket = a_ticket(house, "on_hold")
    page = sign_in(house.visitor).get(f"/lifecycles?here={ticket.number}")
    assert f"Ticket No. {ticket.number} stands here: on hold." in page.text
    assert "now here" in page.text
    assert sign_in(house.visitor).get("/lifecycles?here=77").status_code == 404
    assert sign_in(house.visitor).get("/lifecycles?here=x").status_code == 404


def test_a_definition_is_proved_first_and_published_by_a_second_tap(house, sign_in):
    client = sign_in(house.administrator)
    proved = client.post("/lifecycles", data={"definition": SECOND, "act": "check"})
    assert proved.status_code == 200
    assert "This definition proves itself" in proved.text
    assert current_lifecycle().version == 1
    done = client.post("/lifecycles", data={"definition": SECOND, "act": "publish"})
    assert done.status_code == 303
    assert current_lifecycle().version == 2
    assert done.location.endswith(current_lifecycle().digest)


@pytest.mark.parametrize(("text", "sentence"), [
    (SECOND.replace('to = "closed"', 'to = "nowhere"'), "nowhere"),
    ("not toml at all [", "It is not TOML"),
    (SECOND.replace(MAP, ""), "has no place in this version"),
    ("", "workflow"),
])
def test_every_finding_is_shown_and_nothing_is_published(house, sign_in, text, sentence):
    page = sign_in(house.administrator).post("/lifecycles",
                                             data={"definition": text, "act": "publish"})
    assert page.status_code == 422
    assert sentence in page.text
    assert current_lifecycle().version == 1


def test_only_who_manages_lifecycles_publishes(house, sign_in):
    answer = sign_in(house.lead).post("/lifecycles", data={"definition": SECOND})
    assert answer.status_code == 403


def test_tickets_are_carried_over_from_the_page_and_those_that_stay_are_named(
    house, sign_in, session, now
):
    free, waits = a_ticket(house, "in_fix"), a_ticket(house, "accepted")
    offer(waits, "pass_on", house.other_engineer)
    second = publish_lifecycle(loads(SECOND), by=house.administrator, now=now)
    client = sign_in(house.administrator)
    page = client.get(f"/lifecycles/{second.digest}")
    assert "2 open tickets still follow earlier versions" in page.text
    done = client.post(f"/lifecycles/{second.digest}/carry")
    assert "1 ticket is carried over." in done.text
    assert f"No. {waits.number} is offered to" in done.text
    assert (free.state, waits.state) == ("mending", "accepted")
