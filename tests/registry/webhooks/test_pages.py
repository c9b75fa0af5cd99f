"""Pages and commands of webhooks: who may, what is refused, the secret shown once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from registry.admin.queues import queues
from registry.cli import cli
from registry.core.errors import Forbidden, Refused
from registry.people.models import Role
from registry.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from registry.webhooks.queries import PAGE, deliveries_page, endpoints
from registry.webhooks.service import (
    add_endpoint,
    change_endpoint,
    renew_secret,
    send_test,
    switch_off,
    switch_on,
)
from tests.factories import NOW, a_person
from tests.registry.core.test_noted import STANDBY, fails

HOST = "hooks.example.org"
URL = f"https://{HOST}/countersign"


@pytest.fixture
def settings(allow):
    return allow(HOST, private=False)


@pytest.fixture
def endpoint(session, settings) -> WebhookEndpoint:
    return add_endpoint(URL, ["ticket.logged"], settings=settings, by=None, now=NOW)[0]


@pytest.fixture
def administrator(session, settings, sign_in):
    return sign_in(a_person(Role.ADMINISTRATOR))


def test_a_new_endpoint_shows_its_secret_once(session, administrator):
    answer = administrator.post("/settings/webhooks/new", data={
        "url": f" {URL} ", "kinds": ["ticket.checked", "ticket.accepted"]})
    (added,) = session.scalars(select(WebhookEndpoint))
    assert added.secret.startswith("whsec_")
    assert added.secret in answer.text
    assert (added.url, added.kinds) == (URL, ["ticket.accepted", "ticket.checked"])
    for address in ("/settings/webhooks", f"/settings/webhooks/{added.id}",
                    f"/settings/webhooks/{added.id}/edit"):
        assert added.secret[6:] not in administrator.get(address).text


def test_a_refused_endpoint_loses_nothing_typed_and_names_every_reason(session, administrator):
    answer = administrator.post("/settings/webhooks/new", data={
        "url": "https://evil.example/x", "kinds": ["ticket.checked", "nonsense"]})
    assert answer.status_code == 422
    assert "“evil.example” is not among the hosts" in answer.text
    assert "There is no event “nonsense”." in answer.text
    assert 'value="https://evil.example/x"' in answer.text
    assert session.scalar(select(func.count()).select_from(WebhookEndpoint)) == 0


def test_a_host_that_is_not_allowed_is_refused_also_when_changed_or_switched_on(
        session, endpoint, settings, allow):
    with pytest.raises(Refused) as refused:
        change_endpoint(endpoint, "https://evil.example/", (), settings=settings, by=None)
    assert [each.code for each in refused.value.reasons] == ["host_not_allowed"]
    switch_off(endpoint, by=None, now=NOW)
    with pytest.raises(Refused):
        switch_on(endpoint, settings=allow("other.example"), by=None)
    assert not endpoint.is_active


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_every_verb_is_for_administrators(session, endpoint, settings, role: Role):
    person = a_person(role)
    for act in (lambda: add_endpoint(URL, (), settings=settings, by=person, now=NOW),
                lambda: change_endpoint(endpoint, URL, (), settings=settings, by=person),
                lambda: switch_off(endpoint, by=person, now=NOW),
                lambda: switch_on(endpoint, settings=settings, by=person),
                lambda: renew_secret(endpoint, by=person, now=NOW),
                lambda: send_test(endpoint, by=person, now=NOW)):
        with pytest.raises(Forbidden):
            act()


def test_switched_off_and_on_by_hand(session, endpoint, administrator):
    page = f"/settings/webhooks/{endpoint.id}"
    assert administrator.post(f"{page}/off").status_code == 303
    session.refresh(endpoint)
    assert (endpoint.is_active, endpoint.disabled_why) == (False, "")
    assert administrator.post(f"{page}/test").status_code == 422
    assert administrator.post(f"{page}/on").status_code == 303
    assert administrator.post(f"{page}/test").status_code == 303
    assert "test message" in administrator.get(page).text


def test_a_renewed_secret_is_shown_once(session, endpoint, administrator):
    former = endpoint.secret
    answer = administrator.post(f"/settings/webhooks/{endpoint.id}/secret")
    session.refresh(endpoint)
    assert endpoint.secret in answer.text
    assert endpoint.former_secret == former != endpoint.secret
    assert former[6:] not in answer.text


def test_the_page_shows_answers_of_receivers_as_text(session, endpoint, administrator):
    owed = send_test(endpoint, by=None, now=NOW)
    owed.state, owed.tried_at, owed.tries = DeliveryState.GIVEN_UP, NOW, 10
    owed.status, owed.answer = 500, "<script>alert(1)</script>"
    page = administrator.get(f"/settings/webhooks/{endpoint.id}?state=given_up").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert administrator.post(f"/settings/webhooks/deliveries/{owed.id}/again").status_code == 303
    session.refresh(owed)
    assert (owed.state, owed.tries) == (DeliveryState.WAITING, 0)


def test_sending_again_asks_since_when(session, endpoint, administrator):
    page = f"/settings/webhooks/{endpoint.id}/again"
    refused = administrator.post(page, data={"since": "yesterday"})
    assert refused.status_code == 422
    assert "Say since when" in refused.text
    owed = send_test(endpoint, by=None, now=NOW)
    owed.state, owed.tried_at = DeliveryState.GIVEN_UP, NOW
    assert administrator.post(page, data={"since": "2026-11-24T10:40"}).status_code == 303
    session.refresh(owed)
    assert owed.state is DeliveryState.WAITING


def test_the_list_counts_each_endpoints_own(session, endpoint, settings):
    other = add_endpoint(URL, (), settings=settings, by=None, now=NOW)[0]
    for each in (endpoint, endpoint, other):
        send_test(each, by=None, now=NOW)
    send_test(other, by=None, now=NOW).state = DeliveryState.GIVEN_UP
    session.flush()
    assert [(row.id, row.waiting, row.given_up) for row in endpoints()] == [
        (endpoint.id, 2, 0), (other.id, 1, 1)]


def test_messages_are_paged_by_key(session, endpoint, settings):
    other = add_endpoint(URL, (), settings=settings, by=None, now=NOW)[0]
    mine = [send_test(endpoint, by=None, now=NOW).id for _each in range(PAGE + 3)]
    send_test(other, by=None, now=NOW)
    first = deliveries_page(endpoint.id, None, None)[:PAGE]
    rest = deliveries_page(endpoint.id, None, first[-1].id)
    assert [row.id for row in [*first, *rest]] == mine[::-1]


def test_commands_add_list_and_send_again(session, settings, app: Flask):
    runner = app.test_cli_runner()
    added = runner.invoke(cli, ["webhook", "add", URL, "--event", "ticket.accepted"])
    number, secret = added.output.strip().split("\t")
    assert secret.startswith("whsec_")
    session.expire_all()
    listed = runner.invoke(cli, ["webhook", "list"]).output
    assert listed == f"{number}\t{URL}\ton\t0\t0\tticket.accepted\n"
    endpoint = session.get(WebhookEndpoint, int(number))
    owed = send_test(endpoint, by=None, now=NOW)
    owed.state, owed.tried_at = DeliveryState.GIVEN_UP, NOW
    session.commit()
    again = runner.invoke(cli, ["webhook", "send-again", number, "--since", "2026-11-24T10:00"])
    assert again.output == "1 message goes out again.\n"
    session.expire_all()
    assert session.scalars(select(WebhookDelivery)).one().state is DeliveryState.WAITING


def test_a_command_is_refused_like_a_page(session, settings, app: Flask):
    answer = app.test_cli_runner().invoke(cli, ["webhook", "add", "http://127.0.0.1/"])
    assert answer.exit_code == 1
    assert "Begin with https://" in answer.output
    assert session.scalar(select(func.count()).select_from(WebhookEndpoint)) == 0


def test_the_secret_of_an_endpoint_that_was_not_kept_is_not_shown(
    session, settings, app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("registry.core.db._commit", fails(STANDBY))
    answer = app.test_cli_runner().invoke(cli, ["webhook", "add", URL])
    assert answer.exit_code != 0
    assert "whsec_" not in answer.output


def test_what_waits_for_a_receiver_is_a_queue_of_the_installation(session, endpoint, settings):
    for _each in range(3):
        send_test(endpoint, by=None, now=NOW)
    send_test(endpoint, by=None, now=NOW).state = DeliveryState.GIVEN_UP
    tried = send_test(endpoint, by=None, now=NOW - timedelta(days=1))
    tried.tries = 3
    session.flush()
    later = NOW + timedelta(minutes=16)
    (queue,) = (each for each in queues(later) if each.name == "webhook")
    assert (queue.due, queue.oldest_at, queue.given_up) == (4, NOW, 1)
    assert queue.is_late(later)
    switch_off(endpoint, by=None, now=NOW)
    (queue,) = (each for each in queues(later) if each.name == "webhook")
    assert (queue.due, queue.is_late(later)) == (0, False)
