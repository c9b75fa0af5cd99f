"""Bringing in a list by screen and by command; nothing of a refused file stays."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from registry.clients import uploads
from registry.clients.commands import COMMANDS
from registry.clients.models import Client
from registry.config import Settings
from registry.core.errors import NotFound, Refused
from registry.core.tables import read_table, write_csv, write_xlsx
from tests.factories import NOW, House, a_client
from tests.registry.core.workbooks import SHEET, sheet, text_cell, workbook

GOOD = write_csv([["Client", "Tier", "Contact"], ["Duma", "key", "Ivan"], ["Circus", "", ""]])
BAD = write_csv([["Client", "Tier"], ["Duma", "key"], ["Circus", "vip"]])
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


@pytest.fixture
def lead(house: House, sign_in: Callable[..., Any]) -> Any:
    return sign_in(house.lead)


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.data_dir / "uploads"


@pytest.fixture
def run(app: Flask, session: Session) -> Callable[..., Result]:
    """``countersign import clients …``; what it refuses comes out as the refusal."""
    def run(*arguments: str) -> Result:
        return FlaskCliRunner(app).invoke(COMMANDS[0], ["clients", *arguments],
                                          catch_exceptions=False)

    return run


def kept(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def send(client: Any, data: bytes, name: str = "list.csv") -> Any:
    boundary, body = encode_multipart({"file": FileStorage(io.BytesIO(data), filename=name)})
    return client.post("/clients/import", data=body,
                       content_type=f'multipart/form-data; boundary="{boundary}"')


def names(session: Session) -> set[str]:
    return set(session.scalars(select(Client.name)))


def shown(page: str) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(("data", "name"), [
    (GOOD, "список.csv"),
    (write_xlsx([["Клиент", "Категория", "Контактное лицо"], ["Duma", "ключевой", "Ivan"],
                 ["Circus"]]), "LIST.XLSX"),
])
def test_a_list_is_looked_at_and_then_entered(
    session: Session, lead: Any, folder: Path, data: bytes, name: str
) -> None:
    answer = send(lead, data, name)
    assert answer.status_code == 303
    page = lead.get(answer.location).text
    assert "would add 2 clients, 1 contact person and 0 sites" in page
    assert names(session) == {"Volga Bank"}
    assert len(kept(folder)) == 1
    assert kept(folder)[0].stat().st_mode & 0o077 == 0
    done = lead.post(answer.location, data={"shown": shown(page)})
    assert (done.status_code, done.location) == (303, "/clients")
    assert names(session) == {"Volga Bank", "Duma", "Circus"}
    assert kept(folder) == []
    assert lead.post(answer.location, data={"shown": shown(page)}).status_code == 404


def test_a_bad_list_is_told_line_by_line_and_not_kept(
    session: Session, lead: Any, folder: Path
) -> None:
    answer = send(lead, BAD)
    assert answer.status_code == 422
    assert "1 place in the list has to be mended" in answer.text
    assert "“vip” is no tier" in answer.text
    assert names(session) == {"Volga Bank"}
    assert kept(folder) == []


@pytest.mark.parametrize(("data", "name"), [
    (b"", "list.csv"),
    (b"\x89PNG\r\n\x1a\n\x00", "photo.csv"),
    (GOOD, "list.xlsx"),
    (workbook(f'<row r="1">{text_cell("A1", "Client")}</row>'), "list.csv"),
    (b"Client\n\xff\xfe\x98", "list.csv"),
    (b"," * 1_000_000, "list.csv"),
    (b"Client\n" + b"x" * 11_000_000, "list.csv"),
    (workbook(**{SHEET: sheet(" " * 100_000_000)}), "list.xlsx"),
    (workbook(**{SHEET: LAUGHS + sheet("")}), "list.xlsx"),
    (workbook('<row r="1"><c r="A1"><f>1</f><v>1</v></c></row>'), "list.xlsx"),
    (b"PK\x03\x04 broken", "list.xlsx"),
])
def test_a_hostile_file_is_refused_beside_its_field_and_not_kept(
    session: Session, lead: Any, folder: Path, data: bytes, name: str
) -> None:
    answer = send(lead, data, name)
    assert answer.status_code == 422
    assert 'id="file-reasons"' in answer.text
    assert names(session) == {"Volga Bank"}
    assert kept(folder) == []


def test_no_file_is_asked_for(lead: Any) -> None:
    answer = lead.post("/clients/import", data={})
    assert answer.status_code == 422
    assert "Choose the file with the list" in answer.text


def test_a_list_that_is_in_already_is_said_to_be_and_not_kept(lead: Any, folder: Path) -> None:
    answer = send(lead, write_csv([["Client"], ["volga bank"]]))
    assert answer.status_code == 200
    assert "is in the registry already" in answer.text
    assert kept(folder) == []


def test_a_registry_that_changed_in_between_is_shown_anew(
    session: Session, lead: Any, folder: Path
) -> None:
    address = send(lead, GOOD).location
    old = shown(lead.get(address).text)
    a_client("Duma")
    answer = lead.post(address, data={"shown": old})
    assert answer.status_code == 409
    assert "The registry has changed" in answer.text
    assert "Circus" not in names(session)
    assert lead.post(address, data={"shown": shown(answer.text)}).status_code == 303
    assert "Circus" in names(session)


def test_a_list_that_became_bad_in_between_is_refused_and_taken_away(
    session: Session, lead: Any, folder: Path
) -> None:
    address = send(lead, GOOD).location
    old = shown(lead.get(address).text)
    a_client("Duma", is_active=False)
    answer = lead.post(address, data={"shown": old})
    assert answer.status_code == 422
    assert "not in use any more" in answer.text
    assert kept(folder) == []
    assert "Circus" not in names(session)


def test_entering_nothing_takes_the_file_away(session: Session, lead: Any, folder: Path) -> None:
    address = send(lead, GOOD).location
    assert lead.post(f"{address}/leave").location == "/clients/import"
    assert kept(folder) == []
    assert names(session) == {"Volga Bank"}


def test_nobody_confirms_the_list_of_another(
    lead: Any, house: House, sign_in: Callable[..., Any]
) -> None:
    address = send(lead, GOOD).location
    assert sign_in(house.head_of_sales).get(address).status_code == 404
    assert lead.get(address).status_code == 200


def test_what_was_changed_on_the_disk_or_waited_too_long_is_not_entered(tmp_path: Path) -> None:
    key = uploads.keep(b"a", "list.csv", tmp_path, owner=1, now=NOW)
    assert uploads.kept(key, tmp_path, owner=1) == b"a"
    (path,) = kept(tmp_path)
    path.write_bytes(b"b")
    with pytest.raises(NotFound):
        uploads.kept(key, tmp_path, owner=1)
    other = uploads.keep(b"c", "x.xlsx", tmp_path, owner=1, now=NOW + timedelta(hours=25))
    with pytest.raises(NotFound):
        uploads.kept(key, tmp_path, owner=1)
    assert uploads.kept(other, tmp_path, owner=1) == b"c"


@pytest.mark.parametrize("key", ["..", "../../secret.key", "a" * 64, "a" * 64 + ".exe",
                                 "x/" + "a" * 64 + ".csv"])
def test_a_key_leads_nowhere_else(tmp_path: Path, key: str) -> None:
    with pytest.raises(NotFound):
        uploads.kept(key, tmp_path, owner=1)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_template_is_a_list_that_is_understood(lead: Any, language: str) -> None:
    answer = lead.get(f"/clients/import/template-{language}.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    (head,) = read_table(answer.data, "list.csv")
    row = ["Duma", "key", *[""] * 9]
    sent = send(lead, write_csv([head.cells, row]))
    assert sent.status_code == 303


def test_the_command_does_a_dry_run_and_then_enters(
    session: Session, house: House, run: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(GOOD)
    dry = run(str(path), "--by", house.lead.login, "--dry-run")
    assert dry.exit_code == 0
    assert "2 clients, 1 contact persons and 0 sites to add" in dry.output
    assert "dry run" in dry.output
    assert names(session) == {"Volga Bank"}
    done = run(str(path), "--by", house.lead.login)
    assert (done.exit_code, done.output.endswith("Entered.\n")) == (0, True)
    assert names(session) == {"Volga Bank", "Duma", "Circus"}


def test_the_command_names_each_bad_place_and_fails(
    session: Session, house: House, run: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(BAD)
    answer = run(str(path), "--by", house.lead.login)
    assert answer.exit_code == 1
    assert "Line 3, column “Tier”: “vip” is no tier" in answer.output
    assert session.scalar(select(func.count()).select_from(Client)) == 1
    path.write_bytes(b"\x00")
    with pytest.raises(Refused):
        run(str(path), "--by", house.lead.login)
    assert run(str(path), "--by", "nobody").exit_code == 2
