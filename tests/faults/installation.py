"""The programs of these tests make their application from the settings that the test gives them.

They are processes of their own, since they are there to be killed; cheap password hashes, so that a
kill falls among the statements and not into the hash.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from registry.config import Settings

NOT_GIVEN = ("data_dir", "secret_key_file")


def told(settings: Settings, **changes: Any) -> str:
    """The settings as one argument of a command line."""
    plain = {name: value for name, value in asdict(settings).items() if name not in NOT_GIVEN}
    return json.dumps(plain | {"data_dir": str(settings.data_dir)} | changes)


def heard(argument: str) -> Settings:
    """The settings that the argument carries."""
    plain = json.loads(argument)
    return Settings(**plain | {"data_dir": Path(plain["data_dir"])})
