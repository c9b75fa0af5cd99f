"""Under which names the registry answers (decision 0100): that of its base URL, that of the node,
and this machine's own. Any other is refused before anything of the request is read: whoever leads a
name of theirs to our address (DNS rebinding) gets no page of ours, and no answer repeats it.

Behind proxies the name is the one that the outermost believed proxy was asked by (security.py).
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import BadRequest

from registry.config import Settings, is_loopback
from registry.core.errors import Reason, Refused
from registry.core.languages import say
from registry.core.words import N_

View = TypeVar("View", bound=Callable[..., object])
EVERYWHERE = frozenset({"0.0.0.0", "::"})


SENTENCE = N_("The registry does not answer under this address. Open it by the address that your "
              "administrator gave you.")


class Misaddressed(Refused):
    """The registry was asked for under a name that is not its own. The sentence does not tell the
    right one: it may be a stranger's page that reads it."""

    status = 400

    def __init__(self) -> None:
        super().__init__(Reason("host_unknown", SENTENCE))


def init_hosts(app: Flask) -> None:
    """Stand before everything else that looks at a request."""
    app.before_request(refuse_other_hosts)


def for_watchers(view: View) -> View:
    """Mark a view that machines ask which watch the node: by its address, or without any name. It
    tells nothing that belongs to anybody, or asks for its own proof (admin/health.py)."""
    view.for_watchers = True  # type: ignore[attr-defined]
    return view


def is_for_watchers() -> bool:
    """Whether the request asks for such a view."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "for_watchers", False)


def refuse_other_hosts() -> Response | None:
    """Raise Misaddressed where the request names a host that is not ours.

    What cannot be a name at all is answered in one line: no page can be made where no address can.
    """
    if isinstance(request.routing_exception, BadRequest):
        return Response(f"{say(SENTENCE)}\n", Misaddressed.status, mimetype="text/plain")
    if not is_for_watchers() and not is_ours(request.host, current_app.config["SETTINGS"]):
        raise Misaddressed()
    return None


def is_ours(host: str, settings: Settings) -> bool:
    """Whether ``host``, with or without a port, is a name of this installation.

    The port is not looked at: it leads to nobody but ourselves. A node that listens on every
    address has them all; an address, unlike a name, cannot be led to us by its owner.
    """
    name = name_of(host)
    if name in (name_of(urlsplit(settings.base_url).netloc), settings.host) or is_loopback(name):
        return bool(name)
    return settings.host in EVERYWHERE and _is_address(name)


def name_of(host: str) -> str:
    """The name in ``name:port`` as names are compared, in letters of the web also where people type
    others; empty for what is none."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False
