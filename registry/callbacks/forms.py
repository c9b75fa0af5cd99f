"""The form in which the control call is written down and signed."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice

from registry.people.models import Person
from registry.tickets.act_forms import SigningForm
from registry.tickets.models import CheckResult


class CheckForm(SigningForm):
    """What the client found, who said it, in which words. ``receiver`` is asked for only where the
    one who mended it last has left."""

    result = RadioField(
        _l("What did the client find?"), validate_choice=False,
        choices=[SelectChoice(CheckResult.GONE.value, _l("The problem is gone")),
                 SelectChoice(CheckResult.NOT_GONE.value, _l("The problem is not gone"))])
    contact_name = StringField(_l("Who checked at the client's"))
    note = TextAreaField(_l("What was said, in the client's words"), render_kw={"rows": 3})
    sure = BooleanField(_l("I am sure: the client confirmed that it is gone"))
    receiver = RadioField(_l("If it is not gone, to whom does it go?"), validate_choice=False)
    password = PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})

    def offer(self, receivers: Iterable[Person]) -> None:
        """Fill in who could take it instead; the first is chosen already."""
        self.receiver.choices = [SelectChoice(str(each.id), each.name) for each in receivers]
        if self.receiver.data is None and self.receiver.choices:
            self.receiver.data = self.receiver.choices[0].value
