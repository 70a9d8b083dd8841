"""Counts and conversations in SQLite: several processes may write, and what is deleted is gone from the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...errors import StorageError
from ...feedback import WAIT_S, use_wal

DATABASE = "kept.sqlite"
VERSION = 1
SCHEMA = (
    "CREATE TABLE answered (day TEXT NOT NULL, site TEXT NOT NULL, language TEXT NOT NULL, outcome TEXT NOT NULL,"
    " answers INTEGER NOT NULL, PRIMARY KEY (day, site, language, outcome)) STRICT, WITHOUT ROWID",
    "CREATE TABLE conversation (time_utc TEXT NOT NULL, site TEXT NOT NULL, session TEXT NOT NULL,"
    " question TEXT NOT NULL, understood TEXT NOT NULL, answer TEXT NOT NULL) STRICT",
    "CREATE INDEX conversation_time ON conversation (time_utc)",
)


@dataclass(frozen=True, slots=True)
class Counted:
    """``day`` is UTC, as YYYY-MM-DD; ``site`` is empty for what no portal asked."""

    day: str
    site: str
    language: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Conversed:
    """``answer`` is the answer's JSON; ``session`` tells turns of one visit together, and nobody apart from it."""

    time_utc: str
    site: str
    session: str
    question: str
    understood: str
    answer: str


class KeptStore:
    """Opened for each use; any thread and process may. Raises StorageError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, counts: Sequence[Counted], conversations: Sequence[Conversed] = ()) -> None:
        with self._open() as connection, connection:
            connection.executemany(
                "INSERT INTO answered VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET answers = answers + 1",
                [(one.day, one.site, one.language, one.outcome) for one in counts],
            )
            connection.executemany(
                "INSERT INTO conversation VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (one.time_utc, one.site, one.session, one.question, one.understood, one.answer)
                    for one in conversations
                ],
            )

    def counts(self) -> list[tuple[Counted, int]]:
        if not self.path.is_file():
            return []
        with self._open() as connection:
            rows = connection.execute(
                "SELECT * FROM answered ORDER BY day, site, language, outcome"
            ).fetchall()
        return [(Counted(*row[:4]), row[4]) for row in rows]

    def conversations(self) -> list[Conversed]:
        """Oldest first."""
        if not self.path.is_file():
            return []
        with self._open() as connection:
            rows = connection.execute("SELECT * FROM conversation ORDER BY time_utc, rowid").fetchall()
        return [Conversed(*row) for row in rows]

    def purge(self, before: datetime | None = None) -> int:
        """Delete what is older than ``before``, all by default, so that the disk holds nothing of it; how many rows."""
        if not self.path.is_file():
            return 0
        time_utc = before.astimezone(UTC).isoformat(timespec="seconds") if before else "~"
        with self._open() as connection:
            with connection:
                gone = connection.execute("DELETE FROM conversation WHERE time_utc < ?", (time_utc,)).rowcount
                gone += connection.execute("DELETE FROM answered WHERE day < ?", (time_utc[:10],)).rowcount
            if gone:
                wipe(connection)
        return gone

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Nobody's but the service's; what SQLite writes beside it takes the same mode.
            self.path.touch(0o600)
            self.path.chmod(0o600)
            with closing(sqlite3.connect(self.path, timeout=WAIT_S)) as connection:
                use_wal(connection)
                connection.execute("PRAGMA secure_delete = ON")
                self._lay_out(connection)
                yield connection
        except (OSError, sqlite3.Error) as error:
            raise StorageError(
                f"what is kept of answers could not be written to {self.path}: {error}; free or open that folder"
            ) from None

    def _lay_out(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA user_version").fetchone() == (VERSION,):
            return
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise StorageError(
                    f"{self.path} was written by a newer wfc-qa (schema {version}); update wfc-qa or move the file"
                )
            if version == 0:
                for statement in SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {VERSION}")


def wipe(connection: sqlite3.Connection) -> None:
    """Leave nothing of deleted rows in file or log; readers under way may delay the log's end, not the file's."""
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
