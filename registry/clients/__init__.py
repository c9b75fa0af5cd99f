"""Clients: who is served, who of ours knows them, at which sites, measured against which norms."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app
from markupsafe import Markup

from registry.clients import (  # noqa: F401 - the views add themselves to the blueprint
    card_views,
    criterion_views,
    import_views,
    site_views,
    views,
)
from registry.clients.blueprint import bp
from registry.clients.models import Client, Site
from registry.clients.wording import change_text, norm_text, number_text, step_text, tier_name

CARD_EXTRAS = "client_card_extras"
SITE_EXTRAS = "site_page_extras"


def init_app(app: Flask) -> None:
    """Bring the pages of clients, and places where the areas above add to them."""
    app.extensions[CARD_EXTRAS] = []
    app.extensions[SITE_EXTRAS] = []
    app.jinja_env.globals[CARD_EXTRAS] = client_card_extras
    app.jinja_env.globals[SITE_EXTRAS] = site_page_extras
    app.jinja_env.filters.update(tier_name=tier_name, norm_text=norm_text,
                                 number_text=number_text, step_text=step_text,
                                 change_text=change_text)
    app.register_blueprint(bp)


def add_to_client_card(app: Flask, extra: Callable[[Client], str]) -> None:
    """Let an area above put a part of its own on a client's card; ``extra`` renders it."""
    app.extensions[CARD_EXTRAS].append(extra)


def add_to_site_page(app: Flask, extra: Callable[[Site], str]) -> None:
    """The same for the page of a site."""
    app.extensions[SITE_EXTRAS].append(extra)


def client_card_extras(client: Client) -> Markup:
    """What the areas above add to the client's card."""
    return Markup("").join(Markup(extra(client)) for extra in current_app.extensions[CARD_EXTRAS])


def site_page_extras(site: Site) -> Markup:
    """What the areas above add to the site's page."""
    return Markup("").join(Markup(extra(site)) for extra in current_app.extensions[SITE_EXTRAS])
