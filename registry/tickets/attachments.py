"""Files of a ticket: the type is judged by the content, the size is bounded, nothing runs.

A file is kept outside the database under its digest; the ledger carries the digest, so a
changed file is found. Downloads are always offered for saving, never shown in the page.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import filetype

from registry.core.db import db
from registry.core.errors import NotFound, Reason, Refused
from registry.core.words import N_
from registry.people.models import Person
from registry.tickets.chain import Sealed, append
from registry.tickets.models import Attachment, Ticket

KINDS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp",
    "image/heic": "heic", "application/pdf": "pdf", "text/plain": "txt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
MOST_FILES = 20
HEAD = 8192
BLOCK = 1 << 16


@dataclass(frozen=True)
class Upload:
    """A file as it arrived: its name and a stream at its beginning."""

    name: str
    stream: BinaryIO


def attach_file(
    ticket: Ticket, upload: Upload, *, folder: Path, limit: int, by: Person, now: datetime
) -> Attachment:
    """Keep the file and enter it in the ticket's chain.

    Raises Refused for an empty or too large file, or a content of no allowed kind; then nothing
    of it stays on disk.
    """
    name = clean_name(upload.name)
    held = db.session.query(Attachment).filter_by(ticket_id=ticket.id).count()
    if held >= MOST_FILES:
        raise Refused(Reason("too_many_files", N_("A ticket carries at most %(count)d files."),
                             {"count": MOST_FILES}, "files"))
    media_type, size, digest = _keep(upload, name, folder, limit)
    sealed = Sealed()
    content = {"digest": digest, "size": size, "media_type": media_type, "name": sealed(name)}
    append(ticket, "file_attached", content, sealed, by=by, now=now)
    attachment = Attachment(ticket_id=ticket.id, name=name, media_type=media_type, size=size,
                            digest=digest, by_id=by.id, at=now)
    db.session.add(attachment)
    db.session.flush()
    return attachment


def path_of(attachment: Attachment, folder: Path) -> Path:
    """Where the file lies. Raises NotFound where it is gone from the disk."""
    path = folder / attachment.digest[:2] / attachment.digest
    if not path.is_file():
        raise NotFound(N_("The file %(name)s is not on this machine any more."),
                       name=attachment.name)
    return path


def clean_name(name: str) -> str:
    """The last part of the name without control characters, at most 120 characters long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(each for each in last if each.isprintable()).strip(" .")
    return shown[-120:] or "file"


def kind_of(head: bytes) -> str | None:
    """The media type by the first bytes of the content; None for a kind that is not taken."""
    guess = filetype.guess(head)
    if guess is not None:
        return guess.mime if guess.mime in KINDS else None
    if b"\x00" in head:
        return None
    try:
        head[: HEAD - 4].decode("utf-8")
    except UnicodeDecodeError:
        return None
    start = head.lstrip()[:200].lower()
    looks_active = start.startswith((b"<", b"#!", b"%!")) or b"<script" in head.lower()
    return None if looks_active else "text/plain"


def _keep(upload: Upload, name: str, folder: Path, limit: int) -> tuple[str, int, str]:
    folder.mkdir(parents=True, exist_ok=True)
    head = upload.stream.read(HEAD)
    media_type = kind_of(head) if head else None
    if not head:
        raise Refused(Reason("file_empty", N_("The file “%(name)s” is empty."), {"name": name},
                             "files"))
    if media_type is None:
        raise Refused(Reason("file_kind", N_(
            "The file “%(name)s” is of a kind that is not kept here. Attach a picture, a PDF, "
            "plain text, a .docx or an .xlsx file."), {"name": name}, "files"))
    digest = hashlib.sha256()
    size = 0
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            block = head
            while block:
                size += len(block)
                if size > limit:
                    raise Refused(Reason("file_large", N_(
                        "The file “%(name)s” is larger than %(limit)d MB."),
                        {"name": name, "limit": limit // (1024 * 1024)}, "files"))
                digest.update(block)
                file.write(block)
                block = upload.stream.read(BLOCK)
            file.flush()
            os.fsync(file.fileno())
        target = folder / digest.hexdigest()[:2] / digest.hexdigest()
        target.parent.mkdir(exist_ok=True)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return media_type, size, digest.hexdigest()
