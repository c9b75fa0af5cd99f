"""Forms of a ticket that carry no signature."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, TextAreaField

from registry.tickets.act_forms import LocalMomentField


class PromiseForm(FlaskForm):
    """A new promised date with its reason."""

    promised_at = LocalMomentField(_l("Promised by"), format="%Y-%m-%dT%H:%M")
    reason = TextAreaField(_l("Reason"), render_kw={"rows": 3})
    client_told = BooleanField(_l("The client has been told"))
