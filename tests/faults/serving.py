"""``python -m tests.faults.serving SETTINGS``: the pages as an installation serves them, gunicorn's
master with two web processes, warmed up so that a process forked anew answers at once."""

from __future__ import annotations

import sys

from registry import create_app
from registry.running import serve
from tests.faults.installation import heard

app = create_app(heard(sys.argv[1]))
app.test_client().get("/sign-in")
serve(app, workers=2)
