"""Running the installation: the page that leads to all of it, the company's calendar, and what
machines that watch it ask."""

from __future__ import annotations

from datetime import date

from flask import Flask
from flask_babel import format_date

from registry.admin.blueprint import bp


def init_app(app: Flask) -> None:
    """Bring the pages."""
    from registry.admin import (  # noqa: F401 - each adds routes to the blueprint
        erasing_views,
        health,
        import_views,
        signature_views,
        views,
    )
    from registry.admin.retention import Retention
    from registry.core import jobs

    app.jinja_env.filters["weekday"] = weekday
    app.register_blueprint(bp)
    jobs.register_duty("retention", Retention())


def weekday(day: date) -> str:
    """Filter: «Monday, 2 November»."""
    return format_date(day, "EEEE, d MMMM")
