"""Filters of the registry: read from an address and back; bad values become sentences."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Refused
from registry.tickets.filters import AGES, FLAGS, NUMBERS, SHOWN, SORTS, Filters
from registry.tickets.places import Place

ids = st.none() | st.integers(1, 2**31 - 1)
filters = st.builds(
    Filters, q=st.sampled_from(["", "slow line", "Волга", "№ 12"]), show=st.sampled_from(SHOWN),
    state=st.just(""), age=st.none() | st.sampled_from(AGES), sort=st.sampled_from(SORTS),
    **dict.fromkeys(NUMBERS, ids), **dict.fromkeys(FLAGS, st.booleans()))


@given(filters)
def test_what_an_address_says_is_read_back_as_the_same_filters(asked):
    assert Filters.from_args(asked.to_args()) == asked


def test_no_arguments_are_all_open_tickets_the_newest_first():
    assert Filters.from_args({}) == Filters()
    assert Filters().to_args() == {}
    assert not Filters().narrows
    assert not Filters(sort="promise").narrows
    assert Filters(late=True).narrows


def test_a_state_says_itself_whether_the_ticket_has_ended():
    assert Filters(state="closed", show="all").to_args() == {"state": "closed"}


@pytest.mark.parametrize(("name", "value"), [
    ("holder", "abc"), ("holder", "-1"), ("client", "0"), ("site", "99999999999"),
    ("department", "1.5"), ("criterion", "١"), ("originator", "1;DROP"), ("age", "2"),
    ("age", "soon"), ("show", "everything"), ("sort", "name"), ("late", "maybe"),
    ("state", "a" * 41), ("state", "<script>"), ("q", "---"), ("q", "№"),
])
def test_a_value_that_is_not_understood_is_refused_with_its_place(name, value):
    with pytest.raises(Refused) as refusal:
        Filters.from_args({name: value})
    assert [each.field for each in refusal.value.reasons] == [name]
    assert refusal.value.status == 422


def test_all_that_is_not_understood_is_said_at_once():
    with pytest.raises(Refused) as refusal:
        Filters.from_args({"holder": "x", "age": "y", "late": "1"})
    assert {each.field for each in refusal.value.reasons} == {"holder", "age"}


@given(st.dictionaries(st.sampled_from([each.name for each in fields(Filters)]), st.text()))
def test_no_address_makes_anything_but_filters_or_a_refusal(args):
    try:
        read = Filters.from_args(args)
    except Refused as refusal:
        assert all(each.field in args for each in refusal.reasons)
    else:
        assert Filters.from_args(read.to_args()) == read


def test_control_characters_are_left_out():
    assert Filters.from_args({"q": " slow\x00 line\n"}).q == "slow line"


moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1),  # noqa: DTZ001
                       timezones=st.just(UTC))


@given(st.builds(Place, st.integers(1, 10**14), st.none() | moments, st.booleans()))
def test_a_place_is_read_back_as_it_was_given_out(place):
    assert Place.from_args(place.to_args()) == place


@given(st.sampled_from(["after", "before"]), st.text(min_size=1))
def test_a_place_that_no_list_gave_out_is_a_refusal(name, key):
    try:
        place = Place.from_args({name: key})
    except Refused as refusal:
        assert refusal.reasons[0].code == "place_unknown"
    else:
        assert place is not None
        assert place.to_args() == {name: place.key()}
