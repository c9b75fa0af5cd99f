"""Ports of loopback: which are free, and where somebody listens already."""

from __future__ import annotations

import socket
from collections.abc import Collection

HOST = "127.0.0.1"


def free_port(taken: Collection[int] = ()) -> int:
    """A port of loopback that nobody listens at and that is not in ``taken``."""
    while True:
        with socket.socket() as asked:
            asked.bind((HOST, 0))
            port: int = asked.getsockname()[1]
        if port not in taken:
            return port


def is_listening(port: int) -> bool:
    """Whether somebody takes connections at this port of loopback."""
    with socket.socket() as line:
        line.settimeout(1)
        return line.connect_ex((HOST, port)) == 0
