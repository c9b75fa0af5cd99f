"""Every sentence of every area has its Russian, with the same places for values."""

import re

import pytest
from babel.messages.catalog import Message

from registry.core import catalogues

PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")
FORMS = 3  # plural forms of Russian


def places(text: str) -> set[str]:
    """The places for values in a sentence."""
    return {match.group() for match in PLACE.finditer(text)}


def forms(message: Message) -> tuple[str, ...]:
    """All Russian forms of a message."""
    words = message.string
    return tuple(words) if isinstance(words, tuple | list) else (words,)


def key(message: Message) -> tuple[object, ...]:
    """What tells one message from another."""
    return message.context, message.id


@pytest.mark.parametrize("area", catalogues.areas())
def test_every_sentence_is_in_the_catalogue(area: str):
    known = {key(message) for message in catalogues.read(area)}
    missing = [message.id for message in catalogues.extract(area)
               if message.id and key(message) not in known]
    assert not missing, f"run: countersign words update --area {area}"


@pytest.mark.parametrize("area", catalogues.areas())
def test_every_sentence_has_its_russian(area: str):
    assert not catalogues.untranslated(catalogues.read(area))


@pytest.mark.parametrize("area", catalogues.areas())
def test_nothing_stands_in_the_catalogue_that_nobody_says(area: str):
    said = {key(message) for message in catalogues.extract(area)}
    stale = [message.id for message in catalogues.read(area)
             if message.id and key(message) not in said]
    assert not stale, f"run: countersign words update --area {area}"


@pytest.mark.parametrize("area", catalogues.areas())
def test_places_for_values_are_the_same(area: str):
    wrong = []
    for message in catalogues.read(area):
        if not message.id:
            continue
        english = (message.id,) if isinstance(message.id, str) else message.id
        known = set().union(*map(places, english))
        needed = places(english[-1])
        for words in filter(None, forms(message)):
            # «один клиент» may leave the number out, as English does; a name must never go.
            gone = {place for place in needed - places(words) if isinstance(message.id, str)}
            if gone or places(words) - known:
                wrong.append((english[0], words))
    assert not wrong


@pytest.mark.parametrize("area", catalogues.areas())
def test_counted_sentences_have_all_forms_of_russian(area: str):
    counted = [message for message in catalogues.read(area) if not isinstance(message.id, str)]
    assert all(len(forms(message)) == FORMS for message in counted)


def test_one_sentence_has_one_russian_form_everywhere():
    found: dict[object, dict[tuple[str, ...], str]] = {}
    for area in catalogues.areas():
        for message in catalogues.read(area):
            if message.id and any(forms(message)):
                found.setdefault(key(message), {}).setdefault(forms(message), area)
    assert not {name: told for name, told in found.items() if len(told) > 1}
