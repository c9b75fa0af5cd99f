"""Every sentence of the engine is known to the catalogues."""

from registry.tickets.engine_words import SENTENCES
from workflows import REASONS


def test_the_sentences_of_the_engine_are_all_named_for_translation() -> None:
    assert set(SENTENCES) == set(REASONS.values())
