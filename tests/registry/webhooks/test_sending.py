"""Messages to receivers: signed, sent once, tried again; a bad receiver holds up nobody else."""

import json
import threading
import time
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from registry.core import forgetting
from registry.core.times import utc_now
from registry.webhooks import posting, sending
from registry.webhooks.deliveries import (
    CLAIM,
    DELAYS,
    KEPT,
    PATIENCE,
    claim_delivery,
    hold_waiting,
    settle,
)
from registry.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from registry.webhooks.posting import Answer
from registry.webhooks.sending import RESTS, Postman
from registry.webhooks.sending_again import send_again, send_failed_again
from registry.webhooks.service import renew_secret, send_test, switch_off, switch_on
from registry.worker import run_due
from tests.factories import NOW


def run(postman: Postman, now) -> int:
    return postman(clock=lambda: now, goes_on=lambda: True)


def row(session, delivery: WebhookDelivery) -> WebhookDelivery:
    session.expire_all()
    return session.get_one(WebhookDelivery, delivery.id)


def test_the_receiver_verifies_the_signature_with_the_library(session, receiver, endpoint_at):
    now = utc_now()
    endpoint = endpoint_at(receiver, now=now)
    owed = send_test(endpoint, by=None, now=now)
    session.commit()
    assert run_due(now).posted == 1
    (came,) = receiver.came
    told = Webhook(endpoint.secret).verify(came.body, came.headers)
    assert told["type"] == "test"
    assert (came.id, came.path) == (owed.message_id, "/hook")
    sent = row(session, owed)
    assert (sent.state, sent.status, sent.tries) == (DeliveryState.DELIVERED, 204, 1)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 43 + "=").verify(came.body, came.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(came.body.replace(b"test", b"tset"), came.headers)
    assert run_due(now).posted == 0


def test_a_renewed_secret_signs_beside_the_former_for_a_day(session, receiver, endpoint_at):
    now = utc_now()
    endpoint = endpoint_at(receiver, now=now)
    former = endpoint.secret
    renewed = renew_secret(endpoint, by=None, now=now)
    send_test(endpoint, by=None, now=now)
    session.commit()
    run_due(now)
    for secret in (former, renewed):
        Webhook(secret).verify(receiver.came[0].body, receiver.came[0].headers)
    endpoint.former_until = now
    send_test(endpoint, by=None, now=now)
    session.commit()
    run_due(now)
    Webhook(renewed).verify(receiver.came[1].body, receiver.came[1].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(former).verify(receiver.came[1].body, receiver.came[1].headers)


def test_a_failure_is_tried_again_ever_later_under_one_id_and_given_up(
        session, receiver, endpoint_at):
    receiver.answers, receiver.words = [500], b"broken\x1b[2J\r\n" + b"x" * 900
    endpoint = endpoint_at(receiver)
    owed = send_test(endpoint, by=None, now=NOW)
    session.commit()
    now, postman = NOW, Postman()
    for tries, delay in enumerate(DELAYS, start=1):
        assert run(postman, now) == 0
        waiting = row(session, owed)
        assert (waiting.tries, waiting.due_at) == (tries, now + delay)
        run(postman, waiting.due_at - timedelta(seconds=1))
        assert len(receiver.came) == tries
        now = waiting.due_at
    run(postman, now)
    assert (row(session, owed).state, row(session, owed).status) == (DeliveryState.GIVEN_UP, 500)
    assert owed.answer.startswith("broken [2J x")
    assert len(owed.answer) == 500
    assert {came.id for came in receiver.came} == {owed.message_id}
    assert len({came.body for came in receiver.came}) == 1
    run(postman, now + timedelta(days=9))
    assert len(receiver.came) == len(DELAYS) + 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(session, receiver, endpoint_at, status: int):
    receiver.answers, receiver.headers = [status], {"Location": f"http://{receiver.host}/inside"}
    owed = send_test(endpoint_at(receiver), by=None, now=NOW)
    session.commit()
    run(Postman(), NOW)
    assert [came.path for came in receiver.came] == ["/hook"]
    assert (row(session, owed).state, owed.status) == (DeliveryState.WAITING, status)


def test_a_receiver_that_is_gone_is_switched_off(session, receiver, endpoint_at):
    receiver.answers = [410]
    endpoint = endpoint_at(receiver)
    first, second = (send_test(endpoint, by=None, now=NOW) for _each in range(2))
    session.commit()
    run(Postman(), NOW)
    assert [row(session, each).state for each in (first, second)] == [
        DeliveryState.GIVEN_UP, DeliveryState.WAITING]
    assert not endpoint.is_active
    assert "410" in endpoint.disabled_why
    run(Postman(), NOW + timedelta(days=1))
    assert len(receiver.came) == 1


def fail(endpoint: WebhookEndpoint, at, *, tries: int) -> None:
    """So many failures of one message; the last of them at the moment."""
    owed = send_test(endpoint, by=None, now=at)
    for _each in range(tries):
        owed.due_at = at
        claimed = claim_delivery(endpoint.id, at)
        assert claimed is not None
        settle(claimed, Answer(503, ""), now=at)


def test_an_endpoint_that_gives_up_messages_for_days_is_switched_off(
        session, receiver, endpoint_at):
    endpoint = endpoint_at(receiver)
    whole = len(DELAYS) + 1
    fail(endpoint, NOW, tries=whole)
    fail(endpoint, NOW + PATIENCE - timedelta(hours=1), tries=whole)
    assert endpoint.is_active
    fail(endpoint, NOW + PATIENCE, tries=whole)
    assert (endpoint.is_active, endpoint.disabled_at) == (False, NOW + PATIENCE)
    assert endpoint.disabled_why


def test_one_failure_long_after_another_switches_nothing_off(session, receiver, endpoint_at):
    endpoint = endpoint_at(receiver)
    fail(endpoint, NOW, tries=len(DELAYS) + 1)
    later = NOW + timedelta(days=20)
    fail(endpoint, later, tries=1)
    assert endpoint.is_active
    session.commit()
    assert run(Postman(), later + DELAYS[0]) == 1


def test_one_success_forgives_the_days_before(session, receiver, endpoint_at):
    endpoint = endpoint_at(receiver)
    fail(endpoint, NOW, tries=len(DELAYS) + 1)
    send_test(endpoint, by=None, now=NOW)
    session.commit()
    assert run(Postman(), NOW) == 1
    session.refresh(endpoint)
    fail(endpoint, NOW + PATIENCE, tries=len(DELAYS) + 1)
    assert endpoint.is_active


def test_a_receiver_that_hangs_holds_up_nobody_else(
        session, new_receiver, endpoint_at, monkeypatch):
    monkeypatch.setattr(posting, "WHOLE", 3.0)
    slow, quick = new_receiver(), new_receiver()
    go_on, quick_done = threading.Event(), threading.Event()
    slow.before = lambda: go_on.wait(20) and None
    endpoints = [endpoint_at(slow), endpoint_at(quick)]
    hanging = send_test(endpoints[0], by=None, now=NOW)
    for _each in range(5):
        send_test(endpoints[1], by=None, now=NOW)
    session.commit()
    quick.before = lambda: quick_done.set() if len(quick.came) == 5 else None
    began = time.monotonic()
    seen: list[float] = []
    threading.Thread(target=lambda: quick_done.wait(20) and seen.append(
        time.monotonic() - began), daemon=True).start()
    assert run(Postman(), NOW) == 5
    whole = time.monotonic() - began
    go_on.set()
    assert seen[0] < 2.5 < whole < 10
    assert (row(session, hanging).status, hanging.tries) == (None, 1)
    assert "no answer" in hanging.answer


def test_a_receiver_that_is_away_is_left_alone_ever_longer(session, receiver, endpoint_at):
    receiver.answers = [503]
    endpoint = endpoint_at(receiver)
    for _each in range(4):
        send_test(endpoint, by=None, now=NOW)
    session.commit()
    postman, now = Postman(), NOW
    for count, rest in enumerate(RESTS, start=1):
        run(postman, now)
        assert len(receiver.came) == count
        run(postman, now + rest - timedelta(seconds=1))
        assert len(receiver.came) == count
        now += rest
    receiver.answers = [204]
    assert run(postman, now) == 4


def test_an_address_that_is_no_more_allowed_gets_nothing(session, receiver, endpoint_at, allow):
    owed = send_test(endpoint_at(receiver), by=None, now=NOW)
    session.commit()
    allow("hooks.example.org")
    run(Postman(), NOW)
    assert receiver.came == []
    assert "not allowed" in row(session, owed).answer


def test_a_claim_that_is_over_lets_another_send_and_one_settles(session, receiver, endpoint_at):
    endpoint = endpoint_at(receiver)
    owed = send_test(endpoint, by=None, now=NOW)
    session.commit()
    first = claim_delivery(endpoint.id, NOW)
    assert first is not None
    assert claim_delivery(endpoint.id, NOW) is None
    second = claim_delivery(endpoint.id, NOW + CLAIM)
    assert second is not None
    assert second.message_id == first.message_id
    assert settle(first, Answer(500, ""), now=NOW + CLAIM) is None
    assert settle(second, Answer(200, ""), now=NOW + CLAIM) is DeliveryState.DELIVERED
    assert settle(first, Answer(200, ""), now=NOW + CLAIM) is None
    assert owed.tries == 1


def test_send_again_repeats_id_and_body(session, receiver, endpoint_at):
    owed = send_test(endpoint_at(receiver), by=None, now=NOW)
    session.commit()
    run(Postman(), NOW)
    send_again(row(session, owed), by=None, now=NOW)
    session.commit()
    run(Postman(), NOW)
    first, second = receiver.came
    assert (first.id, first.body) == (second.id, second.body)
    assert json.loads(first.body)["type"] == "test"


def test_all_that_failed_since_a_moment_goes_again(session, receiver, new_receiver, endpoint_at):
    endpoint, other = endpoint_at(receiver), endpoint_at(new_receiver())
    long_ago, failed, waiting, foreign = (
        send_test(each, by=None, now=NOW) for each in (endpoint, endpoint, endpoint, other))
    for each, at in ((long_ago, NOW - timedelta(days=9)), (failed, NOW), (foreign, NOW)):
        each.state, each.tried_at, each.tries = DeliveryState.GIVEN_UP, at, 10
    waiting.due_at = NOW + timedelta(hours=1)
    session.flush()
    assert send_failed_again(endpoint, NOW - timedelta(days=1), by=None, now=NOW) == 1
    session.commit()
    assert run(Postman(), NOW) == 1
    assert [came.id for came in receiver.came] == [failed.message_id]


def test_what_waited_while_it_was_off_goes_when_it_is_on_again(
        session, receiver, endpoint_at, app):
    endpoint = endpoint_at(receiver)
    send_test(endpoint, by=None, now=NOW)
    switch_off(endpoint, by=None, now=NOW)
    session.commit()
    assert run(Postman(), NOW) == 0
    switch_on(endpoint, settings=app.config["SETTINGS"], by=None)
    session.commit()
    assert run(Postman(), NOW) == 1


def test_a_worker_that_is_told_to_end_begins_nothing_new(session, receiver, endpoint_at):
    send_test(endpoint_at(receiver), by=None, now=NOW)
    session.commit()
    assert Postman()(clock=lambda: NOW, goes_on=lambda: False) == 0
    assert receiver.came == []


def test_a_worker_that_is_told_to_end_leaves_a_receiver_that_hangs(
        session, receiver, endpoint_at, monkeypatch):
    monkeypatch.setattr(sending, "FAREWELL", 0.5)
    go_on, goes_on = threading.Event(), threading.Event()
    goes_on.set()
    receiver.before = lambda: go_on.wait(20) and None
    owed = send_test(endpoint_at(receiver), by=None, now=NOW)
    session.commit()
    threading.Timer(0.5, goes_on.clear).start()
    began = time.monotonic()
    Postman()(clock=lambda: NOW, goes_on=goes_on.is_set)
    assert time.monotonic() - began < 5
    go_on.set()
    assert row(session, owed).claimed_until == NOW + CLAIM


def test_secrets_are_in_no_text_of_what_is_in_hand(session, receiver, endpoint_at):
    endpoint = endpoint_at(receiver)
    send_test(endpoint, by=None, now=NOW)
    claimed = claim_delivery(endpoint.id, NOW)
    assert endpoint.secret not in repr(claimed) + repr(endpoint)


def test_all_that_was_delivered_long_ago_is_forgotten_and_nothing_else(
        session, receiver, endpoint_at, monkeypatch):
    monkeypatch.setattr(forgetting, "BATCH", 2)
    endpoint = endpoint_at(receiver)
    recent, failed, *old = (send_test(endpoint, by=None, now=NOW) for _each in range(7))
    longer = NOW - KEPT - timedelta(seconds=1)
    for each, at in ((recent, NOW - KEPT), *((each, longer) for each in old)):
        each.state, each.delivered_at = DeliveryState.DELIVERED, at
    failed.state = DeliveryState.GIVEN_UP
    session.commit()
    ids = {recent.id, failed.id}
    run(Postman(), NOW)
    session.expire_all()
    assert {each.id for each in session.query(WebhookDelivery)} == ids
    assert session.query(WebhookEndpoint).count() == 1


def test_after_a_restore_nothing_goes_by_itself_and_all_of_it_by_hand(
        session, receiver, endpoint_at):
    endpoint = endpoint_at(receiver)
    delivered, *waiting = (send_test(endpoint, by=None, now=NOW) for _each in range(3))
    delivered.state, delivered.delivered_at = DeliveryState.DELIVERED, NOW
    session.flush()
    assert hold_waiting("held", now=NOW) == 2
    session.commit()
    assert run(Postman(), NOW) == 0
    assert row(session, waiting[0]).answer == "held"
    assert send_failed_again(endpoint, NOW, by=None, now=NOW) == 2
    session.commit()
    assert run(Postman(), NOW) == 2
