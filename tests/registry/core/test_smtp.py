"""One mail server: in order, refusing, hanging, dripping, gone; by TLS and with sign-in."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from registry.core.smtp import (
    Connection,
    MailRefused,
    ServerAddress,
    ServerAway,
    ServerHung,
)
from registry.servers.ports import free_port
from tests.ground.mail import MailServer
from tests.registry.core.certificates import self_signed


def a_mail(recipient: str = "anna@example.org") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "from@example.org", recipient, "A subject"
    mail.set_content("Text\n.a line that begins with a dot\n")
    return mail


def send(line: Connection, recipient: str = "anna@example.org") -> str:
    return line.send(a_mail(recipient), recipient)


def send_once(url: str, recipient: str = "anna@example.org", *, answer: float = 1,
              mail: float = 10) -> str:
    """One mail over a connection of its own, with little patience."""
    with Connection(ServerAddress.from_url(url), longest_answer=answer, longest_mail=mail) as line:
        return send(line, recipient)


@contextmanager
def scripted(script: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does to each connection what ``script`` says; gives its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_lines: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                line, _address = listener.accept()
            except OSError:
                return
            open_lines.append(line)
            threading.Thread(target=answer, args=(line,), daemon=True).start()

    def answer(line: socket.socket) -> None:
        with suppress(OSError):
            script(line)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for line in open_lines:
            line.close()


def says(line: socket.socket, *answers: bytes) -> None:
    """Answer each command with the next of the answers; after the last, wait for the end."""
    for each in answers:
        line.sendall(each + b"\r\n")
        line.recv(4096)
    line.recv(1)


@pytest.mark.parametrize(("url", "expected"), [
    ("smtp://mail.example.org", ServerAddress("mail.example.org", 25, "smtp")),
    ("smtps://mail.example.org", ServerAddress("mail.example.org", 465, "smtps")),
    ("smtp+starttls://a%40b:p%2Fw@mail.example.org:2525",
     ServerAddress("mail.example.org", 2525, "smtp+starttls", "a@b", "p/w")),
])
def test_an_address_is_read_from_a_url(url: str, expected: ServerAddress):
    assert ServerAddress.from_url(url) == expected


def test_a_password_is_never_shown():
    assert "secret" not in repr(ServerAddress.from_url("smtp://user:secret@host"))


def test_many_mails_go_over_one_connection_and_arrive_byte_for_byte(smtp_server: MailServer):
    with Connection(ServerAddress.from_url(smtp_server.url)) as line:
        answers = [send(line, f"person{number}@example.org") for number in range(3)]
    assert answers == ["250 OK"] * 3
    assert len(smtp_server.messages) == 3
    assert ".a line that begins with a dot" in smtp_server.messages[0].get_content()


def test_a_refused_address_leaves_the_connection_good_for_the_next(smtp_server: MailServer):
    smtp_server.refused.add("gone@example.org")
    with Connection(ServerAddress.from_url(smtp_server.url)) as line:
        with pytest.raises(MailRefused, match=r"550 5\.1\.1 no such mailbox"):
            send(line, "gone@example.org")
        assert send(line) == "250 OK"
    assert [mail["To"] for mail in smtp_server.messages] == ["anna@example.org"]


def test_a_server_that_does_not_take_the_body_is_believed(smtp_server: MailServer):
    smtp_server.busy = True
    with Connection(ServerAddress.from_url(smtp_server.url)) as line, pytest.raises(
            MailRefused, match="451"):
        send(line)


def test_nobody_listening_means_that_the_server_is_away():
    with Connection(ServerAddress("127.0.0.1", free_port(), "smtp")) as line, pytest.raises(
            ServerAway):
        send(line)


def test_a_server_that_accepts_and_never_greets_is_away():
    with scripted(lambda line: line.recv(1)) as url, pytest.raises(ServerAway):
        send_once(url, answer=0.3)


def test_a_server_that_hangs_in_the_middle_of_a_mail_has_hung():
    with scripted(lambda line: says(line, b"220 hello", b"250 hello", b"250 ok")) as url, \
            pytest.raises(ServerHung):
        send_once(url, answer=0.3)


def test_a_server_that_drips_its_answer_is_cut_off():
    def drip(line: socket.socket) -> None:
        says_once = threading.Event()
        for letter in b"220 " + b"x" * 1000:
            line.sendall(bytes([letter]))
            says_once.wait(0.05)

    with scripted(drip) as url, pytest.raises(ServerAway):
        send_once(url, answer=5, mail=0.5)


def test_a_server_that_says_goodbye_is_away():
    with scripted(lambda line: says(line, b"220 hello", b"250 hello", b"421 closing")) as url, \
            pytest.raises(ServerAway, match="421 closing"):
        send_once(url, answer=1)


def test_a_connection_that_the_server_closed_meanwhile_is_opened_anew(smtp_server: MailServer):
    with Connection(ServerAddress.from_url(smtp_server.url)) as line:
        send(line)
        smtp_server.stop()
        smtp_server.start()
        assert send(line) == "250 OK"


def test_an_address_in_other_letters_is_refused_where_the_server_cannot_take_it():
    with scripted(lambda line: says(line, b"220 hello", b"250 hello")) as url, pytest.raises(
            MailRefused, match="Latin letters"):
        send_once(url, "анна@example.org", answer=1)


def test_an_address_in_other_letters_goes_where_the_server_takes_it(smtp_server: MailServer):
    with Connection(ServerAddress.from_url(smtp_server.url)) as line:
        assert send(line, "анна@example.org") == "250 OK"


# aiosmtpd warns of a sign-in without STARTTLS; by smtps the line is safe from its beginning.
over_tls = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


class Safe:
    """A server behind TLS that wants a sign-in and keeps what it took."""

    def __init__(self, folder: Path, *, implicit: bool) -> None:
        self.certificate, key = self_signed(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.took: list[str] = []
        self.port = free_port()
        more = {"ssl_context": context} if implicit else {
            "tls_context": context, "require_starttls": True}
        self.controller = Controller(
            self, hostname="127.0.0.1", port=self.port, authenticator=self.authenticate,
            auth_require_tls=not implicit, auth_required=True, **more)

    def authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        good = isinstance(data, LoginPassword) and data == LoginPassword(b"user", b"p/w")
        return AuthResult(success=good, handled=False)

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.took += envelope.rcpt_tos
        return "250 taken"


@pytest.fixture(params=["smtps", "smtp+starttls"])
def safe(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Safe]]:
    server = Safe(tmp_path, implicit=request.param == "smtps")
    server.controller.start()
    yield request.param, server
    server.controller.stop()


@over_tls
def test_a_mail_goes_by_tls_with_sign_in(safe, monkeypatch: pytest.MonkeyPatch):
    scheme, server = safe
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    url = f"{scheme}://user:p%2Fw@localhost:{server.port}"
    with Connection(ServerAddress.from_url(url)) as line:
        assert send(line) == "250 taken"
    assert server.took == ["anna@example.org"]


@over_tls
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(safe):
    scheme, server = safe
    with pytest.raises(ServerAway, match=r"(?i)certificate"):
        send_once(f"{scheme}://user:p%2Fw@localhost:{server.port}")
    assert server.took == []


@over_tls
def test_a_wrong_password_means_that_no_mail_can_be_sent(
        safe, monkeypatch: pytest.MonkeyPatch):
    scheme, server = safe
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    with pytest.raises(ServerAway, match="535"):
        send_once(f"{scheme}://user:no@localhost:{server.port}")
