"""What was worked out, kept as long as it is asked for: the least recently used goes first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """The latest ``most`` values by key; safe to share between threads. ``None`` is no value."""

    def __init__(self, most: int) -> None:
        self._known: LRUCache[K, V] = LRUCache(most)
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            return self._known.get(key)

    def keep(self, key: K, value: V) -> V:
        with self._lock:
            self._known[key] = value
        return value

    def read(self, key: K, make: Callable[[], V]) -> V:
        """The value kept, else made now; threads that ask at once may each make it, and nobody waits."""
        known = self.get(key)
        return self.keep(key, make()) if known is None else known
