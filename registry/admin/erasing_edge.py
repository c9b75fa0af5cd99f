"""What follows the commit of an erasure: files leave the disk, and SQLite its old pages.

Not before, for neither can be taken back: an erasure that is refused or fails must leave all as it
was. Where it is killed between, erasing once more takes the files away.
"""

from __future__ import annotations

from registry.admin.erasing import erased_files
from registry.admin.erasing_plan import Plan
from registry.core.db import db, only_reading
from registry.core.settings import current_settings
from registry.tickets.attachments import file_of


def take_files_away(plan: Plan) -> None:
    """Remove the files that no ticket names any more."""
    folder = current_settings().attachments_dir
    with only_reading():
        for digest in erased_files(plan):
            file_of(folder, digest).unlink(missing_ok=True)


def tidy_pages() -> None:
    """Let SQLite write its file anew, without what earlier changes left in unused pages. Others
    wait meanwhile, so it is the operator's and not the page's."""
    if db.engine.dialect.name == "sqlite":
        db.session.remove()
        raw = db.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()
