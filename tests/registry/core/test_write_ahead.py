"""The log of SQLite beside its file, while it is kept and after."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from registry.core.write_ahead import log_kept

PAGE = 4096
A_WRITE = ("import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
           "c.execute('INSERT INTO said VALUES (1)'); c.commit(); c.close()")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A file in the mode of ours."""
    engine = create_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with closing(sqlite3.connect(tmp_path / "x.sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE said (words)")
    yield engine
    engine.dispose()


def write(engine: Engine, words: object = 1, times: int = 1) -> None:
    """As a request does: a connection of its own, closed again."""
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as connection:
        for _ in range(times):
            connection.execute("INSERT INTO said VALUES (?)", (words,))


def log_of(engine: Engine) -> Path:
    return Path(f"{engine.url.database}-wal")


def test_the_log_goes_with_the_last_connection_where_nobody_keeps_it(engine: Engine) -> None:
    write(engine)
    assert not log_of(engine).exists()


def test_while_it_is_kept_no_closing_folds_the_log_and_the_end_does(engine: Engine) -> None:
    with log_kept(engine):
        file = Path(str(engine.url.database)).read_bytes()
        for _ in range(3):
            write(engine)
        subprocess.run([sys.executable, "-c", A_WRITE, str(engine.url.database)], check=True)
        assert log_of(engine).stat().st_size >= 4 * PAGE
        assert Path(str(engine.url.database)).read_bytes() == file
        with closing(sqlite3.connect(str(engine.url.database))) as connection:
            assert connection.execute("SELECT count(*) FROM said").fetchone() == (4,)
    assert not log_of(engine).exists()
    with closing(sqlite3.connect(str(engine.url.database))) as connection:
        assert connection.execute("SELECT count(*) FROM said").fetchone() == (4,)


def test_what_was_written_outlives_a_holder_that_is_killed(engine: Engine) -> None:
    child = os.fork()
    if child == 0:
        with log_kept(engine):
            write(engine)
            os._exit(9)
    os.waitpid(child, 0)
    assert log_of(engine).exists()
    write(engine)
    with closing(sqlite3.connect(str(engine.url.database))) as connection:
        assert connection.execute("SELECT count(*) FROM said").fetchone() == (2,)
    assert not log_of(engine).exists()


def test_the_log_does_not_grow_without_end(engine: Engine) -> None:
    with log_kept(engine):
        for _ in range(8):
            write(engine, "w" * 60_000, times=20)
        assert log_of(engine).stat().st_size < 1500 * PAGE


def test_no_file_is_held_for_writing_and_none_is_forgotten(engine: Engine) -> None:
    before = set(os.listdir("/proc/self/fd"))
    with log_kept(engine):
        held = [each for each in os.listdir("/proc/self/fd")
                if each not in before and Path(f"/proc/self/fdinfo/{each}").exists()]
        flags = [int(Path(f"/proc/self/fdinfo/{each}").read_text().split("flags:")[1].split()[0], 8)
                 for each in held]
        assert [each & os.O_ACCMODE for each in flags] == [os.O_RDONLY] * 2
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_all_works_where_there_are_no_such_locks(engine: Engine,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.core.write_ahead.OWN_LOCK", 0)
    with log_kept(engine):
        write(engine)
    with log_kept(create_engine("sqlite://")):
        write(engine)
    assert not log_of(engine).exists()


def test_a_file_without_a_log_is_served_all_the_same(tmp_path: Path) -> None:
    plain = create_engine(f"sqlite:///{tmp_path / 'plain.sqlite3'}")
    with closing(sqlite3.connect(tmp_path / "plain.sqlite3")) as connection:
        connection.execute("CREATE TABLE said (words)")
    with log_kept(plain):
        write(plain)
    assert not log_of(plain).exists()
