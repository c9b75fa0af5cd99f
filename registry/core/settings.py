"""The settings of the application at work, for verbs and rules that must not know Flask."""

from __future__ import annotations

from flask import current_app

from registry.config import Settings


def current_settings() -> Settings:
    """What this installation has chosen. RuntimeError outside an application."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def address_of(path: str) -> str:
    """The whole address of a page of the registry, for papers and other phones."""
    return current_settings().base_url.rstrip("/") + path
