"""One POST to one receiver: over a connection that we open ourselves, within fifteen seconds.

The connection goes to an address that was judged, with the name in TLS and in Host; redirects are
not followed; of the answer only its beginning is read. Knows neither rows nor workers.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from registry.config import Settings
from registry.webhooks.addresses import NotAllowed, Target, addresses_of, fault_of, target_of

CONNECT = 5.0
WHOLE = 15.0
LONGEST_ANSWER = 500
GONE = 410
BUSY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Answer:
    """What came back. ``status`` is None where nobody answered; ``text`` then says why."""

    status: int | None
    text: str

    @property
    def is_taken(self) -> bool:
        """Whether the receiver said that it took the message."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.status == GONE

    @property
    def is_away(self) -> bool:
        """Whether the receiver, and not this message, is at fault: it is left alone for a while."""
        return self.status is None or self.status in BUSY


def post(url: str, headers: Mapping[str, str], body: bytes, settings: Settings) -> Answer:
    """Send the body; never raises for what a receiver or a network does."""
    ends = time.monotonic() + WHOLE
    target = target_of(url)
    if target is None or fault_of(url, settings) is not None:
        return Answer(None, "this address is not allowed any more")
    try:
        line = _connected(target, settings, ends)
    except NotAllowed as error:
        return Answer(None, str(error))
    except (OSError, ValueError) as error:
        return Answer(None, f"no connection: {_named(error)}")
    try:
        return _asked(line, target, headers, body)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Answer(None, f"no answer: {_named(error)}")
    finally:
        line.hang_up()


def _connected(target: Target, settings: Settings, ends: float) -> Line:
    """A connection to the first judged address that takes it, with TLS where the URL says so."""
    until = time.monotonic() + CONNECT
    addresses = addresses_of(target, settings, CONNECT)
    failed: OSError = OSError("the name has no address")
    for address in addresses:
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            opened = socket.create_connection((address, target.port), timeout=left)
        except OSError as error:
            failed = error
            continue
        return Line(_secured(opened, target, until) if target.scheme == "https" else opened, ends)
    raise failed


def _secured(opened: socket.socket, target: Target, until: float) -> socket.socket:
    """The connection under TLS, the certificate judged by the name in the URL."""
    opened.settimeout(max(until - time.monotonic(), 0.1))
    try:
        return ssl.create_default_context().wrap_socket(opened, server_hostname=target.host)
    except BaseException:
        opened.close()
        raise


def _asked(line: Line, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
    talk = http.client.HTTPConnection(target.host, target.port)
    talk.sock = cast(Any, line)
    talk.request("POST", target.path, body, {
        "Host": target.authority, "User-Agent": "Countersign", "Accept": "*/*",
        "Connection": "close", "Content-Type": "application/json", **headers})
    response = talk.getresponse()
    beginning = response.read(LONGEST_ANSWER * 4).decode("utf-8", "replace")
    return Answer(response.status, printable(beginning))


def printable(text: str) -> str:
    """The beginning of somebody's answer as one line that changes no screen."""
    plain = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(plain.split())[:LONGEST_ANSWER]


def _named(error: Exception) -> str:
    text = printable(str(error)) or type(error).__name__
    return text if isinstance(error, OSError) else type(error).__name__


class Line:
    """A socket whose reads and writes all end by one moment, however slowly the other side drips.

    What http.client wants of a socket; it closes one before the answer is read, so that ``close``
    does nothing and ``hang_up`` does it.
    """

    def __init__(self, opened: socket.socket, ends: float) -> None:
        self._socket, self._ends = opened, ends

    def in_time(self) -> socket.socket:
        """The socket, with no more patience than is left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(left)
        return self._socket

    def sendall(self, data: bytes) -> None:
        """Send all of it or raise."""
        self.in_time().sendall(data)

    def makefile(self, *_args: object) -> io.BufferedReader:
        """A reader for http.client."""
        return io.BufferedReader(_Reading(self))

    def close(self) -> None:
        """Nothing yet."""

    def hang_up(self) -> None:
        """End the connection."""
        self._socket.close()


class _Reading(io.RawIOBase):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def readinto(self, buffer: Any) -> int:
        return self._line.in_time().recv_into(buffer)

    def readable(self) -> bool:
        return True
