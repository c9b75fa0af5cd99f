"""Headers of every answer, the CSRF guard, and which methods may write.

The content policy allows our own host only and no inline code or style.
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from registry.core.db import reading

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


def init_security(app: Flask) -> None:
    """Guard every form and answer; let a GET read without taking the write lock."""
    csrf.init_app(app)

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
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def local_path(target: str | None, default: str) -> str:
    """``target`` when it is a path of this application, else ``default``: no open redirects."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(ord(each) < 32 for each in target) or "\\" in target:
        return default
    return target
