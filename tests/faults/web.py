"""The pages as an installation serves them, in processes that can be killed, and a person's browser
that is not told of it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from registry.servers.ports import free_port
from tests.factories import PASSWORD
from tests.faults.installation import told
from tests.ground.parts import ROOT

PATIENCE = 60
HIDDEN = re.compile(r'name="(nonce|shown_head|csrf_token)"[^>]* value="([^"]*)"')
BOUNDARY = "a-line-that-stands-in-no-file"


class Web:
    """A gunicorn of our own, with two processes that are killed."""

    def __init__(self, app: Flask, log: Path) -> None:
        self.port = free_port()
        settings = told(app.config["SETTINGS"], port=self.port,
                        base_url=f"http://127.0.0.1:{self.port}")
        with log.open("wb") as file:
            self.master = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.serving", settings], cwd=ROOT, stderr=file)
        self._children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children")

    def kill_all(self) -> None:
        """Kill every process that answers; the master forks others."""
        for child in self._children.read_text().split():
            os.kill(int(child), signal.SIGKILL)

    def end(self) -> None:
        """Stop it."""
        self.master.terminate()
        self.master.wait(PATIENCE)


class Browser:
    """One person's browser; ``ask`` raises OSError or HTTPException where no answer comes."""

    def __init__(self, port: int, login: str) -> None:
        self.port, self.cookies = port, dict[str, str]()
        form = self.hidden("/sign-in")
        status, _page = self.ask("/sign-in", {**form, "login": login, "password": PASSWORD})
        assert status == 303

    def ask(self, path: str, data: dict[str, str] | None = None,
            file: bytes | None = None) -> tuple[int, str]:
        """Status and text of the answer to a GET, or to a POST of ``data`` (and of a file)."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
            if data is None:
                line.request("GET", path, headers=headers)
            elif file is None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                line.request("POST", path, urlencode(data), headers)
            else:
                headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
                line.request("POST", path, _parts(data, file), headers)
            answer = line.getresponse()
            text = answer.read().decode()
        finally:
            line.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text

    def patiently(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        """``ask``, and again where there was no answer."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.ask(path, data)
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < deadline, "nobody answers any more"
                time.sleep(0.02)

    def hidden(self, path: str) -> dict[str, str]:
        """What the form of the page carries with it."""
        status, page = self.patiently(path)
        assert status == 200, page
        return dict(HIDDEN.findall(page))


class Program:
    """One program that acts for a person by the token ``secret``."""

    def __init__(self, port: int, secret: str) -> None:
        self.port, self.secret = port, secret

    def post(self, path: str, body: dict[str, Any], key: str) -> tuple[int, str, bool]:
        """Status, text, and whether it is an answer given before to the same key. Raises OSError or
        HTTPException where no answer comes."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            line.request("POST", f"/api/v1{path}", json.dumps(body), {
                "Authorization": f"Bearer {self.secret}", "Content-Type": "application/json",
                "Idempotency-Key": key})
            answer = line.getresponse()
            replayed = answer.headers.get("Idempotency-Replayed") == "true"
            return answer.status, answer.read().decode(), replayed
        finally:
            line.close()


def _parts(data: dict[str, str], file: bytes) -> bytes:
    """A form with a text file, as browsers send it."""
    fields = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
              for name, value in data.items()]
    head = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="trace.txt"'
            "\r\nContent-Type: text/plain\r\n\r\n")
    return "".join([*fields, head]).encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()
