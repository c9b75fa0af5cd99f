"""A mail server that takes everything and remembers what it took: the directors' mailboxes.

Speaks as much of SMTP as a client of ours needs; one thread for each connection.
"""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage


@dataclass(frozen=True)
class Taken:
    """One mail as it came: to whom, and its bytes."""

    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, read."""
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def subject(self) -> str:
        """Its subject."""
        return str(self.message["Subject"])

    @property
    def message_id(self) -> str:
        """The name by which a second copy of the same mail is known."""
        return str(self.message["Message-ID"])


class Mailbox(socketserver.ThreadingTCPServer):
    """Listens at a port of loopback; ``taken`` is everything that came."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: str, port: int) -> None:
        self.taken: list[Taken] = []
        self.lock = threading.Lock()
        super().__init__((host, port), Talk)


class Talk(socketserver.StreamRequestHandler):
    """One connection."""

    server: Mailbox

    def handle(self) -> None:
        """Answer until the client leaves."""
        self.recipients: list[str] = []
        self._say("220 ready")
        while line := self.rfile.readline(4096).decode("ascii", "replace").strip():
            word = line.split(":")[0].upper()
            if word == "DATA":
                self._take()
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                if word == "RCPT TO":
                    self.recipients.append(line.partition("<")[2].partition(">")[0])
                elif word == "MAIL FROM":
                    self.recipients = []
                self._say("250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        with self.server.lock:
            self.server.taken += [Taken(each, b"".join(lines)) for each in self.recipients]
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode("ascii"))


@contextmanager
def a_mailbox(host: str, port: int) -> Iterator[Mailbox]:
    """A mailbox that listens while the block lasts."""
    with Mailbox(host, port) as mailbox:
        thread = threading.Thread(target=mailbox.serve_forever, kwargs={"poll_interval": 0.2})
        thread.start()
        try:
            yield mailbox
        finally:
            mailbox.shutdown()
            thread.join()
