"""A mail in a director's mailbox proves that the registry still holds all that it covered."""

from __future__ import annotations

from datetime import timedelta
from email import policy
from email.message import EmailMessage

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, select, update

from registry.core.errors import Refused
from registry.ledger.checkpoints import make_checkpoint
from registry.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerPending
from registry.ledger.note import Checkpoint, Signer
from registry.ledger.tree import EMPTY
from tests.factories import NOW
from tests.registry.ledger.conftest import KeptLedger


def notes(kept: KeptLedger) -> list[str]:
    """The notes of all checkpoints, the oldest first."""
    return list(kept.session.scalars(select(LedgerCheckpoint.note).order_by(LedgerCheckpoint.size)))


def mail_with(note: str, name: str = "checkpoint.txt") -> EmailMessage:
    """A morning mail with the note attached, among other things."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["Subject"] = "24 ноября: 4 новых"
    mail.set_content("Журнал: всё сходится.")
    mail.add_alternative("<p>Журнал</p>", subtype="html")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png")
    mail.add_attachment(note, filename=name)
    return mail


def test_every_note_kept_in_a_mail_still_holds(kept: KeptLedger) -> None:
    make_checkpoint(now=NOW + timedelta(days=1), signer=kept.signer)
    for note in notes(kept):
        forwarded = EmailMessage(policy=policy.SMTP)
        forwarded["Subject"] = "Fwd"
        forwarded.add_attachment(mail_with(note))
        for kept_as in (note.encode(), note.replace("\n", "\r\n").encode() + b"\r\n",
                        b"\xef\xbb\xbf" + note.encode(), mail_with(note).as_bytes(),
                        forwarded.as_bytes()):
            verdict = kept.verify(against=kept_as)
            assert verdict.is_sound
            assert verdict.covered == int(note.split("\n")[1])


@pytest.mark.parametrize("kept_as", [
    b"", b"\xff\xfe\x00", b"Subject: x\r\n\r\nnothing\r\n", b"registry/countersign\n5\n",
    mail_with("no note").as_bytes(),
])
def test_what_holds_no_checkpoint_is_refused(kept: KeptLedger, kept_as: bytes) -> None:
    with pytest.raises(Refused) as refused:
        kept.verify(against=kept_as)
    assert [reason.code for reason in refused.value.reasons] == ["no_checkpoint"]


def test_an_attachment_of_another_name_is_not_taken_for_the_checkpoint(kept: KeptLedger) -> None:
    with pytest.raises(Refused):
        kept.verify(against=mail_with(notes(kept)[0], "notes.txt").as_bytes())


def test_a_note_of_another_registry_or_a_changed_one_is_named(kept: KeptLedger) -> None:
    first, last = notes(kept)
    other = Signer(kept.signer.name, Ed25519PrivateKey.generate())
    forged = str(other.sign(first.rpartition("\n\n")[0] + "\n"))
    mixed = first.rpartition("\n\n")[0] + "\n\n" + last.rpartition("\n\n")[2]
    for note in (forged, mixed):
        assert [each.code for each in kept.verify(against=note.encode()).findings] == [
            "against_signature"]


def test_a_registry_put_back_to_an_older_state_is_found(kept: KeptLedger) -> None:
    """All of the last checkpoint is gone, and what is left agrees with itself."""
    first, last = notes(kept)
    size = int(first.split("\n")[1])
    with kept.altered():
        later = kept.session.execute(select(LedgerLeaf.chain, LedgerLeaf.seq).where(
            LedgerLeaf.index >= size)).all()
        kept.session.execute(delete(LedgerCheckpoint).where(LedgerCheckpoint.size > size))
        kept.session.execute(delete(LedgerLeaf).where(LedgerLeaf.index >= size))
        kept.session.execute(LedgerPending.__table__.insert(), [  # type: ignore[attr-defined]
            {"chain": row.chain, "seq": row.seq} for row in later])
        assert not kept.found()
        findings = [each for each in kept.verify(against=last.encode()).findings
                    if each.code != "trigger"]
    assert [(each.code, each.params["held"]) for each in findings] == [("against_size", size)]


def test_a_tree_signed_anew_by_whoever_holds_the_key_is_found(kept: KeptLedger) -> None:
    """The key was stolen with the database: only the mailboxes know better."""
    last = notes(kept)[-1]
    waiting = kept.session.scalar(select(func.count()).select_from(LedgerPending)) or 0
    with kept.altered():
        kept.session.execute(delete(LedgerCheckpoint))
        kept.session.execute(delete(LedgerLeaf))
        kept.session.execute(LedgerPending.__table__.delete())  # type: ignore[attr-defined]
        kept.session.execute(LedgerPending.__table__.insert().from_select(  # type: ignore[attr-defined]
            ["chain", "seq"], select(LedgerEntry.chain, LedgerEntry.seq)))
        make_checkpoint(now=NOW + timedelta(days=1), signer=kept.signer)
        assert not kept.found()
        findings = [each for each in kept.verify(against=last.encode()).findings
                    if each.code != "trigger"]
    assert waiting > 0
    assert [each.code for each in findings] == ["against_root"]


def test_the_first_of_all_notes_covers_nothing_and_holds(kept: KeptLedger) -> None:
    empty = kept.signer.sign(str(Checkpoint(kept.signer.name, 0, EMPTY)))
    wrong = kept.signer.sign(str(Checkpoint(kept.signer.name, 0, bytes(32))))

    assert kept.verify(against=str(empty).encode()).is_sound
    assert [each.code for each in kept.verify(against=str(wrong).encode()).findings] == [
        "against_root"]


def test_damage_and_a_note_that_fails_are_both_told(kept: KeptLedger) -> None:
    ticket = kept.tickets[0]
    with kept.altered():
        kept.session.execute(update(LedgerEntry).where(
            LedgerEntry.chain == ticket.chain, LedgerEntry.seq == 1).values(hash="00" * 32))
        codes = {each.code for each in kept.verify(against=notes(kept)[0].encode()).findings}
    assert {"hash", "tree", "against_root"} <= codes
