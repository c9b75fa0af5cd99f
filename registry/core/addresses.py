"""The addresses that pages name: built once each, since a list names two in every row.

An address follows from the mount point, the endpoint and its values alone (no rule of ours asks for
more), so an application keeps those it was asked for last.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Flask, request

MOST_KEPT = 4096


def init_addresses(app: Flask) -> None:
    """Give templates a ``url_for`` that remembers; elsewhere Flask's own serves."""

    # ``typed``: 1 and True are equal and make different addresses.
    @lru_cache(maxsize=MOST_KEPT, typed=True)
    def kept(_mounted_at: str, endpoint: str, /, **values: Any) -> str:
        return app.url_for(endpoint, **values)

    def url_for(endpoint: str, /, **values: Any) -> str:
        return kept(request.root_path, endpoint, **values)

    app.jinja_env.globals["url_for"] = url_for
