"""The API: programs do what people do, by the same verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, request

Answering = Callable[[Any], Any]


def init_app(app: Flask) -> None:
    """Bring the addresses of the API, its page, the pages of tokens and the worker's duty."""
    from sqlalchemy.exc import SQLAlchemyError
    from werkzeug.exceptions import HTTPException

    from registry.api import (  # noqa: F401 - each adds its routes to a blueprint
        act_views,
        client_views,
        document,
        handoff_views,
        other_views,
        problems,
        reference,
        ticket_views,
    )
    from registry.api.blueprint import BASE, bp
    from registry.api.edge import ask_for_token
    from registry.api.keys import forget_answers
    from registry.api.token_views import link_on_card, pages
    from registry.core.errors import Refused
    from registry.core.hosts import Misaddressed
    from registry.core.jobs import register_duty
    from registry.core.security import csrf
    from registry.core.web import http_page, refused_page
    from registry.people import add_to_person_card

    if not bp._got_registered_once:
        bp.before_request(ask_for_token)
        bp.register_error_handler(Refused, problems.refusal)
        bp.register_error_handler(HTTPException, problems.http_problem)
        for kind in (SQLAlchemyError, OSError):
            bp.register_error_handler(kind, problems.out_of_service)
        bp.register_error_handler(500, problems.broken)

    def by_part(for_programs: Answering, for_people: Answering) -> Answering:
        """What no blueprint knows, an address or a host, is answered in the manner of its part."""
        def answer(error: Any) -> Any:
            under = request.path.startswith(f"{BASE}/")
            return for_programs(error) if under else for_people(error)
        return answer

    csrf.exempt(bp)
    app.register_blueprint(bp)
    app.register_blueprint(pages)
    app.register_error_handler(HTTPException, by_part(problems.http_problem, http_page))
    app.register_error_handler(Misaddressed, by_part(problems.refusal, refused_page))
    add_to_person_card(app, link_on_card)
    register_duty("kept_answers", forget_answers)
