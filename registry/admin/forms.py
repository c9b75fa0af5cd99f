"""The forms of the calendar, of the rules of signatures and of erasing by law; the verbs judge what
was typed."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
)

from registry.people.forms import ConfirmForm
from registry.people.rule_models import SignatureRules
from registry.people.signing import new_nonce
from registry.tickets.signature_rules import WantedRules

WORKING, FREE = "working", "free"


class DayForm(FlaskForm):
    """A day that is not as the country's calendar says."""

    day = DateField(_l("Day"))
    kind = RadioField(_l("On this day we"), validate_choice=False, default=FREE,
                      choices=[SelectChoice(FREE, _l("are free")),
                               SelectChoice(WORKING, _l("work"))])
    reason = StringField(_l("Why"), description=_l("For example: moved by order of the director."))


class SignatureRulesForm(ConfirmForm):
    """The rules of signatures, and the administrator's proof."""

    minutes = StringField(_l("Minutes of an unbroken session"), render_kw={
        "inputmode": "numeric", "maxlength": 4}, description=_l(
        "For so long after signing in or signing, the password alone signs; then the login is "
        "asked too. 0: always both."))
    passkeys_for = SelectMultipleField(_l("What needs a passkey"), validate_choice=False)

    def show(self, rules: SignatureRules, asked: Iterable[str]) -> None:
        """Put in what is in force."""
        self.minutes.data, self.passkeys_for.data = str(rules.unbroken_minutes), list(asked)

    def wanted(self) -> WantedRules:
        """The rules as typed."""
        typed = (self.minutes.data or "").strip()
        minutes = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else None
        return WantedRules(minutes, frozenset(self.passkeys_for.data or ()))


class ErasingForm(FlaskForm):
    """By which right somebody's data is erased, and the administrator's signature."""

    nonce = HiddenField()
    reason = StringField(_l("By which right"), description=_l(
        "Stays for ever and names nobody. For example: request of 24 November."))
    further = StringField(_l("Other words by which they are known"), description=_l(
        "Separated by commas: a former name, a nickname. May be empty."))
    tickets = BooleanField(_l("Also every word and every file of this client's tickets"))
    password = PasswordField(_l("Your password"))

    def show(self) -> None:
        """Bind the form to the statement that is about to be shown."""
        self.nonce.data = new_nonce()

    def further_words(self) -> tuple[str, ...]:
        """The other words, each by itself."""
        return tuple(each.strip() for each in (self.further.data or "").split(",") if each.strip())
