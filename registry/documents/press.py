"""From data to a file: PDF/A-2a and PDF/UA-1 at once, the same bytes for the same data.

A paper is a template of Typst under papers/. It reads one JSON and nothing else: no clock, no
network, no face but ours. What people wrote reaches it as values, which are never read as markup.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from registry.core.errors import OutOfService, Reason
from registry.core.qr import qr
from registry.core.words import N_
from registry.documents.faces import FOLDER, faces, fit
from registry.ledger.entries import canonical

PAPERS = Path(__file__).parent / "papers"
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]
AS_IT_IS = ("qr", "address")  # keys of data that are no text to be set


@dataclass(frozen=True)
class Sheetful:
    """What a paper says: which template, its data, and the moment that the file calls its own."""

    paper: str
    data: Mapping[str, Any]
    at: datetime
    language: str

    @property
    def mark(self) -> str:
        """The SHA-256 of what the paper says, as it stands at its foot."""
        said = {"paper": self.paper, "language": self.language, "data": self.data}
        return hashlib.sha256(canonical(said)).hexdigest()


def press(sheetful: Sheetful, verify_at: str = "") -> bytes:
    """The file. ``verify_at`` is the address that its foot and its QR code lead to; a form that
    proves nothing has none, and no mark.

    Raises OutOfService where set-up could not bring the faces.
    """
    foot = ({"address": verify_at, "qr": qr(verify_at), "mark": grouped(sheetful.mark)}
            if verify_at else {"address": "", "qr": "", "mark": ""})
    data = fitted(sheetful.data) | {"foot": foot, "lang": sheetful.language}
    compiler, turn = _compiler(sheetful.paper)
    with turn:
        made = compiler.compile(
            format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards=STANDARDS, timestamp=int(sheetful.at.timestamp()))
    assert isinstance(made, bytes)
    return made


def trial() -> Sheetful:
    """The smallest paper, with every face, by which one sees whether the press works."""
    return Sheetful("trial", {
        "title": "Проба", "author": "Countersign", "running": "Проба", "date": [2026, 1, 1],
        "page": "{page} / {pages}", "verify": "", "scan": "",
    }, datetime(2026, 1, 1, tzinfo=UTC), "ru")


def fitted(value: Any) -> Any:
    """The data with every text made fit for the faces."""
    if isinstance(value, str):
        return fit(value)
    if isinstance(value, Mapping):
        return {key: each if key in AS_IT_IS else fitted(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [fitted(each) for each in value]
    return value


def grouped(mark: str) -> str:
    """The beginning of a mark as people type it: «7f3a 91bc 02de 4410»."""
    return " ".join(mark[at:at + 4] for at in range(0, SHOWN, 4))


SHOWN = 16


@lru_cache(maxsize=8)
def _compiler(paper: str) -> tuple[typst.Compiler, Lock]:
    """The press of one template, kept for the process, and whose turn it is at it."""
    if not faces():
        raise OutOfService(Reason("faces_missing", N_(
            "Documents cannot be made: set-up could not fetch their fonts. Start the product "
            "again where there is a network; the operator's guide tells more.")))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True,
                        font_paths=[str(FOLDER)])
    return typst.Compiler(str(PAPERS / f"{paper}.typ"), root=str(PAPERS), font_paths=fonts), Lock()
