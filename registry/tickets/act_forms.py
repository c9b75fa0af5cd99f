"""Forms of acts: the fields that the lifecycle asks for, and the password of each signer.

A form is built from the move's definition, so a new field of a lifecycle needs no code here.
The statement's nonce and the head of the chain when it was shown travel with the form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateTimeLocalField,
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice

from registry.core.languages import language
from registry.core.times import from_local_input
from registry.people.models import Person
from registry.people.signing import new_nonce
from registry.tickets.models import Ticket
from workflows import Field as MoveField
from workflows import Move


class LocalMomentField(DateTimeLocalField):
    """A date and time in the company's zone; ``iso`` is what verbs take. Bad input is told by
    the verb's own reasons, so nothing typed is lost."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = valuelist[0] if valuelist else ""
        self.data = from_local_input(self.typed)

    @property
    def iso(self) -> str:
        """The moment in ISO 8601; what was typed where it is no moment; empty for nothing."""
        typed = getattr(self, "typed", "")
        return self.data.isoformat() if self.data else typed

    def _value(self) -> str:
        return getattr(self, "typed", "") or (str(self.data or ""))


class SigningForm(FlaskForm):
    """What every signature needs."""

    nonce = HiddenField()
    shown_head = HiddenField()

    def show(self, ticket: Ticket) -> None:
        """Bind the form to the statement that is about to be shown."""
        self.nonce.data = new_nonce()
        self.shown_head.data = ticket.head_hash


def _password() -> PasswordField:
    return PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})


def _field(definition: MoveField) -> Field:
    title = definition.title.said(language())
    if definition.kind == "date":
        return LocalMomentField(title, format="%Y-%m-%dT%H:%M")
    if definition.kind == "choice":
        choices = [SelectChoice(key, name.said(language()))
                   for key, name in definition.choices.items()]
        return SelectField(title, choices=choices, validate_choice=False)
    if definition.by_receiver:
        return StringField(title, render_kw={"maxlength": 300})
    return TextAreaField(title, render_kw={"rows": 3})


def _build(name: str, fields: dict[str, Field]) -> SigningForm:
    kind: Any = type(name, (SigningForm,), fields)
    return kind()


def opening_form(move: Move) -> SigningForm:
    """For whoever begins the move: the beginner's fields, the reason or note, the password."""
    fields = {each.name: _field(each) for each in move.fields if not each.by_receiver}
    if move.reason == "required":
        fields["reason"] = TextAreaField(_l("Reason"), render_kw={"rows": 3})
    elif move.reason == "allowed" or move.handoff is not None:
        fields["reason"] = TextAreaField(_l("Note (if you wish)"), render_kw={"rows": 2})
    return _build("OpeningForm", {**fields, "password": _password()})


def receiving_form(move: Move) -> SigningForm:
    """For the receiver: what I do next, by when, and the password."""
    fields = {each.name: _field(each) for each in move.fields if each.by_receiver}
    return _build("ReceivingForm", {**fields, "password": _password()})


class PasswordForm(SigningForm):
    """For a witness or a second signature: the password alone."""

    password = _password()


class ReasonForm(FlaskForm):
    """For declining or withdrawing."""

    reason = TextAreaField(_l("Reason"), render_kw={"rows": 3})


class PartiesForm(FlaskForm):
    """Whom the ticket goes to, and in whose presence; chosen before the statement is shown."""

    class Meta:
        csrf = False

    receiver = RadioField(_l("Receiver"), validate_choice=False)
    witness = RadioField(_l("In the presence of"), validate_choice=False)

    def offer(self, receivers: Iterable[Person], witnesses: Iterable[Person]) -> None:
        """Fill in who may be chosen."""
        self.receiver.choices = [SelectChoice(str(each.id), each.name) for each in receivers]
        self.witness.choices = [SelectChoice(str(each.id), each.name) for each in witnesses]


def filled(form: SigningForm, move: Move, *, by_receiver: bool | None) -> dict[str, str]:
    """The move's own fields as the form has them: the receiver's, the beginner's, or all."""
    found = {}
    for each in move.fields:
        if by_receiver is None or each.by_receiver is by_receiver:
            field = form[each.name]
            value = field.iso if isinstance(field, LocalMomentField) else field.data
            found[each.name] = (value or "").strip()
    return found
