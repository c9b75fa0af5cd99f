"""A ticket's own files go into its evidence where they are asked for, held to their digests.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.core.errors import Refused
from registry.evidence import edge, service, verify
from registry.evidence.edge import evidence_at_edge
from registry.evidence.verify import FILES, unpack
from registry.ledger.entries import erase
from registry.tickets.attachments import Upload, attach_file
from tests.factories import NOW
from tests.registry.evidence.conftest import DAY, Kept, again, codes

BODY = b"The switch says no.\n" * 40
DIGEST = verify.sha256(BODY)


@pytest.fixture
def with_file(kept: Kept, settings: Settings, session: Session) -> Path:
    """Where the ticket's only file lies."""
    folder = settings.attachments_dir
    attach_file(kept.ticket, Upload("log.txt", io.BytesIO(BODY)), by=kept.house.visitor,
                now=NOW + 4 * DAY, folder=folder, limit=10**6)
    session.flush()
    return folder / DIGEST[:2] / DIGEST


def judged(kept: Kept, file: bytes) -> verify.Result:
    return verify.verify(file, key=str(kept.signer.verifier))


def test_files_go_with_it_where_they_are_asked_for(
    kept: Kept, with_file: Path, session: Session
) -> None:
    session.commit()
    by, number = kept.house.director, kept.ticket.number
    plain = evidence_at_edge(number, by=by, now=NOW + 5 * DAY).file
    whole = evidence_at_edge(number, by=by, now=NOW + 5 * DAY, attachments=True).file
    assert unpack(whole)[FILES + DIGEST] == BODY
    assert FILES + DIGEST not in unpack(plain)
    assert b"each under its SHA-256" in unpack(whole)["README.txt"]
    assert b"were not asked for" in unpack(plain)["README.txt"]
    assert "attachments" in codes(judged(kept, whole), "good")
    assert "attachments_absent" in codes(judged(kept, plain), "limit")
    assert judged(kept, whole).is_sound
    assert judged(kept, plain).is_sound


def changed(members: dict[str, bytes], _said: dict[str, Any]) -> None:
    members[FILES + DIGEST] = BODY + b"."


def strange(members: dict[str, bytes], _said: dict[str, Any]) -> None:
    members[FILES + verify.sha256(b"x")] = b"x"


@pytest.mark.parametrize(("change", "code"), [(changed, "attachment_changed"),
                                              (strange, "member_strange")])
def test_a_file_that_the_history_does_not_name_is_found(
    kept: Kept, with_file: Path, change: Any, code: str
) -> None:
    file = kept.take(attachments={DIGEST: BODY}).file
    assert codes(judged(kept, again(file, change)), "bad") == [code]


def test_what_the_law_has_taken_does_not_go_out(kept: Kept, with_file: Path) -> None:
    erase(kept.ticket, [], by="system", at=NOW + 5 * DAY, reason="law 152", files=[DIGEST])
    assert service.files_to_take(kept.ticket) == []
    result = judged(kept, kept.take(attachments={}).file)
    assert "attachments_erased" in codes(result, "limit")
    kept_all_the_same = judged(kept, kept.take(attachments={DIGEST: BODY}).file)
    assert codes(kept_all_the_same, "bad") == ["attachment_kept"]


def test_damage_and_too_much_are_refused(
    kept: Kept, with_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = kept.ticket.number
    with_file.chmod(0o600)
    with_file.write_bytes(BODY[:-1])
    with pytest.raises(Refused, match="was changed"):
        edge._read_file(number, DIGEST)
    with_file.unlink()
    with pytest.raises(Refused, match="gone from the disk"):
        edge._read_file(number, DIGEST)
    monkeypatch.setattr(service, "MOST_ATTACHED", len(BODY) - 1)
    with pytest.raises(Refused, match="take the evidence without them"):
        service.files_to_take(kept.ticket)


def test_the_page_asks_whether_files_go_with_it_where_there_are_any(
    kept: Kept, sign_in: Any, request: pytest.FixtureRequest
) -> None:
    reader, box = sign_in(kept.house.director), 'name="attachments"'
    page, address = f"/tickets/{kept.ticket.number}/ledger", (
        f"/tickets/{kept.ticket.number}/evidence.zip")
    assert box not in reader.get(page).text
    request.getfixturevalue("with_file")
    assert box in reader.get(page).text
    assert FILES + DIGEST in unpack(reader.post(address, data={"attachments": "1"}).data)
    assert FILES + DIGEST not in unpack(reader.post(address).data)
