"""The pages of tokens: mine, a new one under my password; another's for administrators."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, PasswordField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from registry.api.queries import token_by_id, tokens_of
from registry.api.rules import DAYS, LONGEST_LIFE, LONGEST_NAME, SCOPE_NAMES
from registry.api.service import make_token, revoke_token
from registry.core.db import atomic
from registry.core.errors import Forbidden, Reason, Refused
from registry.core.languages import say
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import can, me, prove_at_edge
from registry.people.models import Person
from registry.people.queries import person_by_id

pages = Blueprint("tokens", __name__, template_folder="templates")
Answer = str | Response | tuple[str, int]


class TokenForm(FlaskForm):
    """A new token."""

    name = StringField(_l("Name"), description=_l("Which program uses it."),
                       render_kw={"maxlength": LONGEST_NAME, "autocomplete": "off"})
    scopes = SelectMultipleField(_l("The program may"), validate_choice=False,
                                 widget=ListWidget(), option_widget=CheckboxInput())
    days = IntegerField(_l("Days until it expires"), default=DAYS,
                        render_kw={"min": 1, "max": LONGEST_LIFE})
    password = PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})

    def offer(self) -> None:
        """Fill in the scopes."""
        self.scopes.choices = [SelectChoice(each.value, say(name))
                               for each, name in SCOPE_NAMES.items()]


@pages.route("/account/tokens", methods=["GET", "POST"])
def mine() -> Answer:
    """My tokens, and a form for a new one; its secret stands in the answer, once."""
    form = TokenForm()
    form.offer()
    if not form.is_submitted():
        return _page(me(), form, [])
    form.validate()
    proved = prove_at_edge(me(), form.password.data or "", login=me().login, purpose="sign",
                           now=utc_now())
    try:
        with atomic():
            _token, secret = make_token(me(), name=form.name.data or "", by=me(), proved=proved,
                                        scopes=form.scopes.data or (), days=form.days.data,
                                        now=utc_now())
    except Refused as error:
        return _page(me(), form, show_reasons(form, error)), 422
    return render_template("api/secret.html", secret=secret)


@pages.get("/people/<int:person_id>/tokens")
def of_person(person_id: int) -> str:
    """Another's tokens, for an administrator."""
    person = found(person_by_id(person_id))
    if person.id != me().id and not can("manage_people"):
        raise Forbidden()
    return _page(person, None, [])


@pages.post("/tokens/<int:token_id>/revoke")
def revoke(token_id: int) -> Response:
    """End a token."""
    token = found(token_by_id(token_id))
    owner = token.person_id
    with atomic():
        revoke_token(token, by=me(), now=utc_now())
    flash_done(_("The token is revoked."))
    target = (url_for("tokens.mine") if owner == me().id
              else url_for("tokens.of_person", person_id=owner))
    return redirect(target, 303)  # type: ignore[return-value]


def _page(person: Person, form: TokenForm | None, reasons: list[Reason]) -> str:
    return render_template("api/tokens.html", person=person, form=form, reasons=reasons,
                           tokens=tokens_of(person), at=utc_now())


def link_on_card(person: Person) -> str:
    """The way to a person's tokens: on one's own account, and for administrators."""
    if person.id != me().id and not can("manage_people"):
        return ""
    return render_template("api/person_extras.html", person=person, mine=person.id == me().id)
