"""Files of a ticket: the type is judged by the content, the size is bounded, nothing runs.

A file is kept outside the database under its digest; the ledger carries the digest, so a
changed file is found. Downloads are always offered for saving, never shown in the page.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import filetype

from registry.core.db import db
from registry.core.errors import NotFound, Reason, Refused, refuse_if
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
    stream: IO[bytes]


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
        raise Refused(_too_many())
    media_type, size, digest = _keep(upload, name, folder, limit)
    sealed = Sealed()
    content = {"digest": digest, "size": size, "media_type": media_type, "name": sealed(name)}
    append(ticket, "file_attached", content, sealed, by=by, now=now)
    attachment = Attachment(ticket_id=ticket.id, name=name, media_type=media_type, size=size,
                            digest=digest, by_id=by.id, at=now)
    db.session.add(attachment)
    db.session.flush()
    return attachment


def attach_files(
    ticket: Ticket, uploads: Sequence[Upload], *, folder: Path, limit: int, by: Person,
    now: datetime,
) -> list[Attachment]:
    """Keep several files, or none of them where one is refused: all are judged before any is
    written. Raises Refused with the reasons of every file."""
    refuse_if(*upload_faults(uploads, limit))
    return [attach_file(ticket, each, folder=folder, limit=limit, by=by, now=now)
            for each in uploads]


def upload_faults(uploads: Sequence[Upload], limit: int) -> Iterator[Reason]:
    """Everything that stands against keeping the files; their streams are at the start again."""
    if len(uploads) > MOST_FILES:
        yield _too_many()
    for upload in uploads:
        name = clean_name(upload.name)
        head = upload.stream.read(HEAD)
        size = upload.stream.seek(0, os.SEEK_END)
        upload.stream.seek(0)
        fault = _content_fault(head, name) or (_too_large(name, limit) if size > limit else None)
        if fault is not None:
            yield fault


def file_of(folder: Path, digest: str) -> Path:
    """Where in the folder of attachments a file lies: by its SHA-256, a few in each drawer."""
    return folder / digest[:2] / digest


def path_of(attachment: Attachment, folder: Path) -> Path:
    """Where the file lies. Raises NotFound where it is gone from the disk."""
    path = file_of(folder, attachment.digest)
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
    refuse_if(_content_fault(head, name))
    media_type = kind_of(head) or ""
    digest = hashlib.sha256()
    size = 0
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            block = head
            while block:
                size += len(block)
                if size > limit:
                    raise Refused(_too_large(name, limit))
                digest.update(block)
                file.write(block)
                block = upload.stream.read(BLOCK)
            file.flush()
            os.fsync(file.fileno())
        target = file_of(folder, digest.hexdigest())
        target.parent.mkdir(exist_ok=True)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return media_type, size, digest.hexdigest()


def _content_fault(head: bytes, name: str) -> Reason | None:
    if not head:
        return Reason("file_empty", N_("The file “%(name)s” is empty."), {"name": name}, "files")
    if kind_of(head) is None:
        return Reason("file_kind", N_(
            "The file “%(name)s” is of a kind that is not kept here. Attach a picture, a PDF, "
            "plain text, a .docx or an .xlsx file."), {"name": name}, "files")
    return None


def _too_large(name: str, limit: int) -> Reason:
    return Reason("file_large", N_("The file “%(name)s” is larger than %(limit)d MB."),
                  {"name": name, "limit": limit // (1024 * 1024)}, "files")


def _too_many() -> Reason:
    return Reason("too_many_files", N_("A ticket carries at most %(count)d files."),
                  {"count": MOST_FILES}, "files")
