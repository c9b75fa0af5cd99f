"""``verify`` proves that rows are what replaying their chains gives, and names the others."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import text

from registry.ledger.verify import verify, verify_chain
from registry.tickets.attachments import Upload, attach_file
from registry.tickets.handoffs import decline_handoff
from registry.tickets.joint import propose_cancelling
from registry.tickets.promises import change_promise
from registry.tickets.replays import BATCH, check_tickets
from registry.tickets.versions import check_lifecycles
from tests.factories import a_signing, a_ticket, offer

STATES = ("logged", "accepted", "in_fix", "on_hold", "returned")


@pytest.fixture
def lived(house, session, now, tmp_path):
    """A ticket whose chain has every kind of row behind it."""
    ticket = a_ticket(house, "in_fix")
    change_promise(ticket, now + timedelta(days=5), reason="A part is late", by=house.engineer,
                   now=now + timedelta(hours=1))
    attach_file(ticket, Upload("note.txt", BytesIO(b"seen on the spot")), folder=tmp_path,
                limit=1000, by=house.engineer, now=now + timedelta(hours=1))
    refused = offer(ticket, "pass_on", house.other_engineer, now=now + timedelta(hours=2))
    decline_handoff(refused, reason="Not my line", by=house.other_engineer,
                    now=now + timedelta(hours=3))
    propose_cancelling(ticket, reason="Logged twice", by=house.visitor,
                       signing=a_signing(house.visitor), now=now + timedelta(hours=4))
    session.flush()
    return ticket


def findings():
    return [str(each) for each in check_tickets(None)]


def test_tickets_of_every_state_are_what_their_chains_say(house, lived):
    for state in STATES:
        a_ticket(house, state)
    assert findings() == []


def test_the_whole_ledger_verifies_with_its_rows(house, lived):
    verdict = verify(verifier=None)
    assert verdict.is_sound, verdict.findings
    assert verdict.chains >= 2


CHANGES = [
    ("UPDATE ticket SET state = 'closed'", "column state of the ticket"),
    ("UPDATE ticket SET holder_id = originator_id", "column holder_id of the ticket"),
    ("UPDATE ticket SET summary = 'Fast line'", "column summary of the ticket"),
    ("UPDATE ticket SET measured = 40", "column measured of the ticket"),
    ("UPDATE ticket SET reopen_count = 3", "column reopen_count of the ticket"),
    ("UPDATE ticket SET promised_at = NULL", "column promised_at of the ticket"),
    ("UPDATE ticket SET mended_at = logged_at", "column mended_at of the ticket"),
    ("UPDATE handoff SET next_step = 'Nothing' WHERE state = 'accepted'",
     "column next_step of the row of handoff"),
    ("UPDATE handoff SET reason = 'Too busy' WHERE state = 'declined'",
     "column reason of the row of handoff"),
    ("UPDATE handoff SET taker_id = giver_id WHERE state = 'accepted'",
     "column taker_id of the row of handoff"),
    ("DELETE FROM handoff WHERE state = 'declined'", "row of handoff that this entry began is"),
    ("UPDATE handoff SET seq = 99 WHERE state = 'declined'", "row of handoff that no entry began"),
    ("UPDATE joint_act SET reason = 'No reason'", "column reason of the row of joint act"),
    ("UPDATE promise_change SET reason = 'On time'", "column reason of the row of promise"),
    ("DELETE FROM promise_change WHERE was_promised_at IS NOT NULL", "row of promise"),
    ("UPDATE attachment SET name = 'other.txt'", "column name of the row of attachment"),
    ("DELETE FROM attachment", "row of attachment that this entry began is missing"),
]


@pytest.mark.parametrize(("statement", "sentence"), CHANGES)
def test_a_changed_row_is_named(statement, sentence, lived, house, session):
    a_ticket(house, "logged", summary="Noise")
    limited = statement
    if statement.startswith("UPDATE ticket"):
        limited += f" WHERE number = {lived.number}"
    session.execute(text(limited))
    found = findings()
    assert found
    assert all(f"ticket:{lived.number}" in each for each in found)
    assert any(sentence in each for each in found), found


def test_a_row_that_cannot_be_read_is_named_and_the_others_are_still_checked(house, session):
    tickets = [a_ticket(house) for _ in range(5)]
    session.flush()
    session.execute(text("UPDATE ticket SET summary = 'Fast' WHERE number = :number"),
                    {"number": tickets[4].number})
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("UPDATE ticket SET logged_at = 'long ago' WHERE number = :number"),
                        {"number": tickets[2].number})
        assert [each.code for each in check_tickets(None)] == ["row_unreadable", "row_differs"]
    else:
        session.execute(text("UPDATE ticket SET head_seq = 0, is_open = NOT is_open "
                             "WHERE number = :number"), {"number": tickets[2].number})
        assert [each.code for each in check_tickets(None)] == ["row_differs", "row_differs"]


def test_one_chain_is_checked_by_itself(house, session):
    good, bad = a_ticket(house), a_ticket(house)
    session.flush()
    session.execute(text("UPDATE ticket SET summary = 'Fast' WHERE number = :number"),
                    {"number": bad.number})
    assert verify_chain(good.chain, verifier=None).is_sound
    assert not verify_chain(bad.chain, verifier=None).is_sound
    assert list(check_tickets("no number")) == []


def test_tickets_are_checked_beyond_the_first_batch(house, session):
    for _ in range(BATCH + 2):
        last = a_ticket(house)
    session.flush()
    session.execute(text("UPDATE ticket SET summary = 'Fast' WHERE number = :number"),
                    {"number": last.number})
    assert [each.chain for each in check_tickets(None)] == [last.chain]


def test_how_many_queries_a_batch_takes_does_not_depend_on_its_tickets(
    house, session, count_queries
):
    def asked():
        session.flush()
        session.expire_all()
        with count_queries() as queries:
            assert findings() == []
        return len(queries)

    a_ticket(house, "returned")
    few = asked()
    for state in STATES:
        a_ticket(house, state)
    assert asked() == few == 9


def test_a_lifecycle_whose_definition_was_changed_is_named(house, session):
    assert list(check_lifecycles(None)) == []
    body = b'{"workflow":{}}'
    session.execute(text("UPDATE lifecycle SET body = :body WHERE name = 'bank_complaint'"),
                    {"body": body})
    session.expire_all()
    assert [(each.chain, each.code) for each in check_lifecycles(None)] == [
        ("lifecycle:bank_complaint", "lifecycle_body")]
