"""By what the sites of a list are fed: finding the feeder that a name means, circles, the order.

A name means the client's own site first, then a node of our network, whether it is in the
registry already or comes with the list.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.clients.import_columns import Column
from registry.clients.import_present import Present, SiteKey
from registry.clients.import_rows import ClientList, Said
from registry.clients.names import folded
from registry.core.errors import Reason
from registry.core.words import N_


class Feeding:
    """The feeders of all sites as they would be once the list is in."""

    def __init__(self, client_list: ClientList, there: Present) -> None:
        self.there = there
        self.said: dict[SiteKey, Said] = {
            (owner, name): site for owner, client in client_list.clients.items()
            for name, site in client.sites.items()}
        self.feeders: dict[SiteKey, SiteKey | None] = {
            key: site.feeder for key, site in there.sites.items()}
        self.unknown: list[SiteKey] = []
        for key, site in self.said.items():
            self._resolve(key, site.values.get(Column.FED_BY, ""))

    def feeder_of(self, key: SiteKey) -> SiteKey | None:
        """What will feed the site."""
        return self.feeders.get(key)

    def name_of(self, key: SiteKey | None) -> str:
        """The feeder's name as it is written."""
        if key is None:
            return ""
        there = self.there.sites.get(key)
        return there.name if there else self.said[key].name

    def faults(self) -> Iterator[tuple[int, Column, Reason]]:
        """Feeders that nobody knows, and sites that would come to feed themselves."""
        for key in self.unknown:
            said = self.said[key]
            yield said.line, Column.FED_BY, Reason("feeder_unknown", N_(
                "There is no site “%(name)s” of this client or of our network. Add a row for it, "
                "or correct the name."), {"name": said.values[Column.FED_BY][:80]})
        for key, said in self.said.items():
            if self._is_in_circle(key):
                yield said.line, Column.FED_BY, Reason("feeding_circle_listed", N_(
                    "%(name)s would get the service through itself. Correct by what it is fed."),
                    {"name": said.name})

    def in_order(self) -> list[SiteKey]:
        """The sites of the list, each after the one that feeds it (circles apart)."""
        ordered: dict[SiteKey, None] = {}
        for key in self.said:
            road = []
            at: SiteKey | None = key
            while at is not None and at in self.said and at not in ordered and at not in road:
                road.append(at)
                at = self.feeders.get(at)
            ordered.update(dict.fromkeys(reversed(road)))
        return list(ordered)

    def _resolve(self, key: SiteKey, name: str) -> None:
        if not name:
            self.feeders.setdefault(key, None)
            return
        for candidate in ((key[0], folded(name)), ("", folded(name))):
            there = self.there.sites.get(candidate)
            if candidate in self.said or (there is not None and there.is_active):
                self.feeders[key] = candidate
                return
        self.unknown.append(key)
        self.feeders[key] = None

    def _is_in_circle(self, key: SiteKey) -> bool:
        seen = set()
        at = self.feeders.get(key)
        while at is not None and at not in seen:
            if at == key:
                return True
            seen.add(at)
            at = self.feeders.get(at)
        return False
