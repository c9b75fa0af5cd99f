"""One POST: within fifteen seconds, to the address that was judged, under the name of the URL."""

import http.client
import socket
import ssl
import threading
import time

import pytest

from registry.webhooks import posting
from registry.webhooks.posting import Answer
from tests.registry.core.certificates import self_signed
from tests.registry.webhooks.receiver import Receiver


def test_a_receiver_that_drips_is_cut_off(session, endpoint_at, allow, monkeypatch):
    monkeypatch.setattr(posting, "WHOLE", 1.0)
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        talk, _address = listening.accept()
        try:
            for each in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1000:
                talk.sendall(bytes([each]))
                time.sleep(0.05)
        except OSError:
            talk.close()

    threading.Thread(target=drip, daemon=True).start()
    host = f"localhost:{listening.getsockname()[1]}"
    began = time.monotonic()
    answer = posting.post(f"http://{host}/", {}, b"{}", allow(host))
    listening.close()
    assert answer.status is None
    assert time.monotonic() - began < 4


def test_a_name_that_leads_nowhere_is_no_answer(session, allow):
    answer = posting.post("https://nowhere.invalid/", {}, b"{}", allow("nowhere.invalid"))
    assert answer.is_away
    assert answer.text.startswith("no connection")


def test_a_name_that_leads_inside_gets_nothing(session, receiver, allow):
    settings = allow(receiver.host, private=False)
    url = receiver.url.replace("http:", "https:")
    assert posting.post(url, {}, b"{}", settings).text == (
        "localhost leads to an address that is not allowed")
    assert receiver.came == []


def test_the_connection_goes_to_the_address_that_was_judged(
        receiver: Receiver, allow, monkeypatch):
    """A name that means another address a moment later (DNS rebinding) changes nothing."""
    real, asked = socket.getaddrinfo, []

    def rebinding(host, *args, **kwargs):
        if host == "hooks.example.org":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    port = receiver.server.server_address[1]
    host = f"hooks.example.org:{port}"
    assert posting.post(f"http://{host}/x", {}, b"{}", allow(host)).status == 204
    assert len(asked) == 1
    assert receiver.came[0].headers["host"] == host


@pytest.fixture
def secure(new_receiver, tmp_path) -> Receiver:
    return new_receiver(self_signed(tmp_path))


def test_over_tls_the_name_is_judged_by_its_certificate(
        secure: Receiver, allow, tmp_path, monkeypatch):
    port = secure.server.server_address[1]
    settings = allow(f"localhost:{port}", f"other.example:{port}")
    assert posting.post(secure.url, {}, b"{}", settings).status is None
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    assert posting.post(secure.url, {}, b"{}", settings).status == 204
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **more: real(
        "127.0.0.1", *args, **more))
    wrong = posting.post(f"https://other.example:{port}/", {}, b"{}", settings)
    assert "certificate" in wrong.text.lower()
    assert len(secure.came) == 1


def test_the_name_of_the_url_is_asked_for_in_tls(secure: Receiver, allow, monkeypatch):
    named: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(posting.ssl, "create_default_context", lambda: context)
    real = ssl.SSLContext.wrap_socket

    def wrap(self, opened, server_hostname=None, **more):
        named.append(server_hostname)
        return real(self, opened, server_hostname=server_hostname, **more)

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap)
    posting.post(secure.url, {}, b"{}", allow(secure.host))
    assert "localhost" in named


def test_what_is_no_answer_of_the_web_is_a_failure(session, allow):
    listening = socket.create_server(("127.0.0.1", 0))

    def babble() -> None:
        talk, _address = listening.accept()
        talk.recv(65536)
        talk.sendall(b"SSH-2.0-OpenSSH\r\n")
        talk.close()

    threading.Thread(target=babble, daemon=True).start()
    host = f"localhost:{listening.getsockname()[1]}"
    answer = posting.post(f"http://{host}/", {}, b"{}", allow(host))
    listening.close()
    assert answer == Answer(None, f"no answer: {http.client.BadStatusLine.__name__}")
