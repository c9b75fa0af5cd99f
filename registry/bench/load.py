"""Clients that ask over HTTP as fast as they are answered, in a process of their own.

``python -m registry.bench.load HOST PORT COOKIE CLIENTS SECONDS PATH…`` prints one line of JSON.
Each client keeps its connection; bounded in time and count.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time

from registry.bench.timing import percentile

MOST = 20_000


def ask(host: str, port: int, cookie: str, paths: list[str], until: float,
        times: list[float]) -> None:
    """One client: the paths in turn until the time is over."""
    connection = http.client.HTTPConnection(host, port, timeout=30)
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip", "Accept-Language": "ru"}
    for turn in range(MOST):
        begun = time.perf_counter()
        if begun >= until:
            break
        connection.request("GET", paths[turn % len(paths)], headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{paths[turn % len(paths)]}: {answer.status}")
        times.append((time.perf_counter() - begun) * 1000)
    connection.close()


def load(host: str, port: int, cookie: str, clients: int, seconds: float,
         paths: list[str]) -> dict[str, float]:
    """Answers a second, median and 95th percentile of their milliseconds."""
    times: list[float] = []
    begun = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(host, port, cookie, paths[turn:] + paths[:turn],
                                                  begun + seconds, times))
               for turn in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    spent = time.perf_counter() - begun
    if not times:
        raise RuntimeError("nothing was answered")
    return {"per_second": len(times) / spent, "median": percentile(times, 0.5),
            "p95": percentile(times, 0.95), "count": len(times)}


if __name__ == "__main__":
    host, port, cookie, clients, seconds, *paths = sys.argv[1:]
    found = load(host, int(port), cookie, int(clients), float(seconds), paths)
    sys.stdout.write(json.dumps(found) + "\n")
