"""The checkout holds no secret, no path of somebody's machine, no host where packages come from."""

import re
from pathlib import Path

import pytest

from tests.contracts.sources import name_of, own_files

TEXT = {".py", ".toml", ".cfg", ".txt", ".md", ".html", ".css", ".js", ".json", ".po", ".sh",
        ".ini", ".mako", ".svg", ".service", ".conf", ""}
FAULTS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a password in an address": r"(?:postgresql|smtps?)[a-z+]*://[^\s/:@'\"{}]+:(?!password@)[^\s/@'\"{}]{4,}@",
    "a path of one machine": r"/(?:home|Users)/[a-z][\w.-]*/|/root/|/work/",
    "a host where packages come from": r"(?:registry\.npmjs|pypi|pythonhosted|debian)\.(?:org|com)",
    "a token of a service": r"\b(?:gh[pousr]_\w{30,}|npm_\w{30,}|AKIA[A-Z0-9]{16})",
}
LARGEST = 2 * 1024 * 1024


def faults_of(path: Path) -> dict[str, str]:
    """What the file must not hold, by kind; tests may show addresses with invented passwords."""
    text = path.read_text(encoding="utf-8")
    found = {name: match.group() for name, pattern in FAULTS.items()
             if (match := re.search(pattern, text))}
    if name_of(path).startswith("tests/"):
        found.pop("a password in an address", None)
    return found


def test_no_file_holds_anything_of_one_machine():
    found = {name_of(path): faults_of(path)
             for path in own_files() if path.suffix in TEXT and path != Path(__file__)}
    assert not {path: faults for path, faults in found.items() if faults}


@pytest.mark.parametrize(("text", "fault"), [
    ("-----BEGIN " + "PRIVATE KEY-----", "a private key"),
    ("smtp://robot:verysecret@mail.example", "a password in an address"),
    ("cd /" + "home/anna/countersign", "a path of one machine"),
    ("from files.pythonhosted" + ".org", "a host where packages come from"),
    ("ghp_" + "a1" * 20, "a token of a service"),
])
def test_each_fault_is_known_when_seen(text: str, fault: str):
    assert re.search(FAULTS[fault], text)


def test_no_file_is_heavy():
    heavy = {name_of(path): path.stat().st_size for path in own_files()
             if path.stat().st_size > LARGEST}
    assert not heavy
