"""The form of one's own choice; the verb judges what was ticked."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from registry.notices.queries import Choices
from registry.notices.wording import kind_titles, rhythm_titles


class ChoicesForm(FlaskForm):
    """Which kinds, and when."""

    kinds = SelectMultipleField(_l("Tell me by mail"), validate_choice=False, widget=ListWidget(),
                                option_widget=CheckboxInput())
    rhythm = RadioField(_l("When"), validate_choice=False)

    def offer(self) -> None:
        """Fill in what there is to choose from."""
        self.kinds.choices = [SelectChoice(kind.value, title)
                              for kind, title in kind_titles().items()]
        self.rhythm.choices = [SelectChoice(rhythm.value, title)
                               for rhythm, title in rhythm_titles().items()]

    def show(self, choices: Choices) -> None:
        """Put in what is chosen now."""
        self.kinds.data = [kind.value for kind in choices.wanted]
        self.rhythm.data = choices.rhythm.value
