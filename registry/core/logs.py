"""Logs of what runs in the background: one JSON line for each event, on standard error.

Events carry ids and kinds, never names, addresses or words of people.
"""

from __future__ import annotations

import logging
import sys

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
