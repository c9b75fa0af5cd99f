"""Russian and English: which one the reader gets, and sentences for readers not at the screen.

Every area keeps its own catalogue; all are merged. The language is the person's choice, else
the browser's, else the setting. A page says some hundred words: what is asked that often goes to
the merged catalogue directly and not through the extension (docs/decisions/performance.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from babel.support import NullTranslations
from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import Babel, force_locale, get_locale, get_translations
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markupsafe import Markup, escape

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
    _catalogues.clear()
    spoken_markup.cache_clear()
    app.jinja_env.globals.update(
        LANGUAGES=LANGUAGES, _=in_template, gettext=in_template, ngettext=plural_in_template)


def choose_language() -> str:
    """The reader's language: chosen by hand, else the browser's, else the setting's."""
    if not has_request_context():
        return current_app.config["SETTINGS"].language or "en"
    chosen = None if _is_of_a_program() else session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    default = current_app.config["SETTINGS"].language
    return request.accept_languages.best_match(LANGUAGES) or default or "en"


def _is_of_a_program() -> bool:
    """Whether a program asks: it says its language itself, and no cookie counts. It may be wrong
    about the address, which no view answers then."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return request.path.startswith("/api/")
    return getattr(view, "takes_token", False)


def language() -> str:
    """``ru`` or ``en``: the language in force."""
    try:
        here = g._get_current_object()
    except RuntimeError:
        return "en"
    # Where the extension keeps what it has found for this request, read without its detours.
    locale = getattr(here.get("_flask_babel"), "babel_locale", None) or get_locale()
    return str(locale.language) if locale else "en"


_catalogues: dict[str, NullTranslations] = {}


def catalogue() -> NullTranslations:
    """The merged words of the language in force; of none outside an application."""
    tongue = language()
    if tongue not in _catalogues:
        if not g:
            return NullTranslations()
        _catalogues[tongue] = get_translations()
    return _catalogues[tongue]


def gettext(text: str, /, **params: object) -> str:
    """``text`` in the language in force, with its ``params`` put in."""
    said: str = catalogue().ugettext(text)
    return said % params if params else said


def ngettext(one: str, many: str, /, num: int, **params: object) -> str:
    """The form of the sentence that goes with ``num``, which it may name as ``%(num)d``."""
    said: str = catalogue().ungettext(one, many, num)
    return said % {"num": num, **params}


@pass_eval_context
def in_template(context: EvalContext, text: str, **params: object) -> str:
    """``_()`` of templates. On a page the sentence is ours and its parameters are escaped."""
    if not context.autoescape:
        return gettext(text) % params
    if not params:
        return spoken_markup(language(), text)
    return Markup(gettext(text) % _escaped(params))


@pass_eval_context
def plural_in_template(
    context: EvalContext, one: str, many: str, num: int, **params: object
) -> str:
    """``ngettext()`` of templates."""
    if not context.autoescape:
        return ngettext(one, many, num, **params)
    return Markup(ngettext(one, many, num, **_escaped(params)))


@lru_cache(maxsize=8192)
def spoken_markup(_tongue: str, text: str) -> Markup:
    """A sentence without parameters; ``_tongue`` is the language in force."""
    return Markup(gettext(text) % {})


def _escaped(params: Mapping[str, object]) -> dict[str, object]:
    """The parameters for a page; numbers stay numbers, since sentences may say ``%(count)d``."""
    return {name: value if isinstance(value, (int, float)) else escape(value)
            for name, value in params.items()}


def speaking(in_language: str) -> AbstractContextManager[None]:
    """The block speaks ``in_language``, whatever the reader's: words, moments and numbers."""
    return force_locale(in_language)


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
