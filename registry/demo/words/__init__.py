"""The words of the demo company, in Russian and English."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def words_of(language: str) -> dict[str, Any]:
    """The word lists of ``ru`` or ``en``."""
    return tomllib.loads(files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
