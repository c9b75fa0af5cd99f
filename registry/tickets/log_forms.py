"""The form in which a problem found at a client is written down: what was measured against which
norm, and what the client thinks, side by side."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import (
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)

from registry.clients.choices import (
    CriterionChoice,
    contact_choices,
    criterion_choices,
    site_choices,
)
from registry.clients.models import Client, Contact, Criterion, Site
from registry.core.db import db
from registry.core.languages import language
from registry.tickets import rules
from registry.tickets.attachments import KINDS, Upload
from registry.tickets.models import Opinion
from registry.tickets.service import Problem
from registry.tickets.wording import measure, sense

T = TypeVar("T", Site, Contact, Criterion)


class MeasureField(StringField):
    """A number as people write it: «12», «12.5», «12,5», «1 200». Keeps what was typed."""

    number: Decimal | None = None

    def pre_validate(self, form: FlaskForm) -> None:
        """Read the number; ValidationError where it is none."""
        typed = "".join((self.data or "").split()).replace(",", ".")
        try:
            self.number = Decimal(typed) if typed else None
        except InvalidOperation:
            raise ValidationError(_("Write a number, for example 12 or 12.5.")) from None


class FilesField(MultipleFileField):
    """Photos and papers of the problem; on a phone the camera is offered."""

    def uploads(self) -> list[Upload]:
        """The files that were chosen; text that was sent in their place is none."""
        return [Upload(each.filename, each.stream) for each in self.data or ()
                if isinstance(each, FileStorage) and each.filename]


ACCEPTED = ",".join(sorted(f".{ending}" for ending in KINDS.values())) + ",image/*"


class LogForm(FlaskForm):
    """A problem at one client; the choices are that client's."""

    site = SelectField(_l("Site"), validate_choice=False)
    contact = SelectField(_l("Who told you"), validate_choice=False)
    summary = StringField(_l("What is wrong, in a few words"),
                          render_kw={"maxlength": rules.LONGEST_SUMMARY, "required": True})
    criterion = SelectField(_l("What was measured"), validate_choice=False)
    measured = MeasureField(_l("Measured value"),
                            render_kw={"inputmode": "decimal", "autocomplete": "off"})
    opinion = RadioField(_l("The client's own opinion"), validate_choice=False,
                         default=Opinion.NOT_ASKED.value)
    opinion_words = TextAreaField(_l("In the client's own words"), render_kw={"rows": 3})
    description = TextAreaField(_l("Details"), render_kw={"rows": 4})
    files = FilesField(_l("Photos and files"), render_kw={"accept": ACCEPTED, "multiple": True})

    def offer(self, client: Client) -> None:
        """Fill in what may be chosen at this client; the key person comes first."""
        none = [("", _("not said"))]
        self.site.choices = none + [
            (str(each.id), f"{each.label}, {each.hint}" if each.hint else each.label)
            for each in site_choices(client.id)]
        self.contact.choices = none + [
            (str(each.id), f"{each.label}, {each.hint}" if each.hint else each.label)
            for each in contact_choices(client.id)]
        self.criterion.choices = [("", _("nothing"))] + [
            (str(each.id), _with_norm(each)) for each in criterion_choices(language())]
        self.opinion.choices = [
            (Opinion.CONTENT.value, _("content")), (Opinion.DISCONTENT.value, _("discontent")),
            (Opinion.NOT_ASKED.value, _("not asked"))]

    def problem(self, client: Client) -> Problem:
        """What was written down, as the verb takes it."""
        opinions = {each.value: each for each in Opinion}
        return Problem(
            client=client, summary=self.summary.data or "",
            site=_chosen(Site, self.site.data), contact=_chosen(Contact, self.contact.data),
            criterion=_chosen(Criterion, self.criterion.data), measured=self.measured.number,
            opinion=opinions.get(self.opinion.data or "", Opinion.NOT_ASKED),
            opinion_words=self.opinion_words.data or "", description=self.description.data or "")


def _with_norm(criterion: CriterionChoice) -> str:
    """«Speed from our server: norm ≥ 30 KB/s»."""
    if criterion.norm is None:
        return criterion.label
    norm = f"{sense(criterion.sense)} {measure(criterion.norm, criterion.unit)}"
    return _("%(criterion)s: norm %(norm)s", criterion=criterion.label, norm=norm)


def _chosen(kind: type[T], key: str | None) -> T | None:
    """The site, contact or criterion of the id that came with the form; None for none."""
    if not key or not (key.isascii() and key.isdecimal() and len(key) < 10):
        return None
    return db.session.get(kind, int(key))
