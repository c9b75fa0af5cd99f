"""The figures as a table for people: each beside its target and the best known product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry.bench.subjects import SUBJECTS

HEAD = f"{'':<34}{'median':>9}{'p95':>9}{'cpu':>8}{'queries':>9}{'target':>9}{'known':>8}"
MOST_GROWTH = 1.3
# Of the whole product as it is served: name, target, best known product, whether more is better.
SERVED = (
    ("ticket pages, 1 clients", None, None), ("ticket pages, 8 clients", 700, 72),
    ("lists, 1 clients", None, None), ("lists, 8 clients", 570, 57),
)
MOST_MEMORY, MOST_BYTES, MOST_REQUESTS = 150, 40_000, 4


def lines_of(found: dict[str, Any]) -> Iterator[str]:
    """The whole table."""
    machine = found["machine"]
    yield (f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, "
           f"Python {machine['python']}, load at start {machine['load'][0]}; a million squares "
           f"are summed in {machine['squares']:.0f} ms")
    yield "Times in milliseconds; known = the best of the products compared, at 20,000 tickets."
    for run in found["runs"]:
        yield ""
        yield (f"{run['database']}, {run['size']:,} tickets, {run['open']:,} open"
               + (f", seeded in {run['seeded_in']:.0f} s" if run["seeded_in"] else ""))
        yield HEAD
        yield from _server(run["server"])
        yield from _served(run["served"])
    yield from _growth(found["growth"])


def _server(timings: dict[str, Any]) -> Iterator[str]:
    for each in SUBJECTS:
        if each.name not in timings:
            yield f"{each.name:<34}{'not measured':>18}"
            continue
        timing = timings[each.name]
        yield (f"{each.name:<34}{timing['median']:>9.1f}{timing['p95']:>9.1f}"
               f"{timing['cpu']:>8.1f}{timing['queries']:>9}{_or_dash(each.target):>9}"
               f"{_or_dash(each.known):>8}{_verdict(timing['median'], each.target)}")


def _weights(name: str, weight: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    yield f"{name}, bytes", weight["bytes"], MOST_BYTES
    yield f"{name}, requests", weight["requests"], MOST_REQUESTS


def _served(served: dict[str, Any]) -> Iterator[str]:
    yield f"{'two web processes, loopback':<34}{'a second':>9}{'median':>9}{'p95':>8}"
    for name, target, known in SERVED:
        load = served[name]
        is_met = "" if target is None else "  met" if load["per_second"] >= target else "  MISSED"
        yield (f"{name:<34}{load['per_second']:>9.0f}{load['median']:>9.1f}{load['p95']:>8.1f}"
               f"{'':>9}{_or_dash(target):>9}{_or_dash(known):>8}{is_met}")
    for name, value, most in (("memory, MiB (PSS)", served["memory"], MOST_MEMORY),
                              *_weights("ticket page, cold", served["weight"]),
                              *_weights("the same with the face", served["weight with the face"])):
        yield f"{name:<34}{value:>9.0f}{'':>26}{most:>9}{'':>8}{_verdict(value, most)}"


def _growth(growth: list[dict[str, Any]]) -> Iterator[str]:
    """How much more processor time the largest registry takes than the smallest."""
    for each in growth:
        small, large = each["sizes"]
        yield ""
        yield (f"{each['database']}: from {small:,} to {large:,} tickets, measured in turns; "
               "growth by processor time")
        yield f"{'':<34}{'median':>9}{'':>9}{'cpu':>9}{'':>9}{'growth':>9}"
        for name, (one, other) in each["subjects"].items():
            by_cpu = other["cpu"] / one["cpu"]
            yield (f"{name:<34}{one['median']:>9.1f}{other['median']:>9.1f}{one['cpu']:>9.1f}"
                   f"{other['cpu']:>9.1f}{by_cpu:>9.2f}{_verdict(by_cpu, MOST_GROWTH)}")


def _or_dash(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _verdict(value: float, target: float | None) -> str:
    if target is None:
        return ""
    return "  met" if value <= target else "  MISSED"
