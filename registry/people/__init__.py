"""People: who works here, who is at the screen, who signs, who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app
from markupsafe import Markup

from registry.ledger.owners import heads_by, register_owner
from registry.people import (  # noqa: F401 - the views add themselves to the blueprint
    account_views,
    declaration_views,
    department_views,
    passkey_views,
    person_views,
    sign_in_views,
)
from registry.people.blueprint import bp
from registry.people.ceremony import ceremony_of
from registry.people.declaration import has_declared
from registry.people.erasures import Erasure
from registry.people.gate import init_gate
from registry.people.models import Person
from registry.people.names import last_day, local_day, role_name
from registry.people.queries import in_order
from registry.people.relying import relying_party
from registry.people.rule_models import SignatureRules

EXTRAS = "person_card_extras"


def init_app(app: Flask) -> None:
    """Stand before every page and bring the pages of people."""
    init_gate(app)
    app.extensions[EXTRAS] = []
    app.jinja_env.filters.update(role_name=role_name, in_order=in_order, local_day=local_day,
                                 last_day=last_day)
    app.jinja_env.globals[EXTRAS] = person_card_extras
    app.jinja_env.globals["passkeys_here"] = lambda: relying_party() is not None
    app.jinja_env.globals["ceremony_of"] = ceremony_of
    app.jinja_env.tests["declared"] = has_declared
    app.register_blueprint(bp)
    register_owner("person", heads_by(Person.id))
    register_owner("erasure", heads_by(Erasure.id))
    register_owner("signature_rules", heads_by(SignatureRules.id))


def add_to_person_card(app: Flask, extra: Callable[[Person], str]) -> None:
    """Let an area above put a part of its own on the page of a person; ``extra`` renders it."""
    app.extensions[EXTRAS].append(extra)


def person_card_extras(person: Person) -> Markup:
    """What the areas above add to the person's page."""
    return Markup("").join(Markup(extra(person)) for extra in current_app.extensions[EXTRAS])
