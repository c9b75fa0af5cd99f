"""Headers of every answer, the CSRF guard, which methods may write, what no database can take;
under which names we answer stands in hosts.py.

The content policy allows our own host only and no inline code or style.
"""

from __future__ import annotations

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from registry.core.db import reading
from registry.core.hosts import init_hosts

csrf = CSRFProtect()

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
    "font-src 'self'", "connect-src 'self'", "manifest-src 'self'", "form-action 'self'",
    "frame-ancestors 'none'", "base-uri 'none'",
))

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

SAVED = 'attachment; filename="answer.json"'


# The largest whole number that every part of the product takes, canonical JSON included.
LARGEST_NUMBER = 2**53


class BoundedNumber(IntegerConverter):
    """``<int:…>`` in an address: a number beyond all keys is no address of ours (404). Told by
    its length: of one that is judged too late Werkzeug says 405, where another method has the
    address too."""

    regex = r"\d{1,15}"


def key_number(text: str) -> int:
    """The number that a query string names: ``request.args.get("after", type=key_number)``.

    Raises ValueError, which means "not given" there, for what is no number or beyond all keys.
    """
    number = int(text)
    if abs(number) > LARGEST_NUMBER:
        raise ValueError(text)
    return number


def init_security(app: Flask) -> None:
    """Guard every form and answer; let a GET read without taking the write lock."""
    app.url_map.converters["int"] = BoundedNumber
    believe_proxies(app)
    init_hosts(app)
    csrf.init_app(app)

    @app.before_request
    def refuse_zero_characters() -> None:
        # Nobody types them, and PostgreSQL keeps none in its texts.
        texts = [request.path, *request.args.values(), *request.form.values()]
        if any("\x00" in text for text in texts):
            abort(400)

    @app.before_request
    def choose_lock() -> None:
        reading.set(request.method in ("GET", "HEAD", "OPTIONS"))

    @app.teardown_request
    def forget_lock(_error: BaseException | None) -> None:
        reading.set(False)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if app.config["SESSION_COOKIE_SECURE"]:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if (response.mimetype or "").endswith("json"):  # whoever opens it as a page gets a file
            response.headers.setdefault("Content-Disposition", SAVED)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def believe_proxies(app: Flask) -> None:
    """Take address and scheme of the reader from as many proxies as the settings name; from none
    by default, since anybody can write such headers."""
    count = app.config["SETTINGS"].proxies
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def local_path(target: str | None, default: str) -> str:
    """``target`` when it is a path of this application, else ``default``: no open redirects."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(ord(each) < 32 for each in target) or "\\" in target:
        return default
    return target
