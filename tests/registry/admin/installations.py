"""An installation with data of its own, driven by its command line; one that has been lived in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from registry.cli import cli
from registry.config import Settings
from registry.core.db import db

PHOTO = b"a note about the cable\n" * 400
DIGEST = hashlib.sha256(PHOTO).hexdigest()


@dataclass
class Installation:
    """An application with data of its own."""

    app: Flask

    @property
    def settings(self) -> Settings:
        return self.app.config["SETTINGS"]

    def run(self, *words: str, **options: str) -> Result:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        return self.app.test_cli_runner().invoke(cli, [str(word) for word in words], **options)

    def count(self, model: type) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(model)) or 0
