"""Pages of webhooks, for administrators: endpoints, what was sent to each, sending again."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.security import key_number
from registry.core.settings import current_settings
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import me, permitted
from registry.webhooks import service
from registry.webhooks.forms import AgainForm, EndpointForm
from registry.webhooks.models import DeliveryState, WebhookEndpoint
from registry.webhooks.names import event_name
from registry.webhooks.queries import (
    PAGE,
    deliveries_page,
    delivery_by_id,
    endpoint_by_id,
    endpoints,
)
from registry.webhooks.rules import PERMISSION
from registry.webhooks.sending_again import send_again, send_failed_again

bp = Blueprint("webhooks", __name__, template_folder="templates")
bp.add_app_template_filter(event_name)
Answer = str | Response | tuple[str, int]


@bp.get("/settings/webhooks")
@permitted(PERMISSION)
def index() -> str:
    """Which programs are told, and whether they take it."""
    return render_template("webhooks/index.html", rows=endpoints(),
                           hosts=sorted(current_settings().webhook_hosts))


@bp.route("/settings/webhooks/new", methods=["GET", "POST"])
@permitted(PERMISSION)
def new() -> Answer:
    """Tell one more program; the answer shows the secret, once."""
    form = EndpointForm()
    form.offer()
    if not form.is_submitted():
        return _form_page(None, form, [])
    try:
        with atomic():
            endpoint, secret = service.add_endpoint(
                form.url.data or "", form.kinds.data or (), settings=current_settings(), by=me(),
                now=utc_now())
    except Refused as error:
        return _form_page(None, form, show_reasons(form, error)), 422
    return render_template("webhooks/secret.html", endpoint=endpoint, secret=secret)


@bp.get("/settings/webhooks/<int:endpoint_id>")
@permitted(PERMISSION)
def show(endpoint_id: int) -> str:
    """One endpoint: how it stands, and what was sent to it."""
    return _endpoint_page(found(endpoint_by_id(endpoint_id)), AgainForm(formdata=None), [])


@bp.route("/settings/webhooks/<int:endpoint_id>/edit", methods=["GET", "POST"])
@permitted(PERMISSION)
def edit(endpoint_id: int) -> Answer:
    """Another address, other events."""
    endpoint, form = found(endpoint_by_id(endpoint_id)), EndpointForm()
    form.offer()
    if not form.is_submitted():
        form.show(endpoint)
        return _form_page(endpoint, form, [])
    try:
        with atomic():
            service.change_endpoint(endpoint, form.url.data or "", form.kinds.data or (),
                                    settings=current_settings(), by=me())
    except Refused as error:
        return _form_page(endpoint, form, show_reasons(form, error)), 422
    flash_done(_("Kept."))
    return _to_endpoint(endpoint_id)


@bp.post("/settings/webhooks/<int:endpoint_id>/off")
@permitted(PERMISSION)
def off(endpoint_id: int) -> Answer:
    """Send nothing more there."""
    with atomic():
        service.switch_off(found(endpoint_by_id(endpoint_id)), by=me(), now=utc_now())
    flash_done(_("The endpoint is switched off."))
    return _to_endpoint(endpoint_id)


@bp.post("/settings/webhooks/<int:endpoint_id>/on")
@permitted(PERMISSION)
def on(endpoint_id: int) -> Answer:
    """Send there again."""
    endpoint = found(endpoint_by_id(endpoint_id))
    try:
        with atomic():
            service.switch_on(endpoint, settings=current_settings(), by=me())
    except Refused as error:
        return _refused(endpoint, error)
    flash_done(_("The endpoint is switched on."))
    return _to_endpoint(endpoint_id)


@bp.post("/settings/webhooks/<int:endpoint_id>/secret")
@permitted(PERMISSION)
def secret(endpoint_id: int) -> Answer:
    """A new secret; shown in the answer itself, for it would have to be kept in between."""
    endpoint = found(endpoint_by_id(endpoint_id))
    with atomic():
        renewed = service.renew_secret(endpoint, by=me(), now=utc_now())
    return render_template("webhooks/secret.html", endpoint=endpoint, secret=renewed)


@bp.post("/settings/webhooks/<int:endpoint_id>/test")
@permitted(PERMISSION)
def test(endpoint_id: int) -> Answer:
    """Owe a message that tells nothing."""
    endpoint = found(endpoint_by_id(endpoint_id))
    try:
        with atomic():
            service.send_test(endpoint, by=me(), now=utc_now())
    except Refused as error:
        return _refused(endpoint, error)
    flash_done(_("The worker sends the test at once. Load this page again to see the answer."))
    return _to_endpoint(endpoint_id)


@bp.post("/settings/webhooks/<int:endpoint_id>/again")
@permitted(PERMISSION)
def again(endpoint_id: int) -> Answer:
    """Send once more all that was given up since a moment."""
    endpoint, form = found(endpoint_by_id(endpoint_id)), AgainForm()
    try:
        with atomic():
            count = send_failed_again(endpoint, form.since.data, by=me(), now=utc_now())
    except Refused as error:
        return _endpoint_page(endpoint, form, show_reasons(form, error)), 422
    flash_done(ngettext("%(num)d message goes out again.", "%(num)d messages go out again.",
                        count))
    return _to_endpoint(endpoint_id)


@bp.post("/settings/webhooks/deliveries/<int:delivery_id>/again")
@permitted(PERMISSION)
def delivery_again(delivery_id: int) -> Answer:
    """Send one message once more."""
    delivery = found(delivery_by_id(delivery_id))
    endpoint = delivery.endpoint
    try:
        with atomic():
            send_again(delivery, by=me(), now=utc_now())
    except Refused as error:
        return _refused(endpoint, error)
    flash_done(_("The worker sends this message at once."))
    return _to_endpoint(endpoint.id)


def _to_endpoint(endpoint_id: int) -> Response:
    target = url_for("webhooks.show", endpoint_id=endpoint_id)
    return redirect(target, 303)  # type: ignore[return-value]


def _refused(endpoint: WebhookEndpoint, error: Refused) -> tuple[str, int]:
    return _endpoint_page(endpoint, AgainForm(formdata=None), show_reasons(None, error)), 422


def _form_page(
    endpoint: WebhookEndpoint | None, form: EndpointForm, reasons: list[Reason]
) -> str:
    return render_template("webhooks/form.html", endpoint=endpoint, form=form, reasons=reasons)


def _endpoint_page(endpoint: WebhookEndpoint, form: AgainForm, reasons: list[Reason]) -> str:
    asked = request.args.get("state", "")
    state = next((each for each in DeliveryState if each.value == asked), None)
    rows = deliveries_page(endpoint.id, state, request.args.get("before", type=key_number))
    shown = rows[:PAGE]
    further = (url_for("webhooks.show", endpoint_id=endpoint.id, before=shown[-1].id,
                       state=state.value if state else None) if len(rows) > PAGE else None)
    return render_template("webhooks/show.html", endpoint=endpoint, form=form, reasons=reasons,
                           rows=shown, state=state, further=further, at=utc_now())
