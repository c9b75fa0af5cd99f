"""Tickets: logged, handed from person to person under signatures, returned, closed or cancelled."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages, what happens when time is up, and who may not leave yet."""
    from registry.tickets import (  # noqa: F401 - each adds its routes to the blueprint
        act_views,
        desk_views,
        handoff_views,
        ticket_views,
    )
    from registry.tickets.blueprint import bp

    app.register_blueprint(bp)
