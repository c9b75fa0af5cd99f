"""A real SMTP server on this machine that keeps what it took and refuses whom it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from registry.servers.ports import free_port


class MailServer:
    """What arrived, and the switches of what goes wrong."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.messages: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.busy = False
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """For ``Settings.smtp_url``."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to listen; after ``stop`` on the same port again."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Stop listening: to a sender the server is dead."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def to(self, address: str) -> list[EmailMessage]:
        """What arrived for ``address``."""
        return [each for each in self.messages if address in each["X-RcptTo"]]

    async def handle_RCPT(  # noqa: N802 - the name that the library calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name that the library calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.busy:
            return "451 4.3.0 try again later"
        message = message_from_bytes(envelope.content or b"", policy=policy.default)
        message["X-RcptTo"] = ", ".join(envelope.rcpt_tos)
        self.messages.append(message)
        return "250 OK"


@pytest.fixture
def smtp_server() -> Iterator[MailServer]:
    """A mail server; its ``messages`` are what it took."""
    server = MailServer(free_port())
    server.start()
    yield server
    server.stop()
