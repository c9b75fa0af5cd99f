"""How names are compared and searched: without case, with ё as е, spaces counted once.

One folding in Python for both databases: SQLite folds no Cyrillic at all, and what PostgreSQL
does depends on the locale that its cluster was made with.
"""

from __future__ import annotations

import re
import unicodedata

LEAST_DIGITS = 3


def folded(text: str) -> str:
    """The form in which two names are the same name: «ООО  Ёлка» and «ооо елка»."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return " ".join(plain.split())


def searchable(*texts: str | None) -> str:
    """What a search looks through: the folded texts, and telephone numbers as digits alone."""
    present = [folded(text) for text in texts if text]
    numbers = [digits(text) for text in present if len(digits(text)) >= LEAST_DIGITS]
    return " ".join([*present, *numbers])


def digits(text: str) -> str:
    """The digits of a text: a telephone number without its spaces and brackets."""
    return re.sub(r"\D", "", text)


def sought(words: str) -> str:
    """What to look for when somebody types ``words``: a number is looked for by its digits."""
    key = folded(words)
    looks_like_number = re.fullmatch(r"[\d\s()+.-]+", key) and len(digits(key)) >= LEAST_DIGITS
    return digits(key) if looks_like_number else key
