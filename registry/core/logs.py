"""Logs of what runs in the background: one JSON line for each event, on standard error.

Events carry ids and kinds, never names, addresses or words of people.
"""

from __future__ import annotations

import logging
import sys
import traceback

import structlog


def start_logs() -> None:
    """Let every logger of structlog write JSON lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def fault(error: BaseException) -> dict[str, str]:
    """What a log may say of an error: its kind and where it arose, not its words, which may carry
    what people wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return {"error": type(error).__name__, "at": place}
