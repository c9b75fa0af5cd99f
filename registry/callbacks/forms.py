"""The form in which the control call is written down and signed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice

from registry.tickets.act_forms import SigningForm
from registry.tickets.models import CheckResult


class CheckForm(SigningForm):
    """What the client found, who said it, in which words."""

    result = RadioField(
        _l("What did the client find?"), validate_choice=False,
        choices=[SelectChoice(CheckResult.GONE.value, _l("The problem is gone")),
                 SelectChoice(CheckResult.NOT_GONE.value, _l("The problem is not gone"))])
    contact_name = StringField(_l("Who checked at the client's"))
    note = TextAreaField(_l("What was said, in the client's words"), render_kw={"rows": 3})
    sure = BooleanField(_l("I am sure: the client confirmed that it is gone"))
    password = PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})
