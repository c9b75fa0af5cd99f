"""Which parts of the suite this machine can run, and what each missing one needs.

A part that cannot run is named in the terminal summary. With CI=true nothing is let off: its tests
are kept and fail. Decides nothing about single tests; databases.py and screens.py ask here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from registry.cluster.packages import missing_packages
from registry.servers.programs import postgresql_programs
from tests.ground.disks import why_no_disks

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = ROOT.parent / "shared" / "data"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@dataclass(frozen=True)
class Part:
    """A part of the suite; ``missing`` says what it lacks and what to do, or is empty."""

    name: str
    missing: str = ""


@cache
def chromium() -> str | None:
    """The program of the browser, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def parts() -> tuple[Part, ...]:
    """Every part that needs something of the machine."""
    return (
        Part("postgresql", "" if postgresql_programs() else
             "tests on PostgreSQL: no initdb here; as root: apt-get install postgresql"),
        Part("browser", "" if chromium() else
             "tests in a browser: no Chromium here; as root: apt-get install chromium"),
        Part("axe", "" if AXE.exists() else
             f"tests of accessibility: no {AXE.relative_to(ROOT)}; run ./countersign test, "
             "which fetches it by npm"),
        Part("disks", why_no_disks()),
        Part("cluster", "" if not missing_packages() else
             "the test of the cluster: not here; as root: apt-get install "
             f"{' '.join(missing_packages())}"),
        Part("shared_data", "" if SHARED.is_dir() else
             f"tests on the real event log: no folder {SHARED.name} in a folder shared beside "
             "the checkout"),
    )


def missing_parts() -> dict[str, str]:
    """By name: the parts that cannot run here, each with what it lacks."""
    return {part.name: part.missing for part in parts() if part.missing}


def is_ci(env: Mapping[str, str] = os.environ) -> bool:
    """Whether a part that did not run is a failure."""
    return env.get("CI", "").lower() in ("true", "1")
