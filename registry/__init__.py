"""Countersign: the registry of service-quality problems. ``create_app`` is the list of steps."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate

from registry.config import ROOT, Settings
from registry.core.addresses import init_addresses
from registry.core.assets import init_assets
from registry.core.db import db, engine_options, init_db
from registry.core.languages import init_languages
from registry.core.packing import init_packing
from registry.core.requests import init_requests
from registry.core.security import init_security
from registry.core.web import init_web

# Under this name an application knows how to make another, for other settings (a restore looks at
# what it restored by one).
MAKE_APP = "make_app"
migrate = Migrate(directory=str(ROOT / "migrations"), render_as_batch=True)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application for ``settings`` (by default: read from the environment)."""
    settings = settings or Settings.from_environment()
    app = Flask(__name__, static_folder=str(ROOT / "static"))
    app.config.from_mapping(flask_options(settings))
    init_db(app)
    migrate.init_app(app, db)
    init_requests(app)
    init_packing(app)
    init_addresses(app)
    init_assets(app)
    init_languages(app)
    init_web(app)
    init_security(app)
    register_areas(app)
    app.extensions[MAKE_APP] = create_app
    return app


def flask_options(settings: Settings) -> dict[str, object]:
    """What Flask and its extensions want to know, from our settings."""
    secure = settings.base_url.startswith("https:")
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(
            settings.database_url, pooler=settings.pooler),
        "MAX_CONTENT_LENGTH": settings.attachment_limit * 6,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        # A browser takes a cookie of such a name from this very host only, never from a neighbour.
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "TESTING": settings.testing,
        "WTF_CSRF_TIME_LIMIT": None,
    }


def register_areas(app: Flask) -> None:
    """Let every area bring its pages, its permissions and what it does in the background."""
    from registry import (
        admin,
        api,
        callbacks,
        clients,
        documents,
        evidence,
        imports,
        notices,
        people,
        reports,
        tickets,
        webhooks,
    )

    for area in (people, clients, tickets, callbacks, notices, webhooks, imports, reports,
                 documents, evidence, admin, api):
        area.init_app(app)
