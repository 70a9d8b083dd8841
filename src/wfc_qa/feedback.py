"""What readers thought of answers, kept in SQLite."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from .errors import StorageError

DATABASE = "feedback.sqlite"
VERSION = 1
WAIT_S = 30
SCHEMA = """
CREATE TABLE feedback (
    feedback_id TEXT PRIMARY KEY,
    time_utc TEXT NOT NULL,
    answer_id TEXT NOT NULL,
    generation TEXT NOT NULL,
    question TEXT NOT NULL,
    understood TEXT NOT NULL,
    answer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('up', 'down')),
    reason TEXT NOT NULL
) STRICT
"""


class Verdict(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One reader's verdict; saving the same ``feedback_id`` again replaces verdict and reason."""

    feedback_id: str
    answer_id: str
    generation: str
    question: str
    understood: str
    answer: str
    verdict: Verdict
    reason: str = ""


FIELDS = tuple(field.name for field in fields(Feedback))


class FeedbackStore:
    """One SQLite file in WAL mode; any thread may save. Raises StorageError."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def save(self, feedback: Feedback) -> None:
        row = (
            feedback.feedback_id,
            datetime.now(UTC).isoformat(timespec="seconds"),
            feedback.answer_id,
            feedback.generation,
            feedback.question,
            feedback.understood,
            feedback.answer,
            feedback.verdict.value,
            feedback.reason,
        )
        try:
            with closing(self._connect()) as connection, connection:
                connection.execute(
                    "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (feedback_id)"
                    " DO UPDATE SET verdict = excluded.verdict, reason = excluded.reason",
                    row,
                )
        except (OSError, sqlite3.Error) as error:
            raise StorageError(
                f"feedback could not be written to {self.path}: {error}; free or open that folder"
            ) from None

    def purge(self, before: datetime | None = None) -> int:
        """Delete what is older than ``before``, all by default, so that the disk holds nothing of it; how many rows."""
        if not self.path.is_file():
            return 0
        time_utc = before.astimezone(UTC).isoformat(timespec="seconds") if before else "~"
        try:
            with closing(self._connect()) as connection:
                connection.execute("PRAGMA secure_delete = ON")
                with connection:
                    gone = connection.execute("DELETE FROM feedback WHERE time_utc < ?", (time_utc,)).rowcount
                if gone:
                    connection.execute("VACUUM")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except (OSError, sqlite3.Error) as error:
            raise StorageError(
                f"feedback in {self.path} cannot be deleted: {error}; free that file"
            ) from None
        return gone

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Nobody's but the service's; what SQLite writes beside it takes the same mode.
        self.path.touch(0o600)
        self.path.chmod(0o600)
        connection = sqlite3.connect(self.path, timeout=WAIT_S)
        use_wal(connection)
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                connection.execute(SCHEMA)
                connection.execute(f"PRAGMA user_version = {VERSION}")
        if version > VERSION:
            connection.close()
            raise StorageError(
                f"{self.path} was written by a newer wfc-qa (schema {version}); update wfc-qa or move the file"
            )
        return connection


def use_wal(connection: sqlite3.Connection) -> None:
    """Let readers and a writer go on beside each other. Of several who come first, SQLite refuses all but one at once,
    whatever their patience, so they ask again; whatever else fails, fails at once."""
    until_s = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # The low byte is the kind, the rest tells more of it.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until_s:
                raise
            time.sleep(0.01)
        else:
            return


def read_feedback(path: Path) -> list[Feedback]:
    """All feedback kept in ``path``, oldest first; the file is not changed. Raises StorageError."""
    if not path.is_file():
        raise StorageError(
            f"there is no feedback at {path}; give the file that the chat writes, feedback.sqlite"
        )
    try:
        with closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
        ) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                raise StorageError(
                    f"{path} is of schema {version}, not {VERSION}; read it with the wfc-qa that wrote it"
                )
            query = f"SELECT {', '.join(FIELDS)} FROM feedback ORDER BY time_utc, feedback_id"  # noqa: S608
            rows = connection.execute(query).fetchall()
            told = [dict(zip(FIELDS, row, strict=True)) for row in rows]
    except sqlite3.Error as error:
        raise StorageError(f"feedback in {path} cannot be read: {error}; give another file") from None
    return [Feedback(**{**one, "verdict": Verdict(one["verdict"])}) for one in told]
