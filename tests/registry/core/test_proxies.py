"""Whose address counts behind a proxy: nobody's word is taken unless the settings say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from registry.config import SettingError
from registry.core.db import db
from registry.people.models import SignInAttempt
from tests.ground.databases import settings_for

FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


def address_of_an_attempt(app: Flask) -> str:
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client().post("/sign-in", data={"login": "nobody", "password": "wrong"},
                           headers=FORWARDED)
    with app.app_context():
        return db.session.scalars(select(SignInAttempt.address)).one()


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_the_readers_address_is_taken_from_as_many_proxies_as_are_named(
    make_app: Callable[..., Flask], proxies: int, address: str
) -> None:
    assert address_of_an_attempt(make_app(proxies=proxies)) == address


@pytest.mark.parametrize("proxies", [-1, 10])
def test_a_senseless_number_of_proxies_stops_the_start(tmp_path, proxies: int) -> None:
    with pytest.raises(SettingError, match="COUNTERSIGN_PROXIES"):
        settings_for("sqlite:///x", tmp_path, proxies=proxies)
