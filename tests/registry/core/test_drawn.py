"""What is drawn or addressed once: never what something else looks like."""

from __future__ import annotations

from flask import Flask
from flask_babel import force_locale

from registry.core.drawn import drawing, options

MACRO = '{% macro said(text, open) %}<b>{{ _("Registry") }} {{ text }} {{ open }}</b>{% endmacro %}'


def test_a_part_is_drawn_anew_for_other_arguments_and_another_language(app: Flask) -> None:
    said = app.jinja_env.from_string(MACRO).module.said  # type: ignore[attr-defined]
    with app.test_request_context("/"):
        with force_locale("en"):
            first, other = drawing()(said, "<x>", True), drawing()(said, "<y>", True)
            assert drawing()(said, "<x>", True) is first
        with force_locale("ru"):
            russian = drawing()(said, "<x>", True)
    assert first == "<b>Registry &lt;x&gt; True</b>"
    assert other == "<b>Registry &lt;y&gt; True</b>"
    assert russian != first


def test_the_chosen_option_is_marked_and_no_other() -> None:
    choices = {1: "A <b>", 11: "B", "": "C"}.items()
    plain = ('<option value="1">A &lt;b&gt;</option><option value="11">B</option>'
             '<option value="">C</option>')
    assert options(choices) == plain
    assert options(choices, 1) == plain.replace('"1">', '"1" selected>')
    assert options(choices, 11) == plain.replace('"11">', '"11" selected>')
    assert options(choices, "") == plain.replace('"">', '"" selected>')
    assert options(choices, 7) == plain


def test_equal_values_of_other_kinds_have_addresses_of_their_own(app: Flask) -> None:
    url_for = app.jinja_env.globals["url_for"]
    with app.test_request_context("/"):
        assert url_for("tickets.registry", late=1) == "/tickets?late=1"
        assert url_for("tickets.registry", late=True) == "/tickets?late=True"
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/firm"}):
        assert url_for("tickets.registry", late=1) == "/firm/tickets?late=1"
