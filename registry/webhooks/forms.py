"""Forms of endpoints: they take in what was typed; the verbs judge it and name every reason."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from registry.tickets.act_forms import LocalMomentField
from registry.webhooks.addresses import LONGEST_URL
from registry.webhooks.events import NAMES
from registry.webhooks.models import WebhookEndpoint
from registry.webhooks.names import event_name


class EndpointForm(FlaskForm):
    """Where another program listens, and to what."""

    url = StringField(_l("Address"), description=_l(
        "For example https://hooks.example.org/countersign. The host must be among those that "
        "whoever runs the machine has allowed."), render_kw={
            "type": "text", "inputmode": "url", "maxlength": LONGEST_URL, "required": True,
            "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})
    kinds = SelectMultipleField(_l("Events"), validate_choice=False, widget=ListWidget(),
                                option_widget=CheckboxInput(),
                                description=_l("None chosen means all, also those to come."))

    def offer(self) -> None:
        """Fill in the events to choose from."""
        self.kinds.choices = [SelectChoice(kind, event_name(kind)) for kind in NAMES]

    def show(self, endpoint: WebhookEndpoint) -> None:
        """Put in what is written down now."""
        self.url.data, self.kinds.data = endpoint.url, list(endpoint.kinds)


class AgainForm(FlaskForm):
    """Since when all that failed is to be sent once more."""

    since = LocalMomentField(_l("Given up since"))
