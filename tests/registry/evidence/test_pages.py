"""Taking evidence on the ticket's page and at the command line; the page open to all."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from registry.cli import cli
from registry.core.db import atomic, db
from registry.evidence import verify, views
from registry.evidence.verify import pack, unpack
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.keys import put_in_place, signer_of
from registry.ledger.note import Note
from registry.ledger.rotation import replace_stolen_key
from registry.people.models import Person
from registry.tickets.models import Ticket
from tests.factories import NOW, PASSWORD, House, a_ticket
from tests.registry.evidence.conftest import again

ZIP = "/evidence/check"


@pytest.fixture
def registry(committed_app: Flask) -> Flask:
    """A registry with one ticket under a checkpoint."""
    with committed_app.app_context(), atomic():
        a_ticket(House(), "returned", summary="Нет отчёта «утро»")
        make_checkpoint(now=NOW, signer=signer_of(committed_app.config["SETTINGS"]))
    return committed_app


@pytest.fixture
def client(registry: Flask) -> Any:
    """A browser that nobody is signed in at."""
    registry.config["WTF_CSRF_ENABLED"] = False
    return registry.test_client()


def signed_in(registry: Flask, name: str) -> Any:
    """The browser of a person."""
    with registry.app_context():
        login = db.session.query(Person).filter_by(name=name).one().login
        db.session.remove()
    browser = registry.test_client()
    answer = browser.post("/sign-in", data={"login": login, "password": PASSWORD})
    assert answer.status_code == 303
    return browser


@pytest.fixture
def file(registry: Flask, tmp_path: Path) -> bytes:
    """The evidence file as the command writes it."""
    out = tmp_path / "e.zip"
    answer = registry.test_cli_runner().invoke(cli, ["evidence", "1", "--out", str(out)])
    assert answer.exit_code == 0, answer.output
    assert "SHA-256" in answer.output
    return out.read_bytes()


def sent(client: Any, file: bytes | None, **more: Any) -> Any:
    """What the page answers to a file."""
    data = {name: (io.BytesIO(value), f"{name}.bin") if isinstance(value, bytes) else value
            for name, value in {"file": file, **more}.items() if value is not None}
    return client.post(ZIP, data=data, content_type="multipart/form-data")


def test_the_command_writes_a_file_that_verifies_with_the_paper_in_it(
        registry: Flask, file: bytes, tmp_path: Path) -> None:
    result = verify.verify(file)
    assert result.is_sound, [each.text("en") for each in result.lines]
    assert "document" in [each.code for each in result.lines if each.kind == "good"]
    assert unpack(file)["document.pdf"].startswith(b"%PDF")
    run = registry.test_cli_runner().invoke
    again = run(cli, ["evidence", "1", "--out", str(tmp_path / "f.zip")])
    assert again.exit_code == 0
    assert unpack((tmp_path / "f.zip").read_bytes())["document.pdf"] == unpack(
        file)["document.pdf"]
    assert run(cli, ["verify"]).exit_code == 0
    for number, out, said in ((1, "e.zip", "there already"), (99, "g.zip", ""),
                              (1, "no/such/folder.zip", "could not be written")):
        answer = run(cli, ["evidence", str(number), "--out", str(tmp_path / out)])
        assert answer.exit_code == 1
        assert said in answer.output


def test_a_damaged_history_is_refused_and_not_set(registry: Flask, tmp_path: Path) -> None:
    from registry.ledger.triggers import create_triggers, drop_triggers

    with registry.app_context(), atomic():
        drop_triggers(db.session.connection())
        db.session.execute(text("UPDATE ledger_entry SET kind = 'denied' "
                                "WHERE chain = 'ticket:1' AND seq = 2"))
        create_triggers(db.session.connection())
    out = tmp_path / "e.zip"
    answer = registry.test_cli_runner().invoke(cli, ["evidence", "1", "--out", str(out)])
    assert answer.exit_code == 1
    assert "does NOT verify" in answer.output
    assert not out.exists()


def test_the_button_gives_the_file_and_the_page_tells_who_took_it(
        registry: Flask, client: Any) -> None:
    browser, other = signed_in(registry, "Denis Volkov"), signed_in(registry, "Ivan Sokolov")
    assert "Take the evidence file" in browser.get("/tickets/1/ledger").text
    answer = browser.post("/tickets/1/evidence.zip")

    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == "attachment; filename=evidence-1.zip"
    assert verify.verify(answer.data).is_sound
    page = browser.get("/tickets/1/ledger").text
    assert verify.sha256(answer.data)[:8] in page
    assert "Denis Volkov" in page
    assert browser.post("/tickets/99/evidence.zip").status_code == 404
    assert "Take the evidence file" not in other.get("/tickets/1/ledger").text
    assert other.post("/tickets/1/evidence.zip").status_code == 403


def test_anybody_may_have_a_file_checked(registry: Flask, client: Any, file: bytes) -> None:
    assert client.get(ZIP).status_code == 200
    note = unpack(file)["checkpoint.txt"]
    answer = sent(client, file, against=note)

    assert answer.status_code == 200
    assert "Everything in this file agrees." in answer.text
    assert "This registry made the checkpoint in it." in answer.text
    assert "the registry said so" in answer.text
    russian = client.post(ZIP, data={"file": (io.BytesIO(file), "e.zip")},
                          headers={"Accept-Language": "ru"})
    assert "В этом файле всё сходится." in russian.text
    assert "так сказал тогда реестр" in russian.text
    program = client.get("/evidence/verify.py")
    assert program.data == unpack(file)["verify.py"]


def test_a_changed_file_is_told(registry: Flask, client: Any, file: bytes) -> None:
    changed = file.replace(b'"kind":"logged"', b'"kind":"denied"')
    answer = sent(client, changed)
    assert (answer.status_code, "NOT everything" in answer.text) in ((200, True), (422, False))
    packed = pack({**unpack(file), "words.json": b"{}"})
    answer = sent(client, packed)
    assert answer.status_code == 200
    assert "NOT everything in this file agrees." in answer.text
    assert "words.json" in answer.text


def test_what_a_thief_signed_with_our_key_is_not_called_ours(registry: Flask, client: Any,
                                                            file: bytes) -> None:
    """Neither before the key is replaced nor after: it is the checkpoint that we made or did not.
    """
    settings = registry.config["SETTINGS"]
    with registry.app_context():
        thief = signer_of(settings)
    note = Note.parse(unpack(file)["checkpoint.txt"].decode())
    forged = again(file, lambda members, said: members.update({
        "checkpoint.txt": str(thief.sign(note.text.replace("time 20", "time 19"))).encode()}))
    assert verify.verify(forged).is_sound
    for replaces in (False, True):
        if replaces:
            with registry.app_context(), atomic():
                replace_stolen_key(settings, now=NOW + timedelta(hours=2),
                                   since=NOW + timedelta(hours=1))
            put_in_place(settings)
        answer = sent(client, forged).text
        assert "This registry did not make the checkpoint in it" in answer
        assert "nothing from outside leads to it yet" in answer
        assert "This registry made the checkpoint in it." in sent(client, file).text


def bomb(size: int = 50_000_000) -> bytes:
    """Much out of little."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("evidence.json", b"0" * size)
    return written.getvalue()


def lying() -> bytes:
    """A member that says it is larger than the file."""
    file = bytearray(pack({"evidence.json": b"{}"}))
    place = file.rindex(b"PK\x01\x02")
    file[place + 20:place + 28] = (0xFFFFFF00).to_bytes(4, "little") * 2
    return bytes(file)


@pytest.mark.parametrize("file", [
    b"", b"PK\x03\x04 no zip", b"%PDF-1.7", bomb(), pack({"other.txt": b""}), lying(),
    pack({"../evidence.json": b"{}"}), pack({"/evidence.json": b"{}"}),
    pack({"evidence.json": b"", "e\x01": b""})], ids=[
    "empty", "damaged", "pdf", "bomb", "other", "lying", "up", "root", "name"])
def test_what_is_no_evidence_file_is_a_sentence(registry: Flask, client: Any, file: bytes) -> None:
    answer = sent(client, file)
    assert answer.status_code == 422, answer.text[:400]
    assert 'id="file-reasons"' in answer.text


def test_a_file_of_too_many_parts_is_a_sentence(
        registry: Flask, client: Any, file: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "MOST_MEMBERS", len(unpack(file)))
    assert sent(client, file).status_code == 200
    answer = sent(client, pack({**unpack(file), "one-more": b""}))
    assert (answer.status_code, "too many parts" in answer.text) == (422, True)


@pytest.mark.parametrize("said", [
    b"[]", b"{}", b"null", b"[" * 100_000, b'{"format":1}', b'{"format":1,"entries":[1]}',
    b'{"format":1,"entries":[{"file":"checkpoint.txt"}],"chain":"x","key":"k"}', b"\xff"],
    ids=range(8))
def test_a_list_of_nonsense_is_told_and_no_failure(registry: Flask, client: Any, said: bytes,
                                                   file: bytes) -> None:
    for members in ({"evidence.json": said}, {**unpack(file), "evidence.json": said}):
        answer = sent(client, pack(members))
        assert answer.status_code == 200
        assert "NOT everything" in answer.text


def test_what_is_too_large_or_not_there_is_a_sentence(
        registry: Flask, client: Any, file: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Choose at least one file." in sent(client, None).text
    for more, field in (({"against": b"no mail"}, "against"), ({"key": "no key"}, "key")):
        answer = sent(client, file, **more)
        assert answer.status_code == 422
        assert f'id="{field}-reasons"' in answer.text
    monkeypatch.setattr(views, "LARGEST", 1000)
    answer = sent(client, file)
    assert answer.status_code == 422
    assert "verify.py, on" in answer.text


def test_mails_that_no_program_wrote_are_no_checkpoint(registry: Flask, client: Any, file: bytes
                                                       ) -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
                    for n in range(3000))
    odd = (b'Content-Type: text/plain; charset="no-such"\r\nContent-Disposition: attachment; '
           b"filename*=no-such''checkpoint.txt\r\n\r\nx")
    for mail in (deep, odd, b"\x00" * 5000):
        answer = sent(client, file, against=mail)
        assert answer.status_code == 422
        assert 'id="against-reasons"' in answer.text


def test_nothing_of_a_file_is_kept(registry: Flask, client: Any, file: bytes) -> None:
    with registry.app_context():
        before = [len(db.session.execute(text(f"SELECT * FROM {name}")).all())
                  for name in ("ledger_entry", "signature")]
        data = registry.config["SETTINGS"].data_dir
        there = sorted(path.name for path in data.rglob("*"))
        number = db.session.query(Ticket).count()
    sent(client, file)
    with registry.app_context():
        assert [len(db.session.execute(text(f"SELECT * FROM {name}")).all())
                for name in ("ledger_entry", "signature")] == before
        assert db.session.query(Ticket).count() == number
    assert sorted(path.name for path in data.rglob("*") if not path.name.endswith(("-wal", "-shm"))
                  ) == [name for name in there if not name.endswith(("-wal", "-shm"))]
