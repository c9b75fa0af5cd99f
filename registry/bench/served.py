"""The product as it is served: two web processes over loopback, their memory, the weight of a page.

Needs the registry of the settings in the environment to be seeded already.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from registry.config import ROOT
from registry.servers.ports import free_port, is_listening
from registry.servers.processes import Process, descendants_of, wait_for
from registry.servers.programs import ending_with_us

WORKERS = 2
PATIENCE = 60.0
PARTS = re.compile(rb'<(?:link|script|img)\b[^>]*?(?:href|src)="([^"]+)"[^>]*>')
STYLE_PARTS = re.compile(rb'url\("([^"]+)"\)')
NOT_FETCHED = re.compile(rb'rel="(?:manifest|canonical|alternate|next|prev|help)"')


@contextmanager
def served() -> Iterator[tuple[int, int]]:
    """The web half alone; its port and the id of its first process."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        process = Process("web", [
            *ending_with_us(), sys.executable, "-m", "registry", "serve", "--workers",
            str(WORKERS)], Path(folder), {
                **os.environ, "PYTHONPATH": str(ROOT), "COUNTERSIGN_PORT": str(port),
                "COUNTERSIGN_BASE_URL": ""})
        try:
            wait_for("the web half", lambda: is_listening(port), PATIENCE, [process])
            yield port, process.pid
        finally:
            process.end(patience=PATIENCE)


def under_load(port: int, cookie: str, clients: int, seconds: float,
               paths: list[str]) -> dict[str, float]:
    """What ``load.py`` measures, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "registry.bench.load", "127.0.0.1", str(port), cookie,
         str(clients), str(seconds), *paths],
        check=True, capture_output=True, text=True, timeout=seconds + PATIENCE)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def memory_of(first: int) -> float:
    """MiB that the process and its children have to themselves, shared pages by their share."""
    return sum(map(_pss, [first, *descendants_of(first)])) / 1024


def weight_of(port: int, cookie: str, path: str) -> dict[str, Any]:
    """Bytes over the wire of a page with all that its HTML and its styles ask for, and how many
    requests. With the mark of a browser that has seen a page in ``cookie`` that is the face too."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    weights: dict[str, int] = {}
    body = _fetch(connection, path, cookie, weights)
    for tag in PARTS.finditer(body):
        address = tag[1].decode().replace("&amp;", "&")
        if address.startswith("/") and not NOT_FETCHED.search(tag[0]) and address not in weights:
            found = _fetch(connection, address, cookie, weights)
            for part in STYLE_PARTS.findall(found) if address.endswith(".css") else ():
                _fetch(connection, urljoin(address, part.decode()), cookie, weights)
    connection.close()
    return {"requests": len(weights), "bytes": sum(weights.values()), "parts": weights}


def _fetch(connection: http.client.HTTPConnection, path: str, cookie: str,
           weights: dict[str, int]) -> bytes:
    """Fetch and weigh: status line, headers and body as they come. The body, unpacked."""
    connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip, br",
                                             "Accept-Language": "ru"})
    answer = connection.getresponse()
    body = answer.read()
    head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + 19
    weights[path] = len(body) + head
    return gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body


def _pss(process: int) -> int:
    """KiB. PermissionError where the process is another user's."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])  # type: ignore[index]
