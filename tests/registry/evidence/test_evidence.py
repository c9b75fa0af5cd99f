"""An evidence file proves a ticket's history anywhere; what was changed in it is found."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.config import Settings
from registry.core.errors import Forbidden, Refused
from registry.evidence import verify
from registry.evidence.taking import takings_of
from registry.evidence.verify import unpack
from registry.ledger import passkey_check
from registry.ledger.entries import entries_of
from registry.ledger.entries import erase as erase_words
from registry.ledger.keys import put_in_place, signer_of
from registry.ledger.note import Checkpoint, Note, Signer
from registry.ledger.rotation import rotate_key
from registry.ledger.verify import verify as verify_ledger
from registry.people.erasing import empty_statements, statements_holding
from registry.people.models import Signature
from registry.people.passkeys import passkeys_of, revoke_passkeys_of
from registry.tickets.erasing import rows_follow
from tests.factories import NOW, a_ticket, hand_over
from tests.ground.authenticator import Authenticator
from tests.ground.passkeys import enrolled
from tests.registry.evidence.conftest import DAY, Kept, accept_by_passkey, again, codes, whole


def test_the_file_proves_the_history_and_says_what_it_does_not(kept: Kept) -> None:
    taken = kept.take()
    result = verify.verify(taken.file, against=kept.mails[2].encode(),
                           key=str(kept.signer.verifier))

    assert result.is_sound, [each.text("en") for each in result.lines]
    assert codes(result, "good") == ["included", "note_signed", "key_noted", "chain", "words",
                                     "by_passkey", "statements", "witness"]
    assert codes(result, "limit") == ["no_end", "passkey_whose", "by_password", "not_truth"]
    witness = next(each for each in result.lines if each.code == "witness")
    own = len(entries_of(kept.ticket.chain))
    assert witness.params["of"] == own
    assert 0 < witness.params["count"] < own  # type: ignore[operator]


def test_without_mail_and_key_it_agrees_only_with_itself(kept: Kept) -> None:
    result = verify.verify(kept.take().file)
    assert result.is_sound
    assert not result.is_anchored
    assert verify.report(result, "en").startswith("THE FILE AGREES WITH ITSELF")
    assert "only_itself" in codes(result, "limit")


@pytest.mark.parametrize(("day", "kind", "code"), [
    (0, "limit", "witness_earlier"), (1, "good", "witness"), (2, "good", "witness")])
def test_a_mail_says_how_much_of_the_history_it_covers(
        kept: Kept, day: int, kind: str, code: str) -> None:
    result = verify.verify(kept.take().file, against=kept.mails[day].encode())
    assert code in codes(result, kind)
    assert result.is_sound


def test_a_later_mail_and_one_between_are_told_apart(kept: Kept) -> None:
    file = kept.take().file
    a_ticket(kept.house)
    later = kept.mail(10)
    assert "witness_later" in codes(verify.verify(file, against=later.encode()), "limit")
    said = Checkpoint.parse(Note.parse(kept.mails[2]).text)
    between = kept.signer.sign(str(replace(said, size=said.size - 1)))
    assert "witness_elsewhere" in codes(verify.verify(file, against=str(between).encode()), "limit")


def test_a_mail_of_another_tree_or_another_registry_disagrees(kept: Kept) -> None:
    """A checkpoint that does not extend the last: the registry wrote its history anew."""
    file = kept.take().file
    said = Checkpoint.parse(Note.parse(kept.mails[2]).text)
    other = kept.signer.sign(str(replace(said, root=bytes(32))))
    strange = Signer(said.origin, Ed25519PrivateKey.generate()).sign(str(said))
    assert codes(verify.verify(file, against=str(other).encode()), "bad") == ["witness_other"]
    assert codes(verify.verify(file, against=str(strange).encode()), "bad") == ["witness_unsigned"]
    key = str(Signer(said.origin, Ed25519PrivateKey.generate()).verifier)
    assert codes(verify.verify(file, key=key), "bad") == ["key_unknown"]


def test_the_same_history_gives_the_same_bytes_and_who_took_it_is_entered(
        kept: Kept, session: Session) -> None:
    first, second = kept.take(), kept.take(by=None)

    assert first.file == second.file
    assert [(each.by, each.digest, each.upto) for each in takings_of(kept.ticket.number)] == [
        (kept.house.director, first.digest, kept.ticket.head_seq),
        (None, first.digest, kept.ticket.head_seq)]
    assert verify_ledger(verifier=kept.signer.verifier).is_sound
    kept.mail(11)
    assert verify_ledger(verifier=kept.signer.verifier).is_sound


def test_engineers_and_visitors_take_nothing_out(kept: Kept) -> None:
    for person in (kept.house.engineer, kept.house.visitor):
        with pytest.raises(Forbidden):
            kept.take(by=person)
    assert takings_of(kept.ticket.number) == []


def test_a_revoked_passkeys_signature_stays_good_and_later_ones_do_not(
        kept: Kept, session: Session) -> None:
    (passkey,) = passkeys_of(kept.house.engineer)
    revoke_passkeys_of(kept.house.engineer, by=None, now=NOW + 4 * DAY)
    result = verify.verify(kept.take().file)
    assert result.is_sound
    assert "by_passkey" in codes(result, "good")
    kept.ticket = a_ticket(kept.house, now=NOW + 4 * DAY)
    accept_by_passkey(kept.ticket, kept.device, passkey, kept.house.engineer, NOW + 5 * DAY,
                      kept.house.registrar)
    assert codes(verify.verify(whole(kept)), "bad") == ["passkey_unknown"]


def test_a_passkey_that_was_entered_afterwards_and_dated_back_is_not_the_signers(
        kept: Kept, session: Session) -> None:
    """The places in the tree say what came first, whatever the entries say of the time."""
    device = Authenticator()
    with session.begin_nested() as undone:
        passkey = enrolled(kept.house.engineer, device)
        undone.rollback()
    kept.ticket = a_ticket(kept.house, now=NOW + 4 * DAY)
    accept_by_passkey(kept.ticket, device, passkey, kept.house.engineer, NOW + 5 * DAY,
                      kept.house.registrar)
    kept.mail(6)
    enrolled(kept.house.engineer, device, now=NOW + 4 * DAY)
    assert codes(verify.verify(whole(kept)), "bad") == ["passkey_unknown"]


def test_that_a_revocation_was_left_out_cannot_be_told_and_that_is_said(
        kept: Kept, session: Session) -> None:
    """Whoever makes the file chooses the entries of persons; their chains are not whole in it."""
    (passkey,) = passkeys_of(kept.house.engineer)
    revoke_passkeys_of(kept.house.engineer, by=None, now=NOW + 4 * DAY)
    kept.ticket = a_ticket(kept.house, now=NOW + 4 * DAY)
    accept_by_passkey(kept.ticket, kept.device, passkey, kept.house.engineer, NOW + 5 * DAY,
                      kept.house.registrar)

    def left_out(members: dict[str, bytes], said: dict[str, Any]) -> None:
        name = next(each for each, body in members.items() if b'"passkey_revoked"' in body
                    and each.startswith("entries/person"))
        del members[name]
        said["entries"] = [each for each in said["entries"] if each["file"] != name]
    result = verify.verify(again(whole(kept), left_out))
    assert result.is_sound
    assert "passkey_whose" in codes(result, "limit")
    assert "no revocation of it was left out" in verify.report(result, "en")


def test_a_passkey_signature_over_a_list_verifies(kept: Kept, session: Session) -> None:
    """As a handover sheet is signed: one answer for the list of the statements' hashes."""
    (passkey,) = passkeys_of(kept.house.engineer)
    kept.ticket = a_ticket(kept.house, now=NOW + 4 * DAY)
    accept_by_passkey(kept.ticket, kept.device, passkey, kept.house.engineer, NOW + 5 * DAY,
                      kept.house.registrar, "ab" * 32)
    result = verify.verify(kept.take().file)
    assert result.is_sound, [each.text("en") for each in result.lines]
    assert "by_passkey" in codes(result, "good")


@pytest.mark.parametrize(("change", "code"), [
    ({"relying": "elsewhere.example"}, "passkey_other"), ({"flags": 1}, "passkey_other"),
    ({"key": ec.generate_private_key(ec.SECP256R1())}, "passkey_unsigned")])
def test_an_answer_of_another_page_person_or_key_is_found(
        kept: Kept, session: Session, change: dict[str, Any], code: str) -> None:
    """What the registry would never take, written into its ledger past all rules."""
    (passkey,) = passkeys_of(kept.house.engineer)
    kept.ticket = a_ticket(kept.house, now=NOW + 4 * DAY)
    accept_by_passkey(kept.ticket, replace(kept.device, **change), passkey, kept.house.engineer,
                      NOW + 5 * DAY, kept.house.registrar)
    assert codes(verify.verify(whole(kept)), "bad") == [code]


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_both_programs_hash_by_sha_256_whatever_the_curve(curve: ec.EllipticCurve) -> None:
    """As docs/verifying.md says; a key of another curve may have been enrolled long ago."""
    key = ec.generate_private_key(curve)
    signature = key.sign(b"data", ec.ECDSA(SHA256()))
    assert verify._verifies(key.public_key(), signature, b"data")
    passkey_check._verify(key.public_key(), signature, b"data")


def test_after_a_rotation_an_old_mail_and_an_old_key_lead_to_the_file(
        kept: Kept, settings: Settings) -> None:
    before = kept.signer
    rotate_key(settings, now=NOW + 4 * DAY)
    put_in_place(settings)
    kept.signer = signer_of(settings)
    hand_over(kept.ticket, "pass_on", kept.house.engineer, now=NOW + 5 * DAY)
    file = kept.take().file

    for key in (before, kept.signer):
        result = verify.verify(file, against=kept.mails[1].encode(), key=str(key.verifier))
        assert result.is_sound, [each.text("en") for each in result.lines]
        assert {"key_rotated", "key_noted", "witness"} <= set(codes(result, "good"))
    # Whoever kept the old key signs nothing later with it.
    said = Note.parse(unpack(file)["checkpoint.txt"].decode()).text

    def by_old(members: dict[str, bytes], listed: dict[str, Any]) -> None:
        members["checkpoint.txt"] = str(before.sign(said)).encode()
    assert "note_unsigned" in codes(verify.verify(again(file, by_old)), "bad")


def test_after_erasing_by_law_the_history_verifies_and_says_so(
        kept: Kept, session: Session) -> None:
    """Words and statements are gone; an old mail still covers what is left."""
    seal = next(verify.seals_in(json.loads(entries_of(kept.ticket.chain)[0].body)["content"]))
    emptied = [each for each in statements_holding([kept.house.engineer.name])
               if each.chain == kept.ticket.chain]
    assert emptied
    erase_words(kept.ticket, [seal], by="system", at=NOW + 4 * DAY, reason="asked",
                statements=[each.said for each in emptied])
    session.flush()
    empty_statements(emptied)
    rows_follow(kept.ticket)
    session.expire_all()
    result = verify.verify(kept.take().file, against=kept.mails[1].encode())

    assert result.is_sound, [each.text("en") for each in result.lines]
    assert {"words_erased", "statements_erased"} <= set(codes(result, "limit"))
    assert "witness" in codes(result, "good")


def test_no_evidence_is_made_of_a_history_that_does_not_verify(
        kept: Kept, session: Session) -> None:
    kept.ticket.head_hash = "0" * 64
    with pytest.raises(Refused) as refused:
        kept.take()
    assert [each.code for each in refused.value.reasons] == ["history_unsound"]


def test_a_director_with_an_old_mail_and_the_file_needs_nothing_of_ours(
        kept: Kept, tmp_path: Path) -> None:
    """verify.py out of the source, run by Python itself in an empty folder."""
    file = kept.take().file
    program = Path(str(verify.__file__)).read_bytes()
    assert unpack(file)["verify.py"] == program
    (tmp_path / "verify.py").write_bytes(program)
    (tmp_path / "evidence.zip").write_bytes(file)
    (tmp_path / "mail.eml").write_bytes(
        b"Subject: report\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Disposition: attachment; filename=checkpoint.txt\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + kept.mails[1].replace("\n", "\r\n").encode())

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-I", "verify.py", *words], cwd=tmp_path,
                              capture_output=True, text=True, check=False,
                              env={"PYTHONUTF8": "1"})

    assert run("evidence.zip").returncode == 3
    told = run("evidence.zip", "--against", "mail.eml", "--lang", "ru")
    assert (told.returncode, told.stderr) == (0, "")
    assert "ВСЁ СХОДИТСЯ" in told.stdout
    assert "так сказал тогда реестр" in told.stdout
    place = file.index(b'"kind":')
    (tmp_path / "evidence.zip").write_bytes(file[:place] + b"'" + file[place + 1:])
    told = run("evidence.zip", "--against", "mail.eml")
    assert told.returncode in (1, 2)
    (tmp_path / "evidence.zip").write_bytes(again(file, lambda members, said: members.update({
        "words.json": members["words.json"].replace(b"cable", b"table")
        .replace(b'"salt":"', b'"salt":"0')})))
    told = run("evidence.zip", "--against", "mail.eml")
    assert told.returncode == 1
    assert "NOT EVERYTHING AGREES" in told.stdout
    assert run("nothing.zip").returncode == 2
    assert run("mail.eml").returncode == 2


def test_a_statement_is_signed_over_what_stood_before(kept: Kept, session: Session) -> None:
    """The parts of the claim and the statement are compared one by one."""
    signature = session.scalars(select(Signature).where(
        Signature.chain == kept.ticket.chain)).first()
    assert signature is not None
    said = json.loads(signature.statement)
    claim = {"by": said["signer"], "for": said["for"], "meaning": said["meaning"],
             "role": said["role"], "at": said["at"]}
    heads = {said["head"]}
    assert verify._is_of(said, claim, said["chain"], heads)
    assert not verify._is_of(said, claim, said["chain"], set())
    assert not verify._is_of(said, claim, "ticket:0", heads)
    for name in claim:
        assert not verify._is_of(said, claim | {name: "x"}, said["chain"], heads)
