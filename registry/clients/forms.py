"""Forms of clients. They only take in what was typed: the verbs judge it and name every reason."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    RadioField,
    SearchField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from registry.clients import rules
from registry.clients.choices import Choice
from registry.clients.criteria import CriterionFacts
from registry.clients.models import Client, Contact, Criterion, Sense, Site, Tier
from registry.clients.network import site_by_id
from registry.clients.service import ClientFacts, ContactFacts
from registry.clients.sites import SiteFacts
from registry.clients.wording import sense_name, tier_name
from registry.people.models import Person

NAME = {"required": True, "maxlength": rules.LONGEST_NAME, "autocomplete": "off"}
LINE = {"maxlength": rules.LONGEST_NAME, "autocomplete": "off"}
NOT_A_NUMBER = Decimal("NaN")


class ClientFilter(FlaskForm):
    """Which clients the list shows; stands in the address."""

    class Meta:
        csrf = False

    q = SearchField(_l("Name, phone, address"), render_kw={"maxlength": 200})
    tier = SelectField(_l("Tier"), validate_choice=False)
    known = SelectField(_l("Who knows it"), validate_choice=False)
    retired = BooleanField(_l("Served no more"))

    def offer(self) -> None:
        """Fill in what to choose from."""
        self.tier.choices = [("", _l("any")), *((each.value, tier_name(each)) for each in Tier)]
        self.known.choices = [("", _l("anybody")), ("me", _l("I do")),
                              ("few", _l("fewer than two of us"))]


class ClientForm(FlaskForm):
    """A client itself."""

    name = StringField(_l("Name"), render_kw=NAME)
    tier = RadioField(_l("Tier"), validate_choice=False, description=_l(
        "A key client is owed a visit every month, a significant one every quarter, an ordinary "
        "one every year."))
    note = TextAreaField(_l("Note"), render_kw={"rows": 4, "maxlength": rules.LONGEST_NOTE},
                         description=_l("What somebody who goes there should know."))

    def offer(self, client: Client | None = None) -> None:
        """Fill in the tiers and, at first, what is written down now."""
        self.tier.choices = [(each.value, tier_name(each)) for each in Tier]
        if not self.is_submitted():
            self.tier.data = client.tier if client else Tier.ORDINARY
            self.name.data = client.name if client else None
            self.note.data = client.note if client else None

    def facts(self) -> ClientFacts:
        """The client as typed."""
        tier = next((each for each in Tier if each.value == self.tier.data), Tier.ORDINARY)
        return ClientFacts(self.name.data or "", tier, self.note.data or "")


class PersonsForm(FlaskForm):
    """Who of ours knows the client."""

    persons = SelectMultipleField(
        _l("Who knows this client"), validate_choice=False, widget=ListWidget(),
        option_widget=CheckboxInput(), description=_l("At least two should."))

    def offer(self, people: Iterable[Person], client: Client) -> None:
        """Fill in the people at work and, at first, those named now."""
        named = {each.id for each in client.persons}
        everybody = {each.id: each.name for each in (*client.persons, *people)}
        self.persons.choices = sorted(
            ((str(key), name) for key, name in everybody.items()), key=lambda each: each[1])
        if not self.is_submitted():
            self.persons.data = [str(key) for key in named]

    def ids(self) -> list[int]:
        """The numbers of the persons who were ticked."""
        return [int(each) for each in self.persons.data or () if each.isdecimal()][:500]


class ContactForm(FlaskForm):
    """A person at the client's."""

    name = StringField(_l("Name"), render_kw=NAME)
    position = StringField(_l("Position"), render_kw=LINE)
    phone = TelField(_l("Telephone"), render_kw={"maxlength": 40, "autocomplete": "off"})
    email = StringField(_l("E-mail"), render_kw={"type": "email", "maxlength": 254,
                                                 "autocomplete": "off"})
    is_key = BooleanField(_l("Key person"), description=_l(
        "With whom the questionnaire is filled in and who confirms that a problem is gone. A "
        "client has one."))

    def show(self, contact: Contact) -> None:
        """Put in what is written down now."""
        for name in ("name", "position", "phone", "email", "is_key"):
            self[name].data = getattr(contact, name)

    def facts(self) -> ContactFacts:
        """The contact as typed."""
        return ContactFacts(self.name.data or "", self.position.data or "",
                            self.phone.data or "", self.email.data or "")


class SiteForm(FlaskForm):
    """A site and by what it is fed."""

    name = StringField(_l("Name"), render_kw=NAME,
                       description=_l("For example: head office, building 2."))
    address = StringField(_l("Address"), render_kw=LINE)
    fed_by = SelectField(_l("Fed by"), validate_choice=False, description=_l(
        "The place through which the service comes here. Tickets of places with one feeder "
        "show the common cause."))

    def offer(self, feeders: Iterable[Choice], site: Site | None = None) -> None:
        """Fill in the feeders and, at first, what is written down now."""
        offered = {each.id: _titled(each) for each in feeders}
        if site is not None:
            offered.pop(site.id, None)
            if site.fed_by is not None:
                offered.setdefault(site.fed_by.id, site.fed_by.name)
        self.fed_by.choices = [("", _l("not known")),
                               *((str(key), title) for key, title in offered.items())]
        if site is not None and not self.is_submitted():
            self.name.data, self.address.data = site.name, site.address
            self.fed_by.data = str(site.fed_by_id or "")

    def facts(self) -> SiteFacts:
        """The site as typed; a feeder that was not offered counts as none."""
        offered = {value for value, _title in self.fed_by.choices if value}
        typed = self.fed_by.data or ""
        feeder = site_by_id(int(typed)) if typed in offered else None
        return SiteFacts(self.name.data or "", self.address.data or "", feeder)


class CriterionForm(FlaskForm):
    """A criterion in both languages, and its norm."""

    name_en = StringField(_l("Name in English"), render_kw=NAME)
    name_ru = StringField(_l("Name in Russian"), render_kw=NAME)
    sense = RadioField(_l("Good enough is"), validate_choice=False)
    norm = StringField(_l("Norm"), render_kw={"inputmode": "decimal", "maxlength": 24,
                                              "autocomplete": "off"},
                       description=_l("Leave it empty where the visitor judges in words."))
    unit_en = StringField(_l("Unit in English"), render_kw=LINE)
    unit_ru = StringField(_l("Unit in Russian"), render_kw=LINE)

    def offer(self, criterion: Criterion | None = None) -> None:
        """Fill in the senses and, at first, what is written down now."""
        self.sense.choices = [(each.value, sense_name(each)) for each in Sense]
        if self.is_submitted():
            return
        self.sense.data = criterion.sense if criterion else Sense.AT_LEAST
        if criterion is not None:
            for name in ("name_en", "name_ru", "unit_en", "unit_ru"):
                self[name].data = getattr(criterion, name)
            norm = criterion.norm
            self.norm.data = "" if norm is None else f"{norm.normalize():f}"

    def facts(self) -> CriterionFacts:
        """The criterion as typed; a norm that is no number is left to the verb to refuse."""
        sense = next((each for each in Sense if each.value == self.sense.data), Sense.AT_LEAST)
        typed = (self.norm.data or "").strip()
        number = rules.number(typed)
        norm = NOT_A_NUMBER if typed and number is None else number
        return CriterionFacts(self.name_en.data or "", self.name_ru.data or "",
                              self.unit_en.data or "", self.unit_ru.data or "", sense, norm)


class ImportForm(FlaskForm):
    """The file with a list of clients."""

    file = FileField(_l("File, .csv or .xlsx"), render_kw={"accept": ".csv,.txt,.xlsx"})


def _titled(choice: Choice) -> str:
    return f"{choice.label}, {choice.hint}" if choice.hint else choice.label
