"""How whoever asked ends an answer that another thread is at work on."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class Halt:
    """Called, it closes what the answer waits for, now or as soon as there is such a thing; safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._called = False
        self._close: Callable[[], None] | None = None

    def __call__(self) -> None:
        with self._lock:
            self._called = True
            close = self._close
        if close:
            close()

    @property
    def called(self) -> bool:
        with self._lock:
            return self._called

    def watch(self, close: Callable[[], None]) -> None:
        """``close`` must be safe to call twice and from another thread than the one at work."""
        with self._lock:
            self._close = close
            called = self._called
        if called:
            close()
