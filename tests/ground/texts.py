"""Texts that a test changes a little."""

from __future__ import annotations


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """The text with the new in the place of each old, which must stand there."""
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text
