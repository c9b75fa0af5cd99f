"""The form of the calendar; the verb judges what was typed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectChoice, StringField

WORKING, FREE = "working", "free"


class DayForm(FlaskForm):
    """A day that is not as the country's calendar says."""

    day = DateField(_l("Day"))
    kind = RadioField(_l("On this day we"), validate_choice=False, default=FREE,
                      choices=[SelectChoice(FREE, _l("are free")),
                               SelectChoice(WORKING, _l("work"))])
    reason = StringField(_l("Why"), description=_l("For example: moved by order of the director."))
