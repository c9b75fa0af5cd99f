"""Forms of people. They only take in what was typed: the verbs judge it and name every reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    PasswordField,
    SearchField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from registry.config import LANGUAGES
from registry.core.calendar import company_calendar
from registry.people.models import Person, Role
from registry.people.names import role_name
from registry.people.queries import DepartmentRow, department_by_id
from registry.people.rules import Away, Details

LANGUAGE_NAMES = {"en": "English", "ru": "Русский"}
LANGUAGE_CHOICES = [SelectChoice(code, LANGUAGE_NAMES[code]) for code in LANGUAGES]
NONE = SelectChoice("", "—")
EVERY_ROLE = SelectChoice("", _l("every role"))
EVERY_DEPARTMENT = SelectChoice("", _l("every department"))


def department_choices(departments: Iterable[DepartmentRow]) -> list[SelectChoice]:
    """The departments to choose from."""
    return [SelectChoice(str(each.id), each.name) for each in departments]


def role_choices() -> list[SelectChoice]:
    """The roles to choose from, in the reader's language."""
    return [SelectChoice(role.value, role_name(role)) for role in Role]


class SignInForm(FlaskForm):
    """Who comes."""

    login = StringField(_l("Login"), render_kw={
        "autocomplete": "username", "autocapitalize": "none", "spellcheck": "false",
        "required": True})
    password = PasswordField(_l("Password"), render_kw={
        "autocomplete": "current-password", "required": True})
    next = HiddenField()


class PasswordForm(FlaskForm):
    """Choosing the own password."""

    old = PasswordField(_l("Present password"), render_kw={"autocomplete": "current-password"})
    new = PasswordField(
        _l("New password"), render_kw={"autocomplete": "new-password"},
        description=_l("At least 12 characters. A few words that only you would put together "
                       "are good."))
    again = PasswordField(_l("The new password once more"),
                          render_kw={"autocomplete": "new-password"})
    next = HiddenField()


class ConfirmForm(FlaskForm):
    """The password given again, or the answer of a passkey in its place."""

    password = PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})
    confirmation = HiddenField()


class DeclarationForm(FlaskForm):
    """The signature under the declaration."""

    nonce = HiddenField()
    password = PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})


class PasskeyForm(ConfirmForm):
    """A new passkey, as the browser made it, and how its owner calls it."""

    name = StringField(_l("Name of the passkey"), description=_l(
        "By which you will know it: the device or the key that holds it."))
    passkey = HiddenField()


class OwnForm(FlaskForm):
    """What everybody may change of themselves."""

    phone = TelField(_l("Telephone"), render_kw={"autocomplete": "tel"})
    language = SelectField(_l("Language"), choices=LANGUAGE_CHOICES, validate_choice=False,
                           description=_l("Of the screens and of the mail to you."))


class AbsenceForm(FlaskForm):
    """From which day through which, and who signs meanwhile."""

    starts = DateField(_l("First day away"))
    ends = DateField(_l("Last day away"))
    deputy = SelectField(_l("Deputy"), validate_choice=False,
                         description=_l("Signs in the own name for the absent person."))
    reason = StringField(_l("Reason (if you wish)"), description=_l("For example: leave."))

    def offer(self, others: Iterable[Person]) -> None:
        """Fill in who may stand in."""
        self.deputy.choices = [NONE, *(SelectChoice(str(each.id), each.name) for each in others)]

    def away(self, person: Person, others: Iterable[Person]) -> Away:
        """The absence as typed: whole days on the company's clock."""
        calendar = company_calendar()
        first: date | None = self.starts.data
        last: date | None = self.ends.data
        return Away(
            person, next((each for each in others if str(each.id) == self.deputy.data), None),
            calendar.bounds(first)[0] if first else None,
            calendar.bounds(last)[1] if last else None, self.reason.data or "")


class PersonForm(FlaskForm):
    """A person as an administrator writes them down."""

    name = StringField(_l("Name"), render_kw={"required": True},
                       description=_l("Given name, then family name."))
    login = StringField(_l("Login"), render_kw={
        "required": True, "autocapitalize": "none", "spellcheck": "false"},
        description=_l("Latin letters and digits, for example p.orlov."))
    email = StringField(_l("E-mail"), render_kw={"type": "email"})
    phone = TelField(_l("Telephone"))
    department = SelectField(_l("Department"), validate_choice=False)
    language = SelectField(_l("Language"), choices=LANGUAGE_CHOICES, validate_choice=False)
    roles = SelectMultipleField(_l("Roles"), validate_choice=False, widget=ListWidget(),
                                option_widget=CheckboxInput())

    def offer(self, departments: Iterable[DepartmentRow]) -> None:
        """Fill in the departments and the roles."""
        self.department.choices = [NONE, *department_choices(departments)]
        self.roles.choices = role_choices()

    def show(self, person: Person) -> None:
        """Put in what is written down now."""
        for name in ("name", "login", "email", "phone", "language"):
            self[name].data = getattr(person, name)
        self.department.data = str(person.department_id or "")
        self.roles.data = [role.value for role in person.roles]

    def details(self) -> Details:
        """The person as typed."""
        typed = self.department.data or ""
        offered = {choice.value for choice in self.department.choices}
        return Details(
            self.login.data or "", self.name.data or "", self.email.data or "",
            self.phone.data or "", self.language.data or "",
            department_by_id(int(typed)) if typed and typed in offered else None,
            frozenset(role for role in Role if role.value in (self.roles.data or ())))


class DepartmentForm(FlaskForm):
    """A department's name."""

    name = StringField(_l("Name of the department"), render_kw={"required": True})


class PeopleFilter(FlaskForm):
    """Which people the list shows; stands in the address."""

    class Meta:
        csrf = False

    words = SearchField(_l("Name, login or e-mail"))
    role = SelectField(_l("Role"), validate_choice=False)
    department = SelectField(_l("Department"), validate_choice=False)
    left = BooleanField(_l("Those who have left"))

    def offer(self, departments: Iterable[DepartmentRow]) -> None:
        """Fill in the roles and departments to choose from."""
        self.role.choices = [EVERY_ROLE, *role_choices()]
        self.department.choices = [EVERY_DEPARTMENT, *department_choices(departments)]
