"""Entries are appended in one form, and what is personal stays outside them under a seal."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from registry.ledger.entries import (
    canonical,
    content_of,
    entries_of,
    erase,
    leaf_hash,
    moment,
    record,
    seal,
    seal_of,
    stamp,
    unseal,
)
from registry.ledger.models import SealedText
from tests.factories import NOW, a_person


def test_an_entry_is_canonical_and_follows_from_the_one_before(session: Session) -> None:
    person = a_person()
    first = record(person, "named", by="system", at=NOW, content={"b": "Ёлка", "a": 1})
    second = record(person, "moved", by="person:1", at=NOW, content={})
    session.flush()

    assert first.body == (
        '{"at":"2026-11-24T07:40:00.000000Z","by":"system","chain":"' + person.chain
        + '","content":{"a":1,"b":"Ёлка"},"kind":"named","prev":"' + "0" * 64
        + '","seq":1,"v":1}').encode()
    assert first.hash == hashlib.sha256(b"\x00" + first.body).hexdigest() == leaf_hash(first.body)
    assert json.loads(second.body)["prev"] == second.prev_hash == first.hash
    assert (person.head_seq, person.head_hash) == (2, second.hash)
    assert [content_of(each) for each in entries_of(person.chain)] == [{"a": 1, "b": "Ёлка"}, {}]


def test_a_moment_is_written_in_utc_with_microseconds_and_read_back() -> None:
    in_moscow = datetime(2026, 11, 24, 10, 40, tzinfo=timezone(timedelta(hours=3)))

    assert stamp(in_moscow) == "2026-11-24T07:40:00.000000Z"
    assert moment(stamp(in_moscow)) == in_moscow
    assert moment("2026-11-24T07:40:00.000001Z") == datetime(2026, 11, 24, 7, 40, 0, 1, tzinfo=UTC)


def test_the_same_words_get_another_seal_each_time(session: Session) -> None:
    one, other = seal("Ada Long"), seal("Ada Long")
    session.flush()

    assert one != other
    assert unseal([one, other]) == {"": "", one: "Ada Long", other: "Ada Long"}
    assert seal("") == ""


def test_erased_words_leave_nothing_to_guess_them_by(session: Session) -> None:
    person, kept = a_person(), seal("stays")
    gone = seal("Ada Long")
    record(person, "named", by="system", at=NOW, content={"name": gone, "note": kept})
    session.flush()

    entry = erase(person, [gone, ""], by="person:1", at=NOW, reason="asked for it")
    session.flush()

    row = session.get_one(SealedText, gone)
    assert (row.words, row.salt, row.erased_at) == (None, None, NOW)
    assert unseal([gone, kept]) == {"": "", gone: None, kept: "stays"}
    assert content_of(entry) == {"erased": [gone], "reason": "asked for it"}


def test_a_text_that_only_looks_like_a_seal_is_not_entered(session: Session) -> None:
    person = a_person()
    false = seal_of("salt", "words that nobody kept")

    with pytest.raises(ValueError, match="no words are kept"):
        record(person, "named", by="system", at=NOW, content={"list": [{"deep": false}]})
    assert person.head_seq == 0


@given(st.recursive(st.text() | st.integers(-2**60, 2**60) | st.floats(allow_nan=False,
                                                                       allow_infinity=False)
                    | st.booleans() | st.none(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_canonical_bytes_are_those_of_the_whole_standard(value: Any):
    try:
        expected = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        with pytest.raises((rfc8785.CanonicalizationError, UnicodeError)):
            canonical(value)
    else:
        assert canonical(value) == expected
