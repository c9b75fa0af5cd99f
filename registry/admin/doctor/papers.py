"""Whether documents can be made: their fonts are there, and the press works."""

from __future__ import annotations

from collections.abc import Iterator

from registry.admin.doctor.findings import Finding, Installation, look
from registry.core.words import N_
from registry.documents.faces import missing_faces
from registry.documents.press import press, trial


def papers_can_be_made(_where: Installation) -> Iterator[Finding]:
    """Extracts, sheets, weeks and questionnaires can be taken as PDF."""
    missing = missing_faces()
    if missing:
        yield look("faces_missing", N_(
            "Documents cannot be made: of their fonts %(names)s are missing in static/vendor. "
            "Start ./countersign where there is a network."), names=", ".join(missing))
        return
    try:
        press(trial())
    except Exception as error:  # whatever it is, nobody gets a document
        yield look("no_press", N_(
            "Documents cannot be made (%(error)s): run ./countersign, which installs the tested "
            "libraries."), error=str(error) or type(error).__name__)
