"""My desk: the page on which everybody lands."""

from __future__ import annotations

from flask import render_template

from registry.core.times import utc_now
from registry.people.access import me
from registry.tickets.blueprint import bp
from registry.tickets.desk_queries import desk_of
from registry.tickets.ticket_queries import absent_for


@bp.get("/")
def desk() -> str:
    """What waits for me, what is in my hands, what I gave, whom to call back."""
    now = utc_now()
    absent = absent_for(me(), now=now)
    return render_template("tickets/desk.html", desk=desk_of(me(), absent, now=now), absent=absent)
