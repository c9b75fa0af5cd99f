"""Answers to our own scripts: JSON that a page reads, refusals in the reader's words.

A page without scripts never asks for these; whatever they lead to is sent by an ordinary form.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response

from registry.core.errors import Refused
from registry.core.languages import say_reason


def told(answer: Callable[[], dict[str, Any]]) -> Response:
    """What ``answer`` gives, or ``refusals``: every reason as a sentence."""
    try:
        said, status = answer(), 200
    except Refused as error:
        said, status = {"refusals": [say_reason(each) for each in error.reasons]}, error.status
    return Response(json.dumps(said, ensure_ascii=False), status, mimetype="application/json")
