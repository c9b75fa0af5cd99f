"""Reads a mapping from TOML and names everything in it that has no sense, all at once.

Which states the lifecycle has and which columns the file has is asked later, when both are known
(reading.py). Mappings that come with the product are found by their name.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping as Table
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.imports.mapping import (
    COMPANY,
    ENCODINGS,
    FORMATS,
    ISO,
    KEEPS,
    ORDERS,
    REFUSE,
    CaseColumns,
    EventColumns,
    Mapping,
    StateMap,
    Unknowns,
    folded,
)

LARGEST = 64 * 1024
LONGEST = 120
SOURCE = re.compile(r"[a-z][a-z0-9_-]{0,29}")
STATE = re.compile(r"[a-z][a-z0-9_]{0,39}")
SHIPPED = "registry.imports"


def shipped_mappings() -> list[str]:
    """The names of the mappings that come with the product."""
    return sorted(each.name.removesuffix(".toml") for each in _folder().iterdir()
                  if each.name.endswith(".toml"))


def find_mapping(name: str, company_zone: ZoneInfo) -> Mapping:
    """The mapping in the file ``name``, or the shipped one of that name. Raises Refused."""
    path = Path(name)
    if path.is_file():
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    elif name in shipped_mappings():
        data = _folder().joinpath(f"{name}.toml").read_bytes()
    else:
        raise Refused(Reason("mapping_missing", N_(
            "There is no mapping “%(name)s”: give a TOML file, or one of those that come with "
            "Countersign: %(shipped)s."),
            {"name": name, "shipped": ", ".join(shipped_mappings())}, "mapping"))
    return read_mapping(data, company_zone)


def read_mapping(data: bytes, company_zone: ZoneInfo) -> Mapping:
    """The mapping. Raises Refused with every fault and its place."""
    if len(data) > LARGEST:
        raise _refused("mapping_large", N_("The mapping is larger than %(limit)d KB."),
                       limit=LARGEST // 1024)
    try:
        text = data.decode("utf-8")
        table = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise _refused("mapping_toml", N_("The mapping is not TOML in UTF-8: %(error)s."),
                       error=str(error)) from None
    taker = Taker(table)
    mapping = _mapping(taker, text, company_zone)
    taker.close()
    if taker.faults:
        raise Refused(taker.faults)
    return mapping


class Taker:
    """Takes a table apart key by key; what is wrong, missing or left over is a fault."""

    def __init__(self, table: Table[str, Any], place: str = "",
                 faults: list[Reason] | None = None) -> None:
        self.place, self.left = place, dict(table)
        self.faults: list[Reason] = [] if faults is None else faults
        self._taken: list[Taker] = []

    def fault(self, key: str, code: str, text: str, **params: object) -> None:
        """Note a fault at ``key``."""
        place = ".".join(filter(None, (self.place, key)))
        self.faults.append(Reason(code, text, {"place": place, **params}, "mapping"))

    def table(self, key: str) -> Taker:
        """The table under ``key``; an absent one is empty."""
        value = self.left.pop(key, {})
        if not isinstance(value, dict):
            self.fault(key, "mapping_table", N_("%(place)s: this has to be a table."))
            value = {}
        taken = Taker(value, ".".join(filter(None, (self.place, key))), self.faults)
        self._taken.append(taken)
        return taken

    def text(self, key: str, default: str | None = None) -> str:
        """The text under ``key``; without ``default`` it must be there."""
        value = self.left.pop(key, default)
        if value is None:
            self.fault(key, "mapping_key_missing", N_("%(place)s is missing: add it."))
        elif not isinstance(value, str) or len(value) > LONGEST or not (value or default == ""):
            self.fault(key, "mapping_text", N_("%(place)s: this has to be a text of 1 to "
                                               "%(count)d characters."), count=LONGEST)
        else:
            return value
        return ""

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """One of ``allowed``."""
        value = self.text(key, default)
        if value and value not in allowed:
            self.fault(key, "mapping_choice", N_("%(place)s: “%(value)s” is not known. Choose "
                                                 "one of: %(allowed)s."),
                       value=value, allowed=", ".join(allowed))
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one, an absent key an empty list."""
        value = self.left.pop(key, [])
        value = [value] if isinstance(value, str) else value
        if isinstance(value, list) and all(isinstance(each, str) and len(each) <= LONGEST
                                           for each in value):
            return tuple(value)
        self.fault(key, "mapping_texts", N_("%(place)s: this has to be a list of texts."))
        return ()

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A table of texts by words that the mapping's author chose."""
        taken = self.table(key)
        return tuple((word, taken.text(word)) for word in list(taken.left))

    def close(self) -> None:
        """Note every key that nobody asked for: a misspelt key must not pass in silence."""
        for key in self.left:
            self.fault(key, "mapping_key_unknown", N_("%(place)s is not known here: correct its "
                                                      "spelling or leave it out."))
        for each in self._taken:
            each.close()


def _mapping(taker: Taker, text: str, company_zone: ZoneInfo) -> Mapping:
    source, case, event = taker.table("source"), taker.table("case"), taker.table("event")
    zone = _zone(source, company_zone)
    client = case.table("client")
    client_column, client_name = client.text("column", ""), client.text("name", "")
    if bool(client_column) == bool(client_name):
        client.fault("", "mapping_client", N_("%(place)s: give either the column that names the "
                                              "client, or the name of one client for all."))
    format_ = source.choice("format", FORMATS)
    return Mapping(
        source=_named(source, "name", SOURCE), lifecycle=source.text("lifecycle",
                                                                     "service_quality"),
        format=format_, encoding=source.choice("encoding", ENCODINGS, "utf-8"),
        delimiter=source.choice("delimiter", (",", ";", "\t", "|"), ","),
        unknown=frozenset(source.texts("unknown")), zone=zone,
        time_form=_time_form(source), order=event.choice("order", ORDERS, "time"),
        client_name=client_name, unknowns=_unknowns(case, client_column),
        case=CaseColumns(
            case.text("key"), case.text("opened_at", ""), case.texts("originator"),
            case.text("contact", ""), case.text("site", ""), client_column,
            case.texts("summary"), case.pairs("description")),
        event=EventColumns(
            event.text("at"), event.text("actor", ""), event.text("activity", ""),
            event.text("transition", ""), event.text("resource", ""), event.text("group", "")),
        states=_states(taker), text=text,
        digest=hashlib.sha256(f"{zone.key}\n{text}".encode()).hexdigest())


def _unknowns(case: Taker, client_column: str) -> Unknowns:
    named = case.table("unknown")
    return Unknowns(named.text("originator"), named.text("client", None if client_column else ""),
                    named.text("summary"))


def _zone(source: Taker, company_zone: ZoneInfo) -> ZoneInfo:
    name = source.text("zone", COMPANY)
    if name == COMPANY:
        return company_zone
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        source.fault("zone", "mapping_zone", N_("%(place)s: there is no time zone “%(value)s”. "
                                                "Write one like Europe/Moscow, or “company”."),
                     value=name)
        return company_zone


def _time_form(source: Taker) -> str:
    form = source.text("time", ISO)
    if form in (ISO, ""):
        return form
    sample = datetime(2016, 12, 31, 23, 58, tzinfo=UTC)
    try:
        read = datetime.strptime(sample.strftime(form), form)  # noqa: DTZ007 - its digits only
        is_whole = read.replace(second=0, tzinfo=None) == sample.replace(tzinfo=None)
    except ValueError:
        is_whole = False
    if not is_whole:
        source.fault("time", "mapping_time", N_("%(place)s: “%(value)s” does not describe a day "
                                                "and a time. Write it like %(sample)s, or “iso”."),
                     value=form, sample="%d/%m/%Y %H:%M")
    return form


def _states(taker: Taker) -> StateMap:
    states = taker.table("states")
    activities, transitions = states.pairs("activities"), states.pairs("transitions")
    otherwise = states.text("otherwise", REFUSE)
    last = states.text("last", "")
    after = frozenset(map(folded, states.texts("last_after")))
    named = (*((f"activities.{word}", state) for word, state in activities),
             *((f"transitions.{word}", state) for word, state in transitions),
             ("otherwise", otherwise), ("last", last))
    for place, state in named:
        if state and state not in (KEEPS, REFUSE) and not STATE.fullmatch(state):
            states.fault(place, "mapping_state", N_("%(place)s: “%(value)s” cannot be a state. "
                                                    "Write its name in the lifecycle, or “=”."),
                         value=state)
    return StateMap({folded(word): state for word, state in activities},
                    {folded(word): state for word, state in transitions}, otherwise, last, after)


def _named(taker: Taker, key: str, form: re.Pattern[str]) -> str:
    value = taker.text(key)
    if value and not form.fullmatch(value):
        taker.fault(key, "mapping_name", N_("%(place)s: “%(value)s” cannot be a name. Use up to 30 "
                                            "small Latin letters, digits, hyphens and "
                                            "underscores."), value=value)
    return value


def _folder() -> Any:
    return files(SHIPPED).joinpath("mappings")


def _refused(code: str, text: str, **params: object) -> Refused:
    return Refused(Reason(code, text, params, "mapping"))
