"""Somebody's screen with the page on which three sign a handoff one after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from registry.core.db import db
from registry.people.models import Person
from tests.factories import PASSWORD
from tests.registry.tickets.test_act_views import hidden

NEXT = {"next_step": "I measure it"}


def logins(page: str) -> dict[str, str]:
    """What each whom the page asks for the login types there."""
    return {f"login_{each}": db.session.get_one(Person, int(each)).login
            for each in re.findall(r'name="login_(\d+)"', page)}


@dataclass
class Screen:
    """Somebody's screen with the page of one handoff."""

    client: FlaskClient
    handoff_id: int

    @property
    def address(self) -> str:
        return f"/handoffs/{self.handoff_id}/together"

    def page(self, asked: str = "") -> str:
        answer = self.client.get(self.address + asked)
        assert answer.status_code == 200
        return answer.text

    def sign(self, password: str = PASSWORD, asked: str = "", **values: str) -> Any:
        """Whoever's turn it is here signs what the page shows, and gives the login where asked."""
        page = self.page(asked)
        form = hidden(page) | logins(page) | {"password": password} | values
        return self.client.post(self.address + asked, data=form)

    def followed(self, mark: str = "", **asked: str) -> Any:
        """What the page is told of the others."""
        return self.client.get(f"/handoffs/{self.handoff_id}/signed", query_string=asked,
                               headers={"If-None-Match": f'"{mark}"'} if mark else {})
