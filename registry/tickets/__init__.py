"""Tickets: logged, handed from person to person under signatures, returned, closed or cancelled."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages, what happens when time is up, and who may not leave yet."""
    from registry.ledger.owners import (
        heads_by,
        register_files,
        register_owner,
        register_projection,
    )
    from registry.people import rules as people_rules
    from registry.tickets import (  # noqa: F401 - each adds its routes to the blueprint
        act_views,
        attachment_views,
        chain_views,
        desk_views,
        handoff_views,
        lifecycle_views,
        log_views,
        registry_views,
        sheet_new_views,
        sheet_views,
        succession_views,
        ticket_views,
        together_views,
        wording,
    )
    from registry.tickets.attachment_check import check_attachments
    from registry.tickets.blueprint import bp
    from registry.tickets.card_extras import add_card_extras
    from registry.tickets.lifecycles import lifecycle_heads
    from registry.tickets.models import Ticket
    from registry.tickets.replays import check_tickets
    from registry.tickets.requirements import check_requirements
    from registry.tickets.succession import reasons_against_departure
    from registry.tickets.versions import check_lifecycles

    check_requirements(app.config["SETTINGS"])
    app.register_blueprint(bp)
    register_owner("ticket", heads_by(Ticket.number))
    register_owner("lifecycle", lifecycle_heads)
    register_projection("ticket", check_tickets)
    register_files("ticket", check_attachments)
    register_projection("lifecycle", check_lifecycles)
    app.jinja_env.filters.update(measure=wording.measure, sense=wording.sense,
                                 file_size=wording.file_size, method=wording.method)
    people_rules.register_departure_check(reasons_against_departure)
    add_card_extras(app)
    _register_jobs()


def _register_jobs() -> None:
    """What the worker does for tickets: timers ring, files that nobody needs go, half-signed
    handoffs lapse."""
    from registry.core import jobs
    from registry.tickets.lapsing import lapse_all_due
    from registry.tickets.leftovers import Sweeping
    from registry.tickets.timers import ring

    jobs.register("ticket_timer", ring)
    jobs.register_duty("sweep_files", Sweeping())
    jobs.register_duty("lapse", lapse_all_due)
