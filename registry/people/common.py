"""Whether a password is one of those that are tried first, also with the usual trimmings: digits
and signs before or after it, or the same written twice.

The list is that of the library zxcvbn, the commonest first; its judgements are not used.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice

MOST_COMMON = 10_000
TRIMMINGS = "0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~№"


def is_common(secret: str) -> bool:
    """Whether the password, or what is left of it without its trimmings, is on the list."""
    whole = secret.casefold()
    return not common_passwords().isdisjoint(
        _said_once(each) for each in (whole, whole.strip(TRIMMINGS)) if each)


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The list, read when the first password is chosen: it takes some 10 MiB and half a second."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(islice(FREQUENCY_LISTS["passwords"], MOST_COMMON))


def _said_once(text: str) -> str:
    """``text`` without its repetitions: "abcabc" is "abc"."""
    return text[:(text + text).index(text, 1)]
