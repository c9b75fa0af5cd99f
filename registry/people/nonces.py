"""The number that signs once, as it comes back from a page: it is kept with the signature for ever,
so that what is none, or none that fits, signs nothing."""

from __future__ import annotations

import re

from registry.core.errors import Reason
from registry.core.words import N_

NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
STALE = Reason("stale_form", N_(
    "This form was opened too long ago or in another session. Go back, reload the page and send it "
    "again."), field="password")


def is_nonce(text: str) -> bool:
    """Whether ``text`` can be a number that one of our pages carried."""
    return NONCE.fullmatch(text) is not None
