"""What may not be written on a client's card; no database."""

from __future__ import annotations

from decimal import Decimal

import pytest

from registry.clients import rules
from registry.clients.criteria import code_of
from registry.clients.names import folded, searchable, sought


@pytest.mark.parametrize(("name", "code"), [
    ("Volga Bank", None), ("ООО «Ёлка»", None), ("a\u00a0b", None), ("", "name_missing"),
    ("  ", "name_missing"), ("x" * 201, "text_long"), ("a\nb", "text_unprintable"),
    ("a\x00b", "text_unprintable"), ("a\u202eb", "text_unprintable"),
])
def test_a_name_is_one_line_of_bounded_length(name: str, code: str | None) -> None:
    fault = rules.name_fault(name)
    assert (fault.code if fault else None) == code


def test_a_note_may_have_several_lines() -> None:
    assert rules.text_fault("a\r\nb", "note", rules.LONGEST_NOTE) is None


@pytest.mark.parametrize(("email", "good"), [
    ("", True), ("a.b@example.org", True), ("иван@пример.рф", True), ("a", False),
    ("a@b", False), ("a@b.c", False), ("a b@example.org", False), ("<a@example.org>", False),
    ("a@example.org, b@example.org", False), ("a@example.org\nBcc: x@example.org", False),
    ("x" * 250 + "@example.org", False),
])
def test_an_address_is_one_that_a_mail_server_could_take(email: str, good: bool) -> None:
    assert (rules.email_fault(email) is None) is good


@pytest.mark.parametrize(("phone", "good"), [
    ("", True), ("+7 495 123-45-67", True), ("8 (495) 123-45-67 доб. 12", True), ("112", True),
    ("+7 495 123 ext 5", True), ("12", False), ("ask Galina", False), ("1" * 41, False),
    ("---", False), ("+7 495 123-45-67; 8 800", False),
])
def test_a_telephone_number_can_be_dialled(phone: str, good: bool) -> None:
    assert (rules.phone_fault(phone) is None) is good


def test_at_least_two_of_us_should_know_a_client() -> None:
    codes = [fault.code if fault else None for fault in map(rules.few_know, range(4))]
    assert codes == ["nobody_knows", "one_knows", None, None]


@pytest.mark.parametrize(("site", "feeder", "circle"), [
    (1, None, False), (1, 2, False), (3, 1, True), (2, 1, True), (1, 1, True), (None, 1, False),
    (5, 8, False),
])
def test_nothing_may_come_to_feed_itself(
    site: int | None, feeder: int | None, circle: bool
) -> None:
    feeders = {1: 2, 2: 3, 3: None, 8: 9, 9: 8}
    assert rules.makes_circle(site, feeder, feeders) is circle


@pytest.mark.parametrize(("text", "number"), [
    ("30", Decimal(30)), ("0,5", Decimal("0.5")), (" 1 000.25 ", Decimal("1000.25")),
    ("-1", Decimal(-1)), ("", None), ("abc", None), ("1e5", None), ("NaN", None), ("١", None),
    ("1.2.3", None),
])
def test_a_number_is_read_as_people_write_it(text: str, number: Decimal | None) -> None:
    assert rules.number(text) == number


@pytest.mark.parametrize(("norm", "good"), [
    (None, True), (Decimal(0), True), (Decimal("30.125"), True), (Decimal(-1), False),
    (Decimal("0.0001"), False), (Decimal(10**9), False), (Decimal("NaN"), False),
    (Decimal("Infinity"), False),
])
def test_a_norm_is_a_number_that_is_kept_exactly(norm: Decimal | None, good: bool) -> None:
    assert (rules.norm_fault(norm) is None) is good


def test_names_are_the_same_without_case_and_with_e_for_yo() -> None:
    assert folded("  ООО  «ЁЛКА» ") == folded("ооо «елка»")
    assert folded("Ёлка") != folded("Палка")


@pytest.mark.parametrize("typed", ["123-45-67", "(495) 123 45", "4951234567", "серо", "ЁЛ"])
def test_what_is_typed_is_found_in_what_is_written(typed: str) -> None:
    assert sought(typed) in searchable("Серова", "+7 (495) 123-45-67", None, "Елена")


def test_a_code_is_made_of_the_english_name() -> None:
    assert code_of("Speed from our server, KB/s") == "speed_from_our_server_kb_s"
    assert code_of("Скорость") == "criterion"
