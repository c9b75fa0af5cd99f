"""Files that are to be saved: the browser neither shows nor runs nor keeps them."""

from __future__ import annotations

import pytest
from flask import Response

from registry.core.web import as_download


def test_a_file_leaves_to_be_saved_under_its_name() -> None:
    answer = as_download(Response(b""), "verify.py")
    assert answer.headers["Content-Disposition"] == "attachment; filename=verify.py"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_name_that_the_answer_has_stays() -> None:
    answer = Response(b"", headers={"Content-Disposition": "attachment; filename=a.jpg"})
    assert as_download(answer).headers["Content-Disposition"] == "attachment; filename=a.jpg"


def test_a_name_writes_no_header() -> None:
    with pytest.raises(ValueError, match="newline"):
        as_download(Response(b""), "a\r\nX: b.txt")
