"""Russian and English: which one the reader gets, and sentences for readers not at the screen.

Every area keeps its own catalogue; all are merged. The language is the person's choice, else
the browser's, else the setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from flask import Flask, current_app, has_request_context, request, session
from flask_babel import Babel, force_locale, get_locale, gettext

from registry.config import LANGUAGES, Settings
from registry.core.errors import Reason

babel = Babel()


def init_languages(app: Flask) -> None:
    """Merge the catalogues of all areas."""
    folders = sorted(Path(app.root_path).glob("*/translations"))
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, folders))
    settings: Settings = app.config["SETTINGS"]
    babel.init_app(app, locale_selector=choose_language,
                   timezone_selector=lambda: settings.timezone)
    app.jinja_env.globals["LANGUAGES"] = LANGUAGES


def choose_language() -> str:
    """The reader's language: chosen by hand, else the browser's, else the setting's."""
    if not has_request_context():
        return current_app.config["SETTINGS"].language or "en"
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    default = current_app.config["SETTINGS"].language
    return request.accept_languages.best_match(LANGUAGES) or default or "en"


def language() -> str:
    """``ru`` or ``en``: the language in force."""
    return str(get_locale() or "en")[:2]


def say(text: str, params: Mapping[str, object] | None = None, in_language: str = "") -> str:
    """``text`` with its ``params`` in the language in force, or in ``in_language``."""
    if in_language and in_language != language():
        with force_locale(in_language):
            return say(text, params)
    spoken = {key: _spoken(value) for key, value in (params or {}).items()}
    return gettext(text, **spoken) if spoken else gettext(text)


def say_reason(reason: Reason) -> str:
    """A reason as a sentence in the language in force."""
    return say(reason.text, reason.params)


def _spoken(value: object) -> object:
    if isinstance(value, datetime):
        from registry.core.times import moment_text

        return moment_text(value)
    if isinstance(value, Reason):
        return say_reason(value)
    if isinstance(value, Mapping):
        return value.get(language()) or next(iter(value.values()), "")
    return value
