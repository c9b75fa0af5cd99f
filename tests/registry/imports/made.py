"""Mappings and logs made for one test each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from registry.imports.events import Event
from registry.imports.mapping import Mapping as LogMapping
from registry.imports.mapping_reading import read_mapping
from tests.ground.texts import replaced

MOSCOW = ZoneInfo("Europe/Moscow")
START = datetime(2016, 3, 1, 8, 0, tzinfo=UTC)
SMALL = """
[source]
name = "small"
format = "csv"
unknown = ["?"]
[case]
key = "case"
originator = ["opener"]
client = { column = "client" }
summary = ["what"]
[case.unknown]
originator = "Nobody named"
client = "Nowhere named"
summary = "Nothing said"
[event]
at = "at"
actor = "who"
activity = "state"
resource = "resource"
group = "group"
[states]
activities = { New = "logged", Active = "in_fix", Waiting = "on_hold", Resolved = "returned", \
Closed = "closed" }
"""
HEADING = "case,at,state,resource,group,who,opener,client,what"
ROW = "A,2016-03-01T11:00,New,,,Kim,Kim,Volga Bank,Slow line"


def small_mapping(*changes: tuple[str, str]) -> LogMapping:
    """A mapping of few columns, with texts of it replaced."""
    return read_mapping(replaced(SMALL, *changes).encode(), MOSCOW)


def small_log(*rows: str, heading: str = HEADING) -> bytes:
    """A log of the small mapping's columns."""
    return "\n".join([heading, *rows, ""]).encode()


def an_event(state: str, resource: str = "", group: str = "", *, minute: int = 0,
             **more: str) -> Event:
    """An event so many minutes after the start."""
    return Event(minute + 2, START + timedelta(minutes=minute), state, state, resource=resource,
                 group=group, **more)


def a_trace(name: str, events: Iterable[Mapping[str, str]]) -> str:
    """A trace of XES with its events, each as its attributes."""
    told = "".join(
        "<event>" + "".join(f'<string key="{key}" value="{value}"/>'
                            for key, value in event.items()) + "</event>"
        for event in events)
    return f'<trace><string key="concept:name" value="{name}"/>{told}</trace>'
