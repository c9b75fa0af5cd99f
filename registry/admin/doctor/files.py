"""Checks of the disk: who can read what, how much room is left, on what kind of disk it lies."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from registry.admin.doctor.findings import Finding, Installation, look, unsafe
from registry.core.vendoring import in_place, vendored_files
from registry.core.words import N_
from registry.ledger.keys import FILE_NAME

MEGABYTE = 1024 * 1024
LITTLE, TOO_LITTLE = 1024, 200  # megabytes
# Kinds of disks that another machine holds: locks on them are not to be relied on by SQLite.
ELSEWHERE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ncpfs", "ceph",
                       "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone"})
MOUNTS = Path("/proc/self/mountinfo")


def keys_are_private(where: Installation) -> Iterator[Finding]:
    """The secret of cookies and the ledger's key are their owner's alone."""
    for path in (where.settings.secret_path, where.settings.data_dir / FILE_NAME):
        if path.exists() and path.stat().st_mode & 0o077:
            yield unsafe("key_readable", N_(
                "%(path)s can be read by others: chmod 600 %(path)s. Whoever has read it can forge "
                "what it signs."), path=path)


def secret_is_strong(where: Installation) -> Iterator[Finding]:
    """The secret of cookies cannot be guessed."""
    secret = where.settings.secret_key
    if len(secret) < 32 or len(set(secret)) < 10:
        yield unsafe("secret_weak", N_(
            "The secret in %(path)s can be guessed: delete the file and start again, and a new one "
            "is made. Everybody then signs in anew."), path=where.settings.secret_path)


def data_is_private(where: Installation) -> Iterator[Finding]:
    """What lies in the data folder is no business of the machine's other users."""
    folder = where.settings.data_dir
    if stat.S_IMODE(folder.stat().st_mode) & 0o007:
        yield unsafe("data_readable", N_(
            "The data folder %(path)s is open to every user of this machine: chmod o-rwx %(path)s"),
            path=folder)


def data_can_be_written(where: Installation) -> Iterator[Finding]:
    """The running user can write there, and there is room."""
    folder = where.settings.data_dir
    if not os.access(folder, os.W_OK | os.X_OK):
        yield unsafe("data_not_writable", N_(
            "%(user)s cannot write to the data folder %(path)s: give it to the user that runs the "
            "product, or look why the disk is read-only."), user=os.geteuid(), path=folder)
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free < LITTLE:
        found = unsafe if free < TOO_LITTLE else look
        yield found("disk_full", N_(
            "Only %(free)d MB are left where %(path)s lies: make room. When the disk is full "
            "nothing can be signed."), free=free, path=folder)


def sqlite_is_on_this_machine(where: Installation) -> Iterator[Finding]:
    """SQLite's file lies on a disk of this machine."""
    url = where.settings.database_url
    if not url.startswith("sqlite:///"):
        return
    path = Path(url.removeprefix("sqlite:///")).resolve()
    kind = disk_kind(path, MOUNTS.read_text() if MOUNTS.exists() else "")
    if kind in ELSEWHERE:
        yield unsafe("sqlite_elsewhere", N_(
            "The database %(path)s lies on a network disk (%(kind)s), where two writers can "
            "destroy it: move it to a disk of this machine, or use PostgreSQL."), path=path,
            kind=kind)


def vendor_files_are_there(_where: Installation) -> Iterator[Finding]:
    """The browser's libraries and the type are as they should be."""
    if not in_place(vendored_files()):
        yield look("vendor_missing", N_(
            "Files of static/vendor are missing or are not what they should be, so pages look "
            "plain: start ./countersign where there is a network."))


def disk_kind(path: Path, mounts: str) -> str:
    """The kind of disk on which ``path`` lies, by the lines of /proc/self/mountinfo."""
    kind, longest = "", -1
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split()
        if len(fields) < 5:
            continue
        point = fields[4].replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= longest:
            kind, longest = right.split()[0], len(point)
    return kind
