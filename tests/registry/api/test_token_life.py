"""How long a token lasts at most, and that one sees when it was used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from registry.api.commands import token as commands
from registry.api.models import ApiToken
from registry.core.db import db
from tests.factories import PASSWORD, House


@pytest.mark.parametrize(("days", "made"), [(1, True), (365, True), (366, False), (0, False)])
def test_a_token_ends_after_a_year_at_most(
    house: House, sign_in: Any, app: Any, days: int, made: bool
):
    browser = sign_in(house.visitor)
    assert 'max="365"' in browser.get("/account/tokens").text
    by_hand = browser.post("/account/tokens", data={
        "name": "Robot", "scopes": ["read"], "days": str(days), "password": PASSWORD})
    by_operator = app.test_cli_runner().invoke(commands, [
        "create", house.visitor.login, "--name", "Robot", "--scope", "read", "--days", str(days)])

    assert (by_hand.status_code, by_operator.exit_code) == ((200, 0) if made else (422, 1))
    lives = [each.expires_at - each.created_at for each in db.session.query(ApiToken)]
    assert [life.days for life in lives] == ([days, days] if made else [])


def test_its_last_use_stands_on_the_page_and_in_the_operators_list(
    house: House, calls: Any, sign_in: Any, app: Any
):
    def seen() -> tuple[str, str]:
        listed = app.test_cli_runner().invoke(commands, ["list", house.visitor.login])
        return sign_in(house.visitor).get("/account/tokens").text, listed.output.strip()

    caller = calls(house.visitor, "read")
    page, line = seen()
    assert "not used yet" in page
    assert "last used" not in page
    assert line.split("\t")[-1] == "—"

    assert caller.get("/desk").status_code == 200
    made = db.session.query(ApiToken).one()
    made.last_used_at = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    page, line = seen()
    assert "not used yet" not in page
    assert 'last used <time datetime="2026-03-04T05:06:00' in page
    assert line.split("\t")[-1] == "2026-03-04 08:06"  # by the company's clock
