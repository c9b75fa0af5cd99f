"""A restore takes the place of what is there only where it may, and repeats nothing."""

from __future__ import annotations

from pathlib import Path
from threading import Timer

import flask_migrate
from sqlalchemy import NullPool, create_engine, select, text

from registry.core.db import atomic, db
from registry.core.models import Job, Message, MessageState
from registry.core.revision import known_revisions
from registry.core.times import utc_now
from registry.people.models import SignInSession
from registry.tickets.models import Ticket
from tests.registry.admin.installations import Installation


def test_a_registry_in_use_is_lost_only_where_its_name_is_typed(
    lived: Installation, kept: Path
) -> None:
    with lived.app.app_context(), atomic():
        db.session.execute(text("UPDATE ticket SET summary = 'changed since'"))
    refused = lived.run("restore", kept)
    other = lived.run("restore", kept, "--over", input="something else\n")

    assert refused.exit_code == other.exit_code == 1
    assert "There is a registry here already" in refused.output
    assert "That is not its name" in other.output
    done = lived.run("restore", kept, "--over", "--yes")
    assert done.exit_code == 0, done.output
    with lived.app.app_context():
        assert "changed since" not in set(db.session.scalars(select(Ticket.summary)))


def test_what_waited_is_held_and_nobody_stays_signed_in(
    empty: Installation, kept: Path
) -> None:
    done = empty.run("restore", kept)

    assert "Held, to be looked at under Settings: mails 1, webhooks 0, jobs " in done.output
    with empty.app.app_context():
        message = db.session.scalars(select(Message)).one()
        assert (message.state, message.held_at is None) == (MessageState.WAITING, False)
        jobs = {job.key: job.given_up_at is None for job in db.session.scalars(select(Job))
                if job.done_at is None}
        assert (jobs["past"], jobs["to come"]) == (False, True)
        assert db.session.scalars(select(SignInSession.ended_at)).one() is not None


def test_a_report_whose_hour_is_over_is_not_owed_again(empty: Installation, kept: Path) -> None:
    from registry.reports.owed import owe_reports

    empty.run("restore", kept)
    with empty.app.app_context():
        owe_reports(now=utc_now())
        owed = select(Job).where(Job.kind == "daily_report", Job.done_at.is_(None))
        assert db.session.scalars(owed).all() == []


def test_what_waited_goes_on_where_that_is_asked_for(empty: Installation, kept: Path) -> None:
    empty.run("restore", kept, "--send")
    with empty.app.app_context():
        assert db.session.scalars(select(Message.held_at)).one() is None


def test_a_damaged_ledger_is_not_put_in_place(
    lived: Installation, empty: Installation, tmp_path: Path
) -> None:
    from registry.ledger.triggers import create_triggers, drop_triggers

    with lived.app.app_context(), atomic():
        drop_triggers(db.session.connection())
        db.session.execute(text("UPDATE ledger_entry SET kind = 'x' WHERE chain = 'ticket:1'"))
        create_triggers(db.session.connection())
    lived.run("backup", tmp_path / "file")
    done = empty.run("restore", tmp_path / "file")

    assert done.exit_code == 1
    assert "Nothing was restored" in done.output
    assert empty.count(Ticket) == 0
    assert not list(empty.settings.attachments_dir.glob("*/*"))


def test_an_older_backup_is_brought_to_the_program_s_revision(
    lived: Installation, empty: Installation, tmp_path: Path
) -> None:
    with lived.app.app_context():
        flask_migrate.downgrade(revision="0005")
        db.session.remove()
        db.engine.dispose()
    assert lived.run("backup", tmp_path / "older").exit_code == 0
    done = empty.run("restore", tmp_path / "older")

    assert done.exit_code == 0, done.output
    with empty.app.app_context():
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        assert revision == known_revisions()[0]


def test_a_worker_at_work_stops_a_restore(lived: Installation, kept: Path) -> None:
    from registry.core.models import WorkerBeat

    with lived.app.app_context(), atomic():
        db.session.add(WorkerBeat(name="w", seen_at=utc_now()))

    assert "Stop pages and workers" in lived.run("restore", kept, "--over", "--yes").output


def test_who_is_connected_stops_a_restore_and_who_just_leaves_does_not(
    lived: Installation, empty: Installation, kept: Path
) -> None:
    """On PostgreSQL tables are exchanged: whoever looks meanwhile finds none. SQLite writes all in
    one transaction."""
    engine = create_engine(empty.settings.database_url, poolclass=NullPool)
    with engine.connect() as stays:
        stays.execute(text("SELECT 1"))
        stays.rollback()
        if engine.dialect.name == "postgresql":
            refused = empty.run("restore", kept)
            assert "1 others are connected" in refused.output
            assert empty.count(Ticket) == 0
        leaving = Timer(0.5, stays.close)
        leaving.start()
        done = empty.run("restore", kept)
        leaving.join()
    assert done.exit_code == 0, done.output
    assert empty.count(Ticket) == 2
