"""Marks a sentence for the catalogues where no request is at hand to translate it.

Services and rules say *what* is refused; the edge says it in the reader's language.
"""


def N_(text: str) -> str:  # noqa: N802 - the name that the extraction of messages looks for
    """Return ``text`` unchanged; the extractor finds the call."""
    return text
