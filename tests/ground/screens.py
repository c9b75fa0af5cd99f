"""A served application and a real browser before it: phone and desk, light and dark, ru and en.

Every page that a test opens is watched: an error in the console, a breach of the content policy or
a request to another host fails the test. Without Chromium these tests are taken out and named in
the summary; on CI they fail.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.serving import make_server

from registry.servers.ports import free_port
from tests.ground.parts import AXE, chromium, missing_parts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")
DEVICES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True},
    "desk": {"viewport": {"width": 1280, "height": 860}},
}
# Nothing is fetched anew: the rules that would ask for that are of films and of turned phones.
AXE_RUN = "axe.run(document, {resultTypes: ['violations'], preload: false})"
LOCALES = {"en": "en-GB", "ru": "ru-RU"}


@dataclass(frozen=True)
class Server:
    """An application that answers at ``url``."""

    app: Flask
    url: str


@contextmanager
def served(make: Callable[..., Flask], **changes: Any) -> Iterator[Server]:
    """Serve what ``make`` makes for an address (``base_url``, ``port``) until the block ends."""
    port = free_port()
    url = f"http://localhost:{port}"
    app = make(base_url=url, port=port, **changes)
    server = make_server("127.0.0.1", port, app, threaded=True)
    server.daemon_threads = True
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Server(app, url)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def serve(make_app: Callable[..., Flask]) -> Iterator[Callable[..., Server]]:
    """Serve applications, each on a fresh database and a free port; takes settings to change."""
    with ExitStack() as running:
        yield lambda **changes: running.enter_context(served(make_app, **changes))


@pytest.fixture
def live_server(serve: Callable[..., Server]) -> Server:
    """One served application."""
    return serve()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one for each worker."""
    from playwright.sync_api import sync_playwright

    program = chromium()
    if program is None:
        pytest.fail(missing_parts()["browser"], pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


class Watch:
    """What went wrong on the pages of one test."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.allowed: tuple[str, ...] = ("the server responded with a status of 4",)

    def page(self, page: Page) -> None:
        """Listen to ``page``."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(each in message.text for each in self.allowed):
            self.faults.append(f"{message.location.get('url')}: {message.text}")


@contextmanager
def watched(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Give a function that opens contexts; at the end they are closed and nothing went wrong."""
    contexts: list[BrowserContext] = []
    watch = Watch()

    def open_context(server: Server, device: str = "desk", scheme: str = "light",
                     language: str = "en", **more: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=server.url, color_scheme=scheme, locale=LOCALES[language],  # type: ignore[arg-type]
            timezone_id="Europe/Moscow", reduced_motion="reduce", **(DEVICES[device] | more))
        context.set_default_timeout(10_000)
        own = urlsplit(server.url).netloc
        context.on("request", lambda request: None if urlsplit(request.url).netloc in (own, "")
                   else watch.faults.append(f"a request to another host: {request.url}"))
        context.on("page", watch.page)
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def open_context(
    browser: Browser, live_server: Server
) -> Iterator[Callable[..., BrowserContext]]:
    """A browser of one person: ``open_context(device="phone", scheme="dark", language="ru")``."""
    with watched(browser) as opened:
        def open_context(device: str = "desk", scheme: str = "light", language: str = "en",
                         server: Server = live_server, **more: Any) -> BrowserContext:
            return opened(server, device, scheme, language, **more)

        yield open_context


@pytest.fixture(scope="session")
def violations() -> Callable[[Page], list[str]]:
    """What axe finds on a page, one line for each element; an empty list is clean."""
    if not AXE.exists():
        pytest.fail(missing_parts()["axe"], pytrace=False)
    source = AXE.read_text(encoding="utf-8")

    def violations(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate(AXE_RUN)
        return [f"{page.url}: {each['id']}: {each['help']}: {node['html'][:200]}"
                for each in found["violations"] for node in each["nodes"]]

    return violations
