"""A fault of ours: people see a number, and the log has the same one."""

import logging

import pytest
from flask import Flask
from sqlalchemy.orm import Session


def test_the_number_on_the_page_stands_in_the_log(
    app: Flask, session: Session, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> str:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setitem(app.view_functions, "people.sign_in", breaks)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    breaks.open_to_all = True  # type: ignore[attr-defined]
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/sign-in")
    number = answer.headers["X-Request-Id"]
    assert answer.status_code == 500
    assert number in answer.get_data(as_text=True)
    assert f"That was request {number}." in caplog.text
    assert "nobody thought of this" in caplog.text
    assert "nobody thought of this" not in answer.get_data(as_text=True)
