"""The settings of the application at work, for verbs and rules that must not know Flask."""

from __future__ import annotations

from flask import current_app

from registry.config import Settings


def current_settings() -> Settings:
    """What this installation has chosen. RuntimeError outside an application."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def page_path(endpoint: str, **values: object) -> str:
    """The path of a page, made without a request."""
    return current_app.url_map.bind("registry").build(endpoint, values)


def page_address(endpoint: str, **values: object) -> str:
    """The whole address of a page, made without a request."""
    return address_of(page_path(endpoint, **values))


def address_of(path: str) -> str:
    """The whole address of a page of the registry, for papers and other phones."""
    return current_settings().base_url.rstrip("/") + path
