"""Feedback in SQLite."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from wfc_qa.errors import StorageError
from wfc_qa.feedback import VERSION, Feedback, FeedbackStore, Verdict

GIVEN = Feedback("f1", "a1", "g1", "问题？", "问题？", "回答。", Verdict.DOWN)


def rows(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(
            "SELECT feedback_id, verdict, reason FROM feedback ORDER BY feedback_id"
        ).fetchall()


def test_saving_again_replaces_verdict_and_reason(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "deep" / "feedback.sqlite")
    store.save(GIVEN)
    store.save(replace(GIVEN, verdict=Verdict.UP, reason="'; DROP TABLE feedback; --"))
    assert rows(store.path) == [("f1", "up", "'; DROP TABLE feedback; --")]


def test_many_threads_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: FeedbackStore(path).save(replace(GIVEN, feedback_id=f"{n:03}")), range(64)))
    assert [row[0] for row in rows(path)] == [f"{n:03}" for n in range(64)]


def test_the_schema_is_versioned_and_a_newer_one_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    FeedbackStore(path).save(GIVEN)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StorageError, match="newer"):
        FeedbackStore(path).save(replace(GIVEN, feedback_id="f2"))
    assert len(rows(path)) == 1


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match="could not be written"):
        FeedbackStore(tmp_path / "file" / "feedback.sqlite").save(GIVEN)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StorageError, match="could not be written"):
        FeedbackStore(path).save(GIVEN)
