"""Notices: people are told what of their tickets waits for them."""

from __future__ import annotations

from flask import Flask

from registry.core import jobs


def init_app(app: Flask) -> None:
    """Listen to tickets and their timers, tell people of them, and bring the page of choices."""
    from registry.notices.listening import note_entry, note_timer
    from registry.notices.telling import tell_all_due
    from registry.notices.views import account_part, bp
    from registry.people import add_to_person_card
    from registry.tickets.chain import listen
    from registry.tickets.timers import tell_by

    app.register_blueprint(bp)
    add_to_person_card(app, account_part)
    listen(note_entry)
    tell_by(note_timer)
    jobs.register_duty("notices", tell_all_due)
