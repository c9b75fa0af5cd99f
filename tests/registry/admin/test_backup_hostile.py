"""A file that only looks like a backup changes nothing, whatever it holds."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.admin.archive import Writer, members, read_manifest
from registry.admin.unpacking import unpack
from registry.core.errors import Refused

MANIFEST = {"format": 1, "version": "1", "revision": "0005", "database": "sqlite",
            "at": "2026-11-24T07:40:00.000000Z", "checkpoint": "", "public_key": "",
            "entries": 0, "tree_size": 0}
REVISIONS = ("0006", "0005")


def a_file(path: Path, parts: Callable[[tarfile.TarFile], object]) -> Path:
    """A compressed tar with what ``parts`` puts into it."""
    with gzip.open(path, "wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        parts(tar)
    return path


def member(name: str, said: bytes = b"x", kind: bytes = tarfile.REGTYPE, to: str = ""
           ) -> Callable[[tarfile.TarFile], None]:
    def put(tar: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.type, info.linkname = len(said), kind, to
        tar.addfile(info, io.BytesIO(said))

    return put


def a_backup(path: Path, said: bytes = b"database", **changes: object) -> Path:
    """A backup in good order but for ``changes`` of its manifest."""
    with path.open("wb") as file:
        writer = Writer(file)
        copied = writer.add("database.sqlite3", io.BytesIO(said), len(said), 0)
        empty = {"count": 0, "sha256": hashlib.sha256().hexdigest()}
        writer.close({**MANIFEST, "members": {"database.sqlite3": copied.said},
                      "attachments": empty} | changes, 0)
    return path


def read_all(said: bytes) -> None:
    """Read a backup to its end."""
    for each in members(io.BytesIO(said)):
        assert len(b"".join(each.blocks)) == each.size


def unpacked(path: Path, tmp_path: Path) -> Refused:
    """The refusal of the file; nothing may lie outside the folder it was unpacked into."""
    folder = tmp_path / "inside"
    folder.mkdir()
    before = set(tmp_path.iterdir())
    with pytest.raises(Refused) as refused:
        unpack(path, folder, kind="sqlite", revisions=REVISIONS)
    assert set(tmp_path.iterdir()) == before
    return refused.value


def test_a_backup_in_good_order_is_taken(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    found = unpack(a_backup(tmp_path / "b"), tmp_path / "inside", kind="sqlite",
                   revisions=REVISIONS)

    assert found.database.read_bytes() == b"database"


@pytest.mark.parametrize("put", [
    member("../outside"), member("/etc/outside"), member("attachments/../../outside"),
    member("attachments/ab/" + "cd" * 32), member("attachments/ab/" + "ab" * 32 + "/x"),
    member("ledger.key", b"x" * 20_000), member("manifest.json", b" " * 2_000_000),
    member("database.sqlite3", b"", tarfile.SYMTYPE, "/etc/passwd"),
    member("database.sqlite3", b"", tarfile.LNKTYPE, "/etc/passwd"),
    member("database.sqlite3", b"", tarfile.CHRTYPE), member("database.sqlite3", b"", b"6"),
    member("attachments", b"", tarfile.DIRTYPE), member("x" * 300), member("d\x1b[31m"),
], ids=range(14))
def test_a_member_that_no_backup_has_is_refused(
    tmp_path: Path, put: Callable[[tarfile.TarFile], None]
) -> None:
    refused = unpacked(a_file(tmp_path / "b", put), tmp_path)

    assert refused.reasons[0].code == "backup_strange"
    assert "\x1b" not in str(refused)


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    def twice(tar: tarfile.TarFile) -> None:
        member("database.sqlite3")(tar)
        member("database.sqlite3", b"other")(tar)

    assert unpacked(a_file(tmp_path / "b", twice), tmp_path).reasons[0].code == "backup_altered"


def test_an_attachment_has_the_digest_of_its_name(tmp_path: Path) -> None:
    put = member("attachments/ab/ab" + "0" * 62, b"anything")

    assert unpacked(a_file(tmp_path / "b", put), tmp_path).reasons[0].code == "backup_altered"


@pytest.mark.parametrize(
    "said", [b"", b"no archive", gzip.compress(b"", mtime=0), gzip.compress(b"x" * 512, mtime=0),
             hashlib.shake_256(b"noise").digest(4096), gzip.compress(bytes(1024), mtime=0)],
    ids=["empty", "text", "packed_nothing", "packed_text", "noise", "packed_zeros"])
def test_what_is_no_archive_is_refused(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "b"
    path.write_bytes(said)

    assert unpacked(path, tmp_path).reasons[0].code == "backup_damaged"


def test_a_backup_that_was_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = a_backup(tmp_path / "b", os.urandom(3000)).read_bytes()
    for length in range(0, len(whole), 97):
        with pytest.raises(Refused):
            read_all(whole[:length])


def test_every_change_of_what_it_says_is_noticed(tmp_path: Path) -> None:
    whole = a_backup(tmp_path / "b", b"database" * 40).read_bytes()
    said, noticed = gzip.decompress(whole), 0
    for at in range(10, len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
        try:
            read_all(changed)
        except Refused:
            noticed += 1
        else:  # a few bits of the packing mean nothing
            assert gzip.decompress(changed) == said
    assert noticed > 0.9 * len(whole)


def test_a_bomb_does_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.admin.unpacking.SPARE", 1 << 62)
    put = member("database.sqlite3", bytes(1 << 22))

    assert unpacked(a_file(tmp_path / "b", put), tmp_path).reasons[0].code == "no_room"


def test_all_that_does_not_fit_here_is_said_at_once(tmp_path: Path) -> None:
    path = a_backup(tmp_path / "b", database="postgresql", revision="9999")

    codes = {reason.code for reason in unpacked(path, tmp_path).reasons}
    assert codes == {"other_database", "newer_revision"}


def test_a_backup_of_a_newer_form_says_so(tmp_path: Path) -> None:
    assert unpacked(a_backup(tmp_path / "b", format=2), tmp_path).reasons[0].code == (
        "backup_format")


@pytest.mark.parametrize("said", [b"[]", b"null", b"{}", b"\xff", b"[" * 9999,
                                  json.dumps({**MANIFEST, "entries": "1"}).encode()])
def test_a_manifest_that_makes_no_sense_is_refused(said: bytes) -> None:
    with pytest.raises(Refused):
        read_manifest(said)


@pytest.mark.parametrize("changes", [
    {"format": "2\x1b[2J"}, {"revision": "\x1b[2J"}, {"at": "\x1b[2J"},
    {"members": {"\x1b[2J": {}}}], ids=["format", "revision", "at", "member"])
def test_what_it_says_moves_no_cursor(tmp_path: Path, changes: dict[str, object]) -> None:
    refused = unpacked(a_backup(tmp_path / "file", **changes), tmp_path)
    said = "".join(str(each) for reason in refused.reasons for each in reason.params.values())
    assert "\x1b" not in said
