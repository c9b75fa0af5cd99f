"""Somebody's screen with the page on which three sign a handoff one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from tests.factories import PASSWORD
from tests.registry.tickets.test_act_views import hidden

NEXT = {"next_step": "I measure it"}


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
        """Whoever's turn it is here signs what the page shows."""
        form = hidden(self.page(asked)) | {"password": password} | values
        return self.client.post(self.address + asked, data=form)

    def followed(self, mark: str = "", **asked: str) -> Any:
        """What the page is told of the others."""
        return self.client.get(f"/handoffs/{self.handoff_id}/signed", query_string=asked,
                               headers={"If-None-Match": f'"{mark}"'} if mark else {})
