"""The registry's key is made once, kept from others' eyes, and keeps its name."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry.config import SettingError, Settings
from registry.ledger.keys import FILE_NAME, PUBLIC_NAME, signer_of, verifier_of


def settings_at(folder: Path, base_url: str = "https://registry.example") -> Settings:
    return Settings(database_url="sqlite:///", data_dir=folder, secret_key="x", base_url=base_url)


def test_the_key_is_made_at_the_first_use_for_its_owner_alone(tmp_path: Path) -> None:
    assert verifier_of(settings_at(tmp_path)) is None

    signer = signer_of(settings_at(tmp_path))

    mode = stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode)
    assert mode == 0o600
    assert signer.name == "registry.example/countersign"
    assert verifier_of(settings_at(tmp_path)) == signer.verifier
    assert {path.name for path in tmp_path.iterdir()} == {FILE_NAME, PUBLIC_NAME}


def test_the_key_keeps_its_name_when_the_registry_moves(tmp_path: Path) -> None:
    before = signer_of(settings_at(tmp_path))

    after = signer_of(settings_at(tmp_path, "http://10.0.0.7:8000"))

    assert after.verifier == before.verifier


def test_nodes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: str(signer_of(settings_at(tmp_path)).verifier), range(32)))

    assert len(keys) == 1
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"not a key", b"\xff\xfe"])
def test_a_broken_key_is_not_replaced_but_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)

    with pytest.raises(SettingError, match=FILE_NAME):
        signer_of(settings_at(tmp_path))
    assert (tmp_path / FILE_NAME).read_bytes() == content
