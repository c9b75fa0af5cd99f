"""Talking to one mail server: whose fault it is that a mail did not go, and never for ever.

Three outcomes matter to the worker: the server is away (nothing can be sent now), this mail was
refused (others may go), or the server hung in the middle of it. "Taken" is the server's own answer
after the whole mail. What a mail looks like is core/mail.py's.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from types import TracebackType
from urllib.parse import unquote, urlsplit

LONGEST_ANSWER = 20.0  # seconds for each answer of the server
LONGEST_MAIL = 60.0  # and for the whole of one mail: a server may drip its answers
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
LEAVING = 421


class ServerAway(Exception):
    """No mail at all can be sent now: no connection, no greeting, sign-in refused, closing."""


class MailRefused(Exception):
    """The server answered, and did not take this one mail."""


class ServerHung(Exception):
    """The server stopped answering in the middle of this mail."""


@dataclass(frozen=True)
class ServerAddress:
    """Where the mail server is and how to come in."""

    host: str
    port: int
    scheme: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_url(cls, url: str) -> ServerAddress:
        """Read ``smtp://``, ``smtps://`` or ``smtp+starttls://user:password@host:port``."""
        parts = urlsplit(url)
        return cls(parts.hostname or "localhost", parts.port or PORTS[parts.scheme], parts.scheme,
                   unquote(parts.username or ""), unquote(parts.password or ""))


class Connection:
    """A connection that is opened by the first mail and closed at the end of the block."""

    def __init__(self, address: ServerAddress, *, longest_answer: float = LONGEST_ANSWER,
                 longest_mail: float = LONGEST_MAIL) -> None:
        self.address = address
        self.longest_answer, self.longest_mail = longest_answer, longest_mail
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def send(self, mail: EmailMessage, recipient: str) -> str:
        """Send one mail; the server's answer. Raises ServerAway, MailRefused or ServerHung."""
        sender = mail["From"].addresses[0].addr_spec
        self._start_anew()
        smtp = self._smtp or self._open()
        try:
            with self._in_time(smtp):
                return _deliver(smtp, mail, sender, recipient)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            self.close()
            raise ServerHung(_said(error)) from error

    def greet(self) -> None:
        """Come in and send nothing: only to know whether one could. Raises ServerAway."""
        if self._smtp is None:
            self._open()

    def close(self) -> None:
        """Take leave; a server that does not answer is left without."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(OSError, smtplib.SMTPException, ValueError), self._in_time(smtp):
                smtp.quit()
            smtp.close()

    def _open(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        name = socket.gethostname()
        smtp = (smtplib.SMTP_SSL(timeout=self.longest_answer, local_hostname=name, context=context)
                if self.address.scheme == "smtps"
                else smtplib.SMTP(timeout=self.longest_answer, local_hostname=name))
        try:
            with self._in_time(smtp):
                self._greet(smtp, context)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            smtp.close()
            raise ServerAway(_said(error)) from error
        self._smtp = smtp
        return smtp

    def _greet(self, smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
        # smtplib checks the certificate against the name that the constructor was given.
        smtp._host = self.address.host  # type: ignore[attr-defined]
        code, text = smtp.connect(self.address.host, self.address.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        smtp.ehlo_or_helo_if_needed()
        if self.address.scheme == "smtp+starttls":
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if self.address.user:
            smtp.login(self.address.user, self.address.password)

    def _start_anew(self) -> None:
        """Let the server forget the mail before; a line it has closed meanwhile is given up."""
        smtp = self._smtp
        if smtp is None:
            return
        try:
            with self._in_time(smtp):
                code, _text = smtp.rset()
        except (OSError, smtplib.SMTPException, ValueError):
            code = LEAVING
        if code != 250:
            self.close()

    @contextmanager
    def _in_time(self, smtp: smtplib.SMTP) -> Iterator[None]:
        """Cut the line where the whole block takes too long, however slowly the server drips."""
        watch = threading.Timer(self.longest_mail, _cutter(smtp))
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()


def _deliver(smtp: smtplib.SMTP, mail: EmailMessage, sender: str, recipient: str) -> str:
    plain = recipient.isascii() and sender.isascii()
    if not plain and not smtp.has_extn("smtputf8"):
        raise MailRefused("the mail server takes only addresses in Latin letters")
    body = mail.as_bytes(policy=SMTP if plain else SMTPUTF8)
    _expect(smtp.mail(sender, [] if plain else ["SMTPUTF8", "BODY=8BITMIME"]), 250)
    _expect(smtp.rcpt(recipient), 250, 251)
    try:
        return _expect(smtp.data(body), 250)
    except smtplib.SMTPDataError as error:
        return _expect((error.smtp_code, _bytes(error.smtp_error)), 250)


def _expect(answer: tuple[int, bytes], *good: int) -> str:
    """The answer as text. Raises ServerAway where the server says goodbye, else MailRefused."""
    code, text = answer
    said = f"{code} {text.decode('utf-8', 'replace')}".replace("\n", " ")
    if code in good:
        return said
    raise ServerAway(said) if code == LEAVING else MailRefused(said)


def _cutter(smtp: smtplib.SMTP) -> Callable[[], None]:
    def cut() -> None:
        line = smtp.sock
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    return cut


def _bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_bytes(error.smtp_error).decode('utf-8', 'replace')}"
    return str(error) or type(error).__name__
