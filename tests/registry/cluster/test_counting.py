"""What the cluster test counts: losses and doubles are seen when they are there."""

from collections import Counter

import pytest

from registry.cluster.counting import compared, weighed
from registry.cluster.course import Outcome
from registry.cluster.mailbox import Taken
from registry.cluster.play import longest_silence

ONE = Counter(logged=1, handoff_offered=1)


def a_mail(recipient: str, name: str) -> Taken:
    return Taken(recipient, f"Message-ID: <{name}@example.org>\r\nSubject: x\r\n\r\nx".encode())


@pytest.mark.parametrize(("told", "found", "lost", "doubled"), [
    ({"ticket:1": ONE}, {"ticket:1": ONE}, 0, 0),
    ({"ticket:1": ONE}, {"ticket:1": Counter(logged=1)}, 1, 0),
    ({"ticket:1": ONE}, {}, 2, 0),
    ({"ticket:1": ONE}, {"ticket:1": Counter(logged=1, handoff_offered=2)}, 0, 1),
    ({"ticket:1": ONE}, {"ticket:1": ONE, "ticket:2": Counter(logged=1)}, 0, 1),
])
def test_acts_are_held_against_entries(told, found, lost, doubled):
    assert compared(told, found) == (lost, doubled)


def test_each_reader_has_each_report_once():
    owed = Counter({"a@example.org": 2, "b@example.org": 1})
    whole = [a_mail("a@example.org", "1"), a_mail("a@example.org", "2"),
             a_mail("b@example.org", "3"), a_mail("somebody@example.org", "4")]
    post = weighed(2, owed, whole)
    assert (post.owed, post.missing, post.doubled, post.repeated) == (3, 0, 0, 0)
    assert weighed(2, owed, whole[1:]).missing == 1
    assert weighed(2, owed, [*whole, a_mail("b@example.org", "5")]).doubled == 1


def test_the_same_mail_again_is_not_another_report():
    owed = Counter({"a@example.org": 1})
    post = weighed(1, owed, [a_mail("a@example.org", "1")] * 2)
    assert (post.doubled, post.repeated) == (0, 1)


@pytest.mark.parametrize(("moments", "silence"), [
    ([9.9, 10.1, 12.0, 13.0], 2.0),  # inside
    ([8.0, 12.0, 13.0, 14.9], 4.0),  # the silence began before the kill
    ([9.0], 6.0),  # nothing came any more
])
def test_silence_is_from_answer_to_answer(moments, silence):
    assert longest_silence(moments, 10.0, 15.0) == pytest.approx(silence, abs=0.11)


def test_a_test_that_did_not_end_is_a_breach():
    assert Outcome().breaches
