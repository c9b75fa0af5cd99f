"""Starting the product: prepare the database, then web and worker until somebody stops them.

``up`` is both halves on one machine; ``serve`` and ``worker`` are the halves, any number of each.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from babel.dates import format_datetime
from flask import Flask
from flask_migrate import upgrade
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from registry.clients.criteria import ensure_criteria
from registry.config import LANGUAGES, Settings
from registry.core.db import atomic, db
from registry.core.languages import say
from registry.core.times import utc_now
from registry.core.write_ahead import log_kept
from registry.people.service import create_first_administrator
from registry.tickets.lifecycles import ensure_lifecycles

THREADS = 8
PATIENCE = 10  # seconds that a part has to finish what it is doing


def prepare(app: Flask) -> None:
    """Bring the database to the newest revision and put in what no registry can do without."""
    with app.app_context():
        upgrade()
        with atomic():
            ensure_lifecycles(now=utc_now())
            ensure_criteria()


def first_administrator(app: Flask) -> tuple[str, str] | None:
    """Login and one-time password of the administrator of an empty registry; None where there
    are people already."""
    language = app.config["SETTINGS"].language or "en"
    with app.app_context(), atomic():
        first = create_first_administrator(now=utc_now(), language=language)
        return (first[0].login, first[1]) if first is not None else None


class ServerLogger(Logger):
    """Gunicorn's lines go the way of all others, once ``start_logs`` has opened it."""

    def setup(self, cfg: Any) -> None:
        """Keep gunicorn's levels, leave the writing to the root's handler."""
        super().setup(cfg)
        if structlog.is_configured():
            self.error_log.handlers = []
            self.error_log.propagate = True


class Web(BaseApplication):
    """Gunicorn around the application, configured from our settings only."""

    def __init__(self, app: Flask, settings: Settings, workers: int) -> None:
        self.application = app
        self.options = {
            "bind": f"{settings.host}:{settings.port}", "workers": workers, "threads": THREADS,
            "worker_class": "gthread", "timeout": 60, "graceful_timeout": PATIENCE,
            "loglevel": "warning", "logger_class": ServerLogger, "control_socket_disable": True,
            "preload_app": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Take our options; gunicorn's own configuration files are not read."""
        for name, value in self.options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """What gunicorn serves."""
        return self.application


def serve(app: Flask, *, workers: int = 2) -> None:
    """Serve the pages until a signal comes."""
    settings: Settings = app.config["SETTINGS"]
    with app.app_context():
        db.engine.dispose()
        engine = db.engine
    _share_with_children(app)
    with log_kept(engine):
        Web(app, settings, workers).run()


def _share_with_children(app: Flask) -> None:
    """Have in memory before the fork what every child needs, and let no child's collector touch it:
    a page that nobody writes to is there once for all of them."""
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)
    with app.app_context():
        for each in LANGUAGES:
            say("today", in_language=each)
            format_datetime(utc_now(), locale=each)  # how the language tells dates: 3 MB each
    gc.collect()
    gc.freeze()


@contextmanager
def a_worker() -> Iterator[None]:
    """A worker beside the web half; it is told to stop when the block ends."""
    process = subprocess.Popen([sys.executable, "-m", "registry", "worker"], env=os.environ)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
