"""Commands of webhooks: the same verbs as on the screen, done by the operator."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import ngettext

from registry.core.db import atomic
from registry.core.errors import NotFound
from registry.core.settings import current_settings
from registry.core.times import from_local_input, utc_now
from registry.core.words import N_
from registry.webhooks.queries import EndpointRow, endpoint_by_id, endpoints
from registry.webhooks.sending_again import send_failed_again
from registry.webhooks.service import add_endpoint


@click.group(cls=AppGroup)
def webhook() -> None:
    """The programs that are told of what happens to tickets."""


@webhook.command(name="list")
def list_() -> None:
    """Print endpoints: number, address, on or off, what waits, what was given up, events."""
    for row in endpoints():
        click.echo("\t".join(_line(row)))


@webhook.command()
@click.argument("url")
@click.option("--event", "kinds", multiple=True,
              help="Such as ticket.accepted; may be given several times. Without it: all.")
def add(url: str, kinds: tuple[str, ...]) -> None:
    """Tell another program from now on; prints its secret, once."""
    with atomic():
        endpoint, secret = add_endpoint(url, kinds, settings=current_settings(), by=None,
                                        now=utc_now())
    click.echo(f"{endpoint.id}\t{secret}")


@webhook.command(name="send-again")
@click.argument("endpoint_id", type=int, metavar="NUMBER")
@click.option("--since", required=True,
              help="Day and time by the company's clock: 2026-11-24T10:40.")
def send_again(endpoint_id: int, since: str) -> None:
    """Send once more all that was given up since a moment."""
    with atomic():
        endpoint = endpoint_by_id(endpoint_id)
        if endpoint is None:
            raise NotFound(N_("There is no endpoint of this number."))
        count = send_failed_again(endpoint, from_local_input(since), by=None, now=utc_now())
    click.echo(ngettext("%(num)d message goes out again.", "%(num)d messages go out again.",
                        count))


def _line(row: EndpointRow) -> tuple[str, ...]:
    return (str(row.id), row.url, "on" if row.is_active else "off", str(row.waiting),
            str(row.given_up), ", ".join(row.kinds) or "all")


COMMANDS = (webhook,)
