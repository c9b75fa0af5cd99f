"""Reads an event log in XES (IEEE 1849) tag by tag, whatever its length.

No document type, entity or outside reference is taken: the file is refused at the first of them.
Attributes of a trace are handed on as ``case:`` and their key; containers inside attributes, and
everything outside traces, tell nothing of an event and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from registry.core.errors import Reason
from registry.core.words import N_
from registry.imports.events import Fault, Row
from registry.imports.log_file import Bounds, refused
from registry.imports.mapping import Mapping

CHUNK = 64 * 1024
DEEPEST = 64
MOST_ATTRIBUTES = 1000
OF_CASE = "case:"


def read_xes_log(file: BinaryIO, mapping: Mapping, bounds: Bounds) -> Iterator[Row | Fault]:
    """The events in their order. Raises Refused for the whole file, also in its middle."""
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    handler = _Handler(parser, frozenset(mapping.columns), bounds)
    parser.setContentHandler(handler)
    is_empty = True
    try:
        while chunk := file.read(CHUNK):
            is_empty = False
            handler.weigh(len(chunk))
            parser.feed(chunk)
            yield from handler.taken()
        parser.close()
        yield from handler.taken()
    except DefusedXmlException:
        raise refused("xes_entities", N_(
            "The file declares a document type or entities. A log needs neither, and they are used "
            "for attacks: nothing was read.")) from None
    except (SAXException, LookupError, ValueError):  # the last two: an encoding nobody knows
        raise refused("xes_broken", N_("The file is no whole XML: it breaks off or is damaged near "
                                       "line %(line)d."), line=handler.line) from None
    if is_empty:
        raise refused("log_empty", N_("There is nothing in this file."))


class _Handler(ContentHandler):
    """Gathers the attributes of the trace and of the event at hand."""

    def __init__(self, parser: DefusedExpatParser, columns: frozenset[str],
                 bounds: Bounds) -> None:
        super().__init__()
        self._parser, self._columns, self._bounds = parser, columns, bounds
        self._open: list[str] = []
        self._trace: dict[str, str] = {}
        self._event: dict[str, str] = {}
        self._event_line = self._count = self._weight = 0
        self._rows: list[Row | Fault] = []

    @property
    def line(self) -> int:
        """The line of the file at which the parser stands."""
        return int(self._parser.getLineNumber() or 1)

    def taken(self) -> list[Row | Fault]:
        """The rows that are complete; each is handed over once."""
        rows, self._rows = self._rows, []
        return rows

    def weigh(self, size: int) -> None:
        """Refuse a tag without end, which the parser would keep in memory whole."""
        self._weight += size
        if self._weight > self._bounds.line + CHUNK:
            raise refused("xes_tag", N_("A tag after line %(line)d is longer than %(limit)d "
                                        "bytes."), line=self.line, limit=self._bounds.line)

    def startElement(self, name: str, attrs: AttributesImpl[str]) -> None:  # noqa: N802 - SAX
        self._weight = 0
        name = name.rpartition(":")[2]
        parent = self._open[-1] if self._open else ""
        if len(self._open) == DEEPEST:
            raise refused("xes_deep", N_("Line %(line)d is nested too deep for a log."),
                          line=self.line)
        if not self._open:
            self._begin_log(name)
        elif name == "trace" and parent == "log":
            self._trace = {}
        elif name == "event":
            self._event, self._event_line, self._count = {}, self.line, 0
        elif parent in ("trace", "event") and "key" in attrs and "value" in attrs:
            self._keep(parent, attrs["key"], attrs["value"])
        self._open.append(name)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX
        self._weight = 0
        self._open.pop()
        if name.rpartition(":")[2] == "event":
            self._end_event()

    def characters(self, content: str) -> None:
        self._weight = 0

    def _begin_log(self, name: str) -> None:
        if name != "log":
            raise refused("xes_no_log", N_("The file is XML, but no event log in XES."))

    def _keep(self, parent: str, key: str, value: str) -> None:
        name = OF_CASE + key if parent == "trace" else key
        self._count += 1
        if self._count > MOST_ATTRIBUTES:
            raise refused("xes_attributes", N_("The event in line %(line)d has more than %(limit)d "
                                               "attributes."),
                          line=self._event_line, limit=MOST_ATTRIBUTES)
        if name in self._columns:
            (self._trace if parent == "trace" else self._event)[name] = value

    def _end_event(self) -> None:
        if self._open[-1:] == ["trace"]:
            self._rows.append(Row(self._event_line, {**self._trace, **self._event}))
        else:
            self._rows.append(Fault(self._event_line, (
                Reason("event_outside", N_("the event stands outside every trace")),)))
