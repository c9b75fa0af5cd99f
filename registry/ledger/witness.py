"""What a mailbox kept: finds the checkpoint in a mail or file, and compares it with the registry.

The directors' mailboxes are the witness (the design, 5): what they hold, nobody here can change.
"""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import Message

from registry.core.errors import Reason, Refused
from registry.core.words import N_
from registry.ledger.findings import Findings
from registry.ledger.keyring import Keyring
from registry.ledger.note import Checkpoint, Note, NoteError

FILE_NAME = "checkpoint.txt"


def read_witness(kept: bytes) -> tuple[Note, Checkpoint]:
    """The checkpoint in a mail (attachment ``checkpoint.txt``) or in a file of its own.

    Raises Refused where there is none.
    """
    found = _as_note(kept)
    if found is None:
        for part in message_from_bytes(kept, policy=policy.compat32).walk():
            if part.get_filename() == FILE_NAME:
                found = _as_note(_payload(part))
                if found is not None:
                    break
    if found is None:
        raise Refused(Reason("no_checkpoint", N_(
            "This is neither a checkpoint nor a mail that carries one. Save the whole morning "
            "mail, or its attachment %(name)s, and bring that file."), {"name": FILE_NAME}))
    return found


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _as_note(kept: bytes) -> tuple[Note, Checkpoint] | None:
    """Mail programs change the ends of lines; nothing else is forgiven."""
    try:
        written = kept.decode("utf-8-sig").replace("\r\n", "\n").strip() + "\n"
        note = Note.parse(written)
        return note, Checkpoint.parse(note.text)
    except (UnicodeDecodeError, NoteError):
        return None


def compare_witness(
    findings: Findings, witness: tuple[Note, Checkpoint], held: int, root: bytes | None,
    keys: Keyring | None,
) -> None:
    """Say which claim of the note fails: whose it is, how many entries, or which.

    ``held`` is the number of leaves now, ``root`` the root of the first of them that it covers.
    """
    note, says = witness
    fault = keys.fault_of(note, says, outside=True) if keys is not None else "signature"
    if fault:
        findings.add(f"against_{fault}", key=str(keys.current if keys is not None else "—"))
    elif says.size > held:
        findings.add("against_size", size=says.size, held=held)
    elif says.root != root:
        findings.add("against_root", size=says.size)
