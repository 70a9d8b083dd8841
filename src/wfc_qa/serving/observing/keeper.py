"""Keeps of answers what the settings allow, after they were given, and forgets it in time."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, Full, Queue
from threading import Thread

from ...config import Settings
from ...errors import StorageError
from ...feedback import DATABASE as FEEDBACK
from ...feedback import FeedbackStore
from ...types import Answer
from .asking import Asking
from .kept import DATABASE, Conversed, Counted, KeptStore
from .metrics import outcome

log = logging.getLogger(__name__)
MOST_WAITING = 10_000
BATCH = 200
PURGE_EVERY_S = 24 * 3600.0

ToJson = Callable[[Answer], str]


@dataclass(frozen=True, slots=True)
class _Note:
    answer: Answer
    time: datetime
    site: str
    session: str
    to_json: ToJson


class Keeper:
    """One a process; a thread of its own writes, and no answer waits for it."""

    def __init__(self, settings: Settings) -> None:
        self._keep, self._days = settings.keep, settings.keep_days
        self._store = KeptStore(settings.data_dir / DATABASE)
        self._feedback = FeedbackStore(settings.data_dir / FEEDBACK)
        self._notes: Queue[_Note | None] = Queue(MOST_WAITING)
        self._thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._live, name="wfc-qa keeper", daemon=True)
        self._thread.start()

    def note(self, answer: Answer, asking: Asking | None, to_json: ToJson) -> None:
        """Take down an answer; what the disk cannot keep up with is lost, not waited for."""
        if self._keep == "nothing":
            return
        site, session = (asking.site, asking.session) if asking else ("", "")
        with suppress(Full):
            self._notes.put_nowait(_Note(answer, datetime.now(UTC), site, session, to_json))

    def close(self) -> None:
        """Write what was noted."""
        if self._thread:
            self._notes.put(None)
            self._thread.join()
            self._thread = None

    def _live(self) -> None:
        next_s = time.monotonic()
        while True:
            if time.monotonic() >= next_s:
                self._forget()
                next_s = time.monotonic() + PURGE_EVERY_S
            try:
                first = self._notes.get(timeout=max(next_s - time.monotonic(), 0))
            except Empty:
                continue
            batch = [first, *self._more()]
            self._write([note for note in batch if note])
            if None in batch:
                return

    def _more(self) -> list[_Note | None]:
        more: list[_Note | None] = []
        with suppress(Empty):
            while len(more) < BATCH:
                more.append(self._notes.get_nowait())
        return more

    def _write(self, notes: list[_Note]) -> None:
        try:
            if notes:
                whole = notes if self._keep == "conversations" else []
                self._store.add([_counted(note) for note in notes], [_conversed(note) for note in whole])
        except StorageError as error:
            log.error("%s", error)
        except Exception:
            log.exception("answers could not be kept")

    def _forget(self) -> None:
        try:
            forget(self._store, self._feedback, datetime.now(UTC) - timedelta(days=self._days))
        except StorageError as error:
            log.error("%s", error)


def forget(store: KeptStore, feedback: FeedbackStore, before: datetime | None) -> int:
    """Delete counts, conversations and feedback older than ``before``, all by default. Raises StorageError."""
    return store.purge(before) + feedback.purge(before)


def pseudonym(session: str) -> str:
    """Tells the turns of one visit together; the session itself cannot be taken up with it."""
    return hashlib.sha256(f"visit:{session}".encode()).hexdigest()[:16] if session else ""


def _counted(note: _Note) -> Counted:
    return Counted(note.time.date().isoformat(), note.site, note.answer.language.value, outcome(note.answer))


def _conversed(note: _Note) -> Conversed:
    answer = note.answer
    return Conversed(
        time_utc=note.time.isoformat(timespec="seconds"),
        site=note.site,
        session=pseudonym(note.session),
        question=storable(answer.question),
        understood=storable(answer.understood),
        answer=storable(note.to_json(answer)),
    )


def storable(text: str) -> str:
    """SQLite takes no lone surrogates."""
    return text.encode("utf-8", "replace").decode()
