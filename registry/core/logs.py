"""Logs of everything that runs: one JSON object a line, on standard error.

Events carry ids and kinds, never names, addresses or words of people; of an error its kind and
where it arose. Lines of the libraries (web server, Flask, SQLAlchemy) take the same form. Only
ASCII leaves: whatever somebody sends us, it neither ends a line nor moves a terminal's cursor.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from typing import Any, TextIO

import structlog
from flask.logging import default_handler

FRAMES = 12  # of a fault's way through the program, counted from where it arose
JSON = structlog.processors.JSONRenderer()
STAMPS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class Unfailing:
    """A stream whose failing stops nobody's work: a full disk takes the log, not the act."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> None:
        """Write what can be written."""
        with suppress(OSError):
            self.stream.write(text)

    def flush(self) -> None:
        """Let it out where it can go."""
        with suppress(OSError):
            self.stream.flush()


def start_logs() -> None:
    """Let every logger, structlog's and the standard library's, write JSON lines."""
    structlog.configure(
        processors=[*STAMPS, JSON],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(Unfailing(sys.stderr)),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(Unfailing(sys.stderr))
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*STAMPS, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, tell_fault, JSON]))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    # Flask gives its own logger a handler where it finds none; ours is the one.
    logging.getLogger("registry").removeHandler(default_handler)


def fault(error: BaseException) -> dict[str, str]:
    """What a log may say of an error: its kind and where it arose, not its words, which may carry
    what people wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return {"error": type(error).__name__, "at": place}


def tell_fault(_logger: Any, _name: str, event: Any) -> Any:
    """In place of a traceback, which repeats the error's words: its kind, and its way through the
    program."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
        event |= fault(error) | {"way": [
            f"{each.filename.rpartition('/')[2]}:{each.lineno} {each.name}" for each in frames]}
    return event
