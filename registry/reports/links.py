"""Where the numbers of a report lead: whole addresses in mails, paths on our own pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.core.settings import current_settings, page_path


@dataclass(frozen=True)
class Links:
    """``base`` stands before each path: the address of the registry in a mail, else nothing."""

    base: str = ""

    @classmethod
    def for_mail(cls) -> Links:
        """Whole addresses, made without a request."""
        return cls(current_settings().base_url)

    def report(self, day: date) -> str:
        """The report itself as a page."""
        return self._to("reports.daily", day=day)

    def list(self, day: date, what: str) -> str:
        """The list that a number of the day counts."""
        return self._to("reports.list_", day=day, what=what)

    def ticket(self, number: int) -> str:
        """One ticket."""
        return self._to("tickets.show", number=number)

    def _to(self, endpoint: str, **values: object) -> str:
        return self.base + page_path(endpoint, **values)
