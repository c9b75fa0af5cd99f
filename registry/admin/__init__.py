"""Running the installation: the page that leads to all of it, and the company's calendar."""

from __future__ import annotations

from datetime import date

from flask import Flask
from flask_babel import format_date

from registry.admin.views import bp


def init_app(app: Flask) -> None:
    """Bring the pages."""
    app.jinja_env.filters["weekday"] = weekday
    app.register_blueprint(bp)


def weekday(day: date) -> str:
    """Filter: «Monday, 2 November»."""
    return format_date(day, "EEEE, d MMMM")
