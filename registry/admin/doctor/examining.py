"""All checks of the doctor in their order, and going through them.

What needs the database is left out where it does not answer, and what needs its tables where it is
of another revision: one finding then says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from registry.admin.doctor import files, life, papers, setup, storage
from registry.admin.doctor.findings import Check, Finding, Installation, Level, unsafe
from registry.core.db import db, only_reading
from registry.core.words import N_

ALONE: tuple[Check, ...] = (
    files.keys_are_private, files.secret_is_strong, files.data_is_private,
    files.data_can_be_written, files.sqlite_is_on_this_machine, files.vendor_files_are_there,
    setup.pages_are_encrypted, setup.proxies_are_declared, setup.nothing_of_a_workshop,
    setup.not_as_root, setup.mail_leaves, setup.numbers_have_a_token, setup.time_is_known,
    setup.libraries_are_the_tested_ones, papers.papers_can_be_made,
)
WITH_DATABASE: tuple[Check, ...] = (
    storage.revision_fits, storage.keeps_what_it_took,
)
WITH_TABLES: tuple[Check, ...] = (
    storage.guards_stand, storage.clocks_agree, life.somebody_looks_after_it, life.reports_are_read,
    life.no_demo_accounts, life.addresses_are_told_apart, life.work_gets_done,
    life.checkpoints_are_made, life.name_of_the_key, life.backups_are_taken,
)


@dataclass(frozen=True)
class Examination:
    """What was found, and how many checks found nothing."""

    findings: tuple[Finding, ...]
    good: int

    @property
    def is_safe(self) -> bool:
        """Whether nothing unsafe was found."""
        return not any(each.level is Level.UNSAFE for each in self.findings)


def examine(where: Installation) -> Examination:
    """Go through all checks that can be made."""
    done = [_findings(check, where) for check in ALONE]
    try:
        with only_reading():
            fits = [_findings(check, where) for check in WITH_DATABASE]
            done += fits
            if not fits[0]:
                done += [_findings(check, where) for check in WITH_TABLES]
    except SQLAlchemyError as error:
        db.session.rollback()
        done.append([unsafe("database_away", N_(
            "The database does not answer (%(error)s): look whether it runs, and at "
            "COUNTERSIGN_DATABASE_URL."), error=_first_line(error))])
    found = [each for findings in done for each in findings]
    found.sort(key=lambda each: each.level is not Level.UNSAFE)
    return Examination(tuple(found), sum(not findings for findings in done))


def _findings(check: Check, where: Installation) -> Sequence[Finding]:
    return list(check(where))


def _first_line(error: SQLAlchemyError) -> str:
    """What the database's driver says, without the rest of its words."""
    return (str(getattr(error, "orig", error)).splitlines() or [type(error).__name__])[0][:200]
