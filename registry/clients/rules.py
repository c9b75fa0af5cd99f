"""What may not be written on a client's card: pure conditions, each a Reason or None.

They look at values only. Whether a name is taken already needs the database and stands with the
verbs; who may act at all stands in people/permissions.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from registry.core.errors import Reason
from registry.core.words import N_

LONGEST_NAME = 200
LONGEST_NOTE = 4000
LEAST_KNOWERS = 2
LARGEST_NORM = Decimal(999_999_999)

EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[^\s@<>,;:\"()\[\]]+\.[^\s@<>,;:\"()\[\].]{2,}")
PHONE = re.compile(r"\+?[\d\s().-]{3,}(?:\s*(?:доб\.?|ext\.?|#|x)\s*\d{1,6})?", re.IGNORECASE)


def name_fault(name: str, field: str = "name") -> Reason | None:
    """A name has something in it, fits on a line and has no line breaks."""
    if not name.strip():
        return Reason("name_missing", N_("Write a name."), field=field)
    return text_fault(name, field)


def text_fault(text: str, field: str, longest: int = LONGEST_NAME) -> Reason | None:
    """A single line of bounded length; a note may be longer and have several lines."""
    if len(text) > longest:
        return Reason("text_long", N_("Shorten this to %(count)d characters at most."),
                      {"count": longest}, field)
    allowed = "\n\r\t" if longest == LONGEST_NOTE else ""
    if any(not (each.isprintable() or each in allowed or each == "\u00a0") for each in text):
        return Reason("text_unprintable",
                      N_("Take out line breaks and characters that cannot be printed."), {}, field)
    return None


def email_fault(email: str, field: str = "email") -> Reason | None:
    """Empty, or something that a mail server could take."""
    if not email or (len(email) <= 254 and EMAIL.fullmatch(email)):
        return None
    return Reason("email_wrong", N_("Write the e-mail address like name@example.org."),
                  field=field)


def phone_fault(phone: str, field: str = "phone") -> Reason | None:
    """Empty, or a number that can be dialled, with an extension if there is one."""
    if not phone or (len(phone) <= 40 and PHONE.fullmatch(phone)
                     and sum(each.isdigit() for each in phone) >= 3):
        return None
    return Reason("phone_wrong",
                  N_("Write the telephone number in digits, like +7 495 123-45-67."), field=field)


def few_know(count: int) -> Reason | None:
    """At least two of us should know each client (the domain, 1.10): a warning, never a refusal,
    because a new client has to be entered before somebody gets to know it."""
    if count >= LEAST_KNOWERS:
        return None
    if count == 0:
        return Reason("nobody_knows", N_("Nobody of us is named as knowing this client. "
                                         "Name at least two persons."))
    return Reason("one_knows", N_("Only one of us knows this client. Name a second person."))


def makes_circle(site_id: int | None, fed_by_id: int | None,
                 feeders: Mapping[int, int | None]) -> bool:
    """Whether the site would come to feed itself. ``feeders`` tells by what each site is fed."""
    seen: set[int] = set()
    above = fed_by_id
    while above is not None and above not in seen:
        if above == site_id:
            return True
        seen.add(above)
        above = feeders.get(above)
    return False


def norm_fault(norm: Decimal | None, field: str = "norm") -> Reason | None:
    """No norm, or a number from 0 that the column holds exactly."""
    if norm is None:
        return None
    finite = norm.is_finite() and 0 <= norm <= LARGEST_NORM
    if finite and norm == norm.quantize(Decimal("0.001")):
        return None
    return Reason("norm_wrong", N_("Write the norm as a number from 0 to %(most)s with at most "
                                   "three decimals, or leave it empty."),
                  {"most": str(LARGEST_NORM)}, field)


def number(text: str) -> Decimal | None:
    """A number as people write it: «30», «0,5», «1 000»; None for anything else."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    return Decimal(plain) if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,9})?", plain) else None
