"""Webhooks: other programs are told of what happened to tickets."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Listen to the entries of tickets, let the worker send what they owe, and bring the pages."""
    from registry.core.senders import register_sender
    from registry.tickets.chain import listen
    from registry.webhooks.events import note_entry
    from registry.webhooks.sending import Postman
    from registry.webhooks.views import bp

    app.register_blueprint(bp)
    listen(note_entry)
    register_sender("webhooks", Postman)
