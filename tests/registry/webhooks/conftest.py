"""Receivers on this machine, and an application that may send to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from registry.config import Settings
from registry.core import jobs
from registry.webhooks.models import WebhookEndpoint
from registry.webhooks.service import add_endpoint
from tests.factories import NOW
from tests.registry.webhooks.receiver import Receiver, serve


@pytest.fixture(autouse=True)
def no_duties(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "DUTIES", {})


@pytest.fixture
def new_receiver() -> Iterator[Callable[..., Receiver]]:
    """Start receivers; all of them end with the test."""
    running: list[Receiver] = []

    def start(*args) -> Receiver:
        running.append(serve(*args))
        return running[-1]

    yield start
    for each in running:
        each.server.shutdown()
        each.server.server_close()


@pytest.fixture
def receiver(new_receiver: Callable[..., Receiver]) -> Receiver:
    return new_receiver()


@pytest.fixture
def allow(app: Flask) -> Callable[..., Settings]:
    """Let the application send to these hosts, also on this machine. ``app`` puts it back."""

    def allow(*hosts: str, private: bool = True) -> Settings:
        settings = replace(app.config["SETTINGS"], webhook_hosts=hosts,
                           webhook_private=private)
        app.config["SETTINGS"] = settings
        return settings

    return allow


@pytest.fixture
def endpoint_at(app: Flask, allow: Callable[..., Settings]) -> Callable[..., WebhookEndpoint]:
    """An endpoint for each receiver, told of these kinds or of all."""
    hosts: set[str] = set()

    def endpoint_at(receiver: Receiver, *kinds: str, now=NOW) -> WebhookEndpoint:
        hosts.add(receiver.host)
        return add_endpoint(receiver.url, kinds, settings=allow(*hosts), by=None, now=now)[0]

    return endpoint_at
