"""The doctor: every check finds its fault and nothing where there is none; the command's status."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry import create_app
from registry.admin.doctor import examining, files, life, papers, setup, storage
from registry.admin.doctor.commands import doctor_command
from registry.admin.doctor.findings import Check, Finding, Installation, Level
from registry.config import Settings
from registry.core.models import Job, WorkerBeat
from registry.core.times import utc_now
from registry.documents import faces
from registry.documents import press as press_module
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.keys import signer_of
from registry.ledger.triggers import drop_triggers
from registry.people.demo import give_demo_password
from registry.people.models import Role, SignInAttempt
from registry.servers.ports import free_port
from tests.factories import NOW, House, a_person, a_ticket
from tests.ground.databases import settings_for
from tests.ground.mail import MailServer

OUTSIDE = "https://tickets.example.org"
GOOD = {"base_url": OUTSIDE, "proxies": 1, "metrics_token": "t" * 20, "argon2_cheap": False,
        "smtp_url": "smtp+starttls://robot:secret@mail.example.org",
        "mail_from": "Countersign <countersign@example.org>"}


def codes(found: Iterable[Finding]) -> list[str]:
    return [each.reason.code for each in found]


def a_place(folder: Path, **changes: Any) -> Installation:
    """A well-kept installation, in which a test spoils one thing."""
    folder.chmod(0o700)
    return Installation(settings_for("sqlite:///x", folder, **(GOOD | changes)), NOW)


@pytest.mark.parametrize("check", [
    each for each in examining.ALONE
    if each not in (setup.not_as_root, setup.libraries_are_the_tested_ones,
                    files.vendor_files_are_there, files.data_can_be_written)])
def test_nothing_is_found_where_all_is_well(check: Check, tmp_path: Path) -> None:
    assert list(check(a_place(tmp_path))) == []


@pytest.mark.parametrize(("check", "changes", "code"), [
    (setup.pages_are_encrypted, {"base_url": "http://tickets.example.org"}, "no_tls"),
    (setup.pages_are_encrypted, {"host": "0.0.0.0"}, "open_port"),
    (setup.proxies_are_declared, {"proxies": 0}, "proxies_undeclared"),
    (setup.nothing_of_a_workshop, {"argon2_cheap": True}, "argon2_cheap"),
    (setup.nothing_of_a_workshop, {"demo": True}, "demo_open"),
    (setup.mail_leaves, {"smtp_url": ""}, "no_smtp"),
    (setup.mail_leaves, {"smtp_url": "smtp://robot:secret@mail.example.org"}, "smtp_open"),
    (setup.mail_leaves, {"mail_from": "Countersign <countersign@localhost>"}, "mail_from"),
    (setup.numbers_have_a_token, {"metrics_token": ""}, "no_metrics"),
])
def test_a_setting_that_is_unsafe_or_missing_is_found(
    tmp_path: Path, check: Check, changes: dict[str, Any], code: str
) -> None:
    assert codes(check(a_place(tmp_path, **changes))) == [code]


def test_fonts_of_papers_that_are_missing_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faces, "FOLDER", tmp_path)
    (tmp_path / faces.FACES[0]).touch()
    found, = papers.papers_can_be_made(a_place(tmp_path))
    assert found.reason.code == "faces_missing"
    assert found.reason.params["names"] == ", ".join(faces.FACES[1:])


def test_a_press_that_does_not_work_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(press_module, "PAPERS", tmp_path)
    press_module._compiler.cache_clear()
    found = list(papers.papers_can_be_made(a_place(tmp_path)))
    assert codes(found) == ["no_press"]
    press_module._compiler.cache_clear()


def test_a_secret_that_can_be_guessed_is_found(tmp_path: Path) -> None:
    where = a_place(tmp_path)
    for secret in ("short", "a" * 64):
        weak = replace(where, settings=replace(where.settings, secret_key=secret))
        assert codes(files.secret_is_strong(weak)) == ["secret_weak"]


@pytest.mark.parametrize("name", ["secret.key", "ledger.key"])
def test_a_key_that_others_can_read_is_found(tmp_path: Path, name: str) -> None:
    where = a_place(tmp_path)
    key = tmp_path / name
    key.touch(0o600)
    assert codes(files.keys_are_private(where)) == []
    key.chmod(0o640)
    assert codes(files.keys_are_private(where)) == ["key_readable"]


def test_a_data_folder_that_is_open_to_all_is_found(tmp_path: Path) -> None:
    where = a_place(tmp_path)
    tmp_path.chmod(0o755)
    assert codes(files.data_is_private(where)) == ["data_readable"]


@pytest.mark.parametrize(("free", "level"), [(100, [Level.UNSAFE]), (500, [Level.LOOK]),
                                             (5000, [])])
def test_a_disk_that_fills_up_is_found_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: list[Level]
) -> None:
    room = type("Usage", (), {"free": free * files.MEGABYTE})
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _path: room)
    assert [each.level for each in files.data_can_be_written(a_place(tmp_path))] == level


def test_the_kind_of_a_disk_is_that_of_the_nearest_mount() -> None:
    mounts = ("21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
              "22 21 0:50 / /srv/with\\040space rw shared:1 - nfs4 server:/x rw\n"
              "23 22 8:2 / /srv/with\\040space/own rw - xfs /dev/sdb rw\n")
    kinds = {path: files.disk_kind(Path(path), mounts) for path in (
        "/var/x", "/srv/with space/x", "/srv/with space/own/x", "/srv/with")}
    assert list(kinds.values()) == ["ext4", "nfs4", "xfs", "ext4"]


def test_sqlite_on_a_network_disk_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch
                                           ) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("21 1 0:1 / / rw - cifs //server/share rw\n")
    monkeypatch.setattr(files, "MOUNTS", mounts)
    assert codes(files.sqlite_is_on_this_machine(a_place(tmp_path))) == ["sqlite_elsewhere"]


def test_libraries_of_other_versions_are_named(tmp_path: Path) -> None:
    wanted = tmp_path / "constraints.txt"
    wanted.write_text("# tested\nFlask==3.1.3\nsome_thing==2.0\nabsent==1.0\n")
    installed = {"flask": "3.1.3", "some-thing": "1.9"}
    assert setup.differing(wanted, installed) == ["some_thing 1.9 (2.0)"]


def test_what_is_installed_here_is_what_was_tested() -> None:
    assert codes(setup.libraries_are_the_tested_ones(Installation(None, NOW))) == []  # type: ignore[arg-type]


def test_a_mail_server_is_talked_to_where_that_is_asked_for(
    tmp_path: Path, smtp_server: MailServer
) -> None:
    there = replace(a_place(tmp_path, smtp_url=smtp_server.url), connect=True)
    away = replace(a_place(tmp_path, smtp_url=f"smtp://127.0.0.1:{free_port()}"), connect=True)
    assert codes(setup.mail_leaves(there)) == []
    assert codes(setup.mail_leaves(away)) == ["smtp_away"]
    assert codes(setup.mail_leaves(replace(away, connect=False))) == []
    assert smtp_server.messages == []


@pytest.fixture
def where(session: Session, settings: Settings) -> Installation:
    """The installation of the test, on each database."""
    return Installation(settings, utc_now())


def test_a_database_of_another_revision_is_found(session: Session, where: Installation) -> None:
    assert codes(storage.revision_fits(where)) == []
    session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert codes(storage.revision_fits(where)) == ["database_older"]
    session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert codes(storage.revision_fits(where)) == ["program_older"]
    examined = examining.examine(where)
    assert "program_older" not in codes(examined.findings)  # the test's change was not committed


def test_switches_that_lose_acts_are_found(session: Session, where: Installation,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "SQLITE", {"synchronous": "3"})
    found = codes(storage.keeps_what_it_took(where))
    if session.connection().dialect.name == "sqlite":
        assert found == ["sqlite_switch"]
    else:  # the server of the tests is not made durable
        assert found == ["postgresql_switch"] * 3


def test_triggers_that_are_gone_are_found(session: Session, where: Installation) -> None:
    assert codes(storage.guards_stand(where)) == []
    drop_triggers(session.connection())
    assert codes(storage.guards_stand(where)) == ["triggers_missing"]


def test_an_entry_that_is_still_to_come_is_found(session: Session, where: Installation) -> None:
    assert codes(storage.clocks_agree(where)) == []
    a_ticket(House(), now=utc_now() + timedelta(minutes=10))
    assert codes(storage.clocks_agree(where)) == ["entry_ahead"]


def test_people_who_look_after_it_are_missed(session: Session, where: Installation) -> None:
    assert codes(life.somebody_looks_after_it(where)) == ["no_administrator"]
    a_person(Role.ADMINISTRATOR)
    a_person(Role.ADMINISTRATOR, is_active=False)
    assert codes(life.somebody_looks_after_it(where)) == ["one_administrator"]
    a_person(Role.ADMINISTRATOR)
    assert codes(life.somebody_looks_after_it(where)) == []


def test_readers_of_the_report_are_missed(session: Session, where: Installation) -> None:
    lead = a_person(Role.LEAD, email="")
    assert codes(life.reports_are_read(where)) == ["no_readers"]
    a_person(Role.COMMERCIAL_DIRECTOR)
    (finding,) = life.reports_are_read(where)
    assert (finding.reason.code, finding.reason.params["logins"]) == (
        "reader_without_mail", lead.login)
    lead.email = "lead@example.org"
    session.flush()
    assert codes(life.reports_are_read(where)) == []


def test_the_demos_password_in_a_real_registry_is_found(session: Session, where: Installation
                                                        ) -> None:
    person = a_person(Role.ADMINISTRATOR, login="admin")
    assert codes(life.no_demo_accounts(where)) == []
    give_demo_password([person])
    assert codes(life.no_demo_accounts(where)) == ["demo_accounts"]
    demo = replace(where, settings=replace(where.settings, demo=True))
    assert codes(life.no_demo_accounts(demo)) == []


def test_all_people_at_one_address_mean_a_proxy(session: Session, where: Installation) -> None:
    outside = replace(where, settings=replace(where.settings, base_url=OUTSIDE))
    session.add_all(SignInAttempt(at=NOW, login="a", address="127.0.0.1", purpose="sign_in",
                                  succeeded=True) for _ in range(life.MANY))
    session.flush()
    assert codes(life.addresses_are_told_apart(outside)) == ["one_address"]
    assert codes(life.addresses_are_told_apart(where)) == []
    session.add(SignInAttempt(at=NOW, login="a", address="192.0.2.7", purpose="sign_in",
                              succeeded=True))
    session.flush()
    assert codes(life.addresses_are_told_apart(outside)) == []


def test_work_that_is_not_done_is_found(session: Session, where: Installation) -> None:
    assert codes(life.work_gets_done(where)) == ["no_worker"]
    session.add(WorkerBeat(name="one", seen_at=where.now))
    session.add(Job(key="late", kind="x", created_at=where.now,
                    due_at=where.now - timedelta(hours=1)))
    session.add(Job(key="lost", kind="x", created_at=where.now, due_at=where.now,
                    given_up_at=where.now))
    session.flush()
    assert codes(life.work_gets_done(where)) == ["queue_late", "queue_given_up"]


def test_entries_that_no_checkpoint_covers_for_days_are_found(
    session: Session, where: Installation
) -> None:
    a_ticket(House(), now=where.now - timedelta(days=5))
    assert codes(life.checkpoints_are_made(where)) == ["checkpoint_old"]
    make_checkpoint(now=where.now, signer=signer_of(where.settings))
    assert codes(life.checkpoints_are_made(where)) == []


def test_a_key_that_is_gone_is_found_before_another_is_made(
    session: Session, where: Installation
) -> None:
    a_ticket(House(), now=where.now)
    make_checkpoint(now=where.now, signer=signer_of(where.settings))
    (where.settings.data_dir / "ledger.key").unlink()
    assert codes(life.checkpoints_are_made(where)) == ["ledger_key_lost"]
    outside = replace(where, settings=replace(where.settings, base_url=OUTSIDE))
    assert codes(life.name_of_the_key(outside)) == [], "none is to come where one is lost"
    (where.settings.data_dir / "ledger.pub").unlink()
    assert codes(life.name_of_the_key(outside)) == ["key_to_come"]


@pytest.mark.parametrize(("age", "expected"), [
    (timedelta(hours=5), []), (timedelta(days=3), ["backup_old"]),
    (timedelta(days=8), ["no_backup"])])
def test_a_backup_that_is_old_is_found(where: Installation, age: timedelta,
                                       expected: list[str]) -> None:
    marker = where.settings.data_dir / "backup.json"
    marker.write_text(json.dumps({"at": (where.now - age).isoformat(), "file": "/backup/x"}))
    assert codes(life.backups_are_taken(where)) == expected


def test_a_registry_without_a_backup_is_given_a_week(session: Session, where: Installation
                                                     ) -> None:
    assert codes(life.backups_are_taken(where)) == []
    a_ticket(House(), now=where.now - timedelta(days=8))
    assert codes(life.backups_are_taken(where)) == ["no_backup"]


@pytest.mark.parametrize("marker", ["", "{", "[]", '{"at": 5}', '{"at": "2026-11-25"}'])
def test_a_marker_that_nobody_can_read_is_no_backup(tmp_path: Path, marker: str) -> None:
    (tmp_path / "backup.json").write_text(marker)
    assert life.backup_taken_at(tmp_path / "backup.json") is None


def test_what_a_backup_notes_is_what_the_doctor_reads(tmp_path: Path) -> None:
    at = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    (tmp_path / "backup.json").write_text(json.dumps({"at": at.isoformat()}))
    assert life.backup_taken_at(tmp_path / "backup.json") == at


def test_a_database_that_is_away_is_one_finding(tmp_path: Path) -> None:
    app = create_app(settings_for("postgresql+psycopg://someone@127.0.0.1:9/x", tmp_path))
    with app.app_context():
        found = examining.examine(Installation(app.config["SETTINGS"], NOW))
    assert codes(found.findings).count("database_away") == 1
    assert not found.is_safe


def test_the_command_tells_each_finding_and_fails_where_one_is_unsafe(
    committed_app: Flask
) -> None:
    folder = Path(committed_app.config["SETTINGS"].data_dir)
    folder.chmod(0o755)
    run = committed_app.test_cli_runner().invoke
    told = run(doctor_command, ["--json"])
    assert told.exit_code == 1
    said = json.loads(told.output)
    assert said["safe"] is False
    assert {each["code"] for each in said["findings"]} >= {
        "data_readable", "argon2_cheap", "no_administrator", "no_worker", "no_smtp"}
    lines = run(doctor_command).output.splitlines()
    assert len(lines) == len(said["findings"]) + 1
    assert lines[0].startswith("UNSAFE")
    assert f"chmod o-rwx {folder}" in "\n".join(lines)
