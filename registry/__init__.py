"""Countersign: the registry of service-quality problems. ``create_app`` is the list of steps."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate

from registry.config import ROOT, Settings
from registry.core.db import db, engine_options, init_db
from registry.core.languages import init_languages
from registry.core.security import init_security
from registry.core.web import init_web

migrate = Migrate(directory=str(ROOT / "migrations"), render_as_batch=True)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application for ``settings`` (by default: read from the environment)."""
    settings = settings or Settings.from_environment()
    app = Flask(__name__, static_folder=str(ROOT / "static"))
    app.config.from_mapping(flask_options(settings))
    init_db(app)
    migrate.init_app(app, db)
    init_languages(app)
    init_web(app)
    init_security(app)
    register_areas(app)
    return app


def flask_options(settings: Settings) -> dict[str, object]:
    """What Flask and its extensions want to know, from our settings."""
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "MAX_CONTENT_LENGTH": settings.attachment_limit * 6,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.base_url.startswith("https:"),
        "TESTING": settings.testing,
        "WTF_CSRF_TIME_LIMIT": None,
    }


def register_areas(app: Flask) -> None:
    """Let every area bring its pages, its permissions and what it does in the background."""
    from registry import admin, callbacks, clients, imports, people, reports, tickets

    for area in (people, clients, tickets, callbacks, imports, reports, admin):
        area.init_app(app)
