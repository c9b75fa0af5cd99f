"""The machine is not sent to where a stranger wants it (SSRF): each of the two judgements of a
webhook's address stands by itself. Every trick of writing one: tests/registry/webhooks/
test_addresses.py; redirects, rebinding, certificates: test_sending.py and test_posting.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.config import Settings
from registry.webhooks import addresses, posting
from tests.registry.webhooks.receiver import Receiver, serve


@pytest.fixture
def inside() -> Iterator[Receiver]:
    """A service of this machine that nobody outside should reach."""
    receiver = serve()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def settings(*hosts: str, private: bool) -> Settings:
    return Settings(database_url="sqlite:///x", data_dir=Path("x"), secret_key="s",
                    webhook_hosts=hosts, webhook_private=private)


def reached(inside: Receiver, judged_by: Settings) -> bool:
    posting.post(inside.url, {}, b"{}", judged_by)
    return inside.came != []


@pytest.mark.parametrize("defended", [True, False])
def test_a_host_that_the_operator_did_not_name_is_sent_nothing(
    inside: Receiver, monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    if not defended:
        monkeypatch.setattr(posting, "fault_of", lambda _url, _settings: None)
    assert reached(inside, settings("hooks.example.org", private=True)) is not defended


@pytest.mark.parametrize("defended", [True, False])
def test_a_named_host_that_leads_inside_is_sent_nothing(
    inside: Receiver, monkeypatch: pytest.MonkeyPatch, defended: bool
) -> None:
    monkeypatch.setattr(posting, "fault_of", lambda _url, _settings: None)
    if not defended:
        monkeypatch.setattr(addresses, "is_allowed", lambda _address, private: True)
    assert reached(inside, settings(inside.host, private=False)) is not defended
