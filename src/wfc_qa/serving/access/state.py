"""What outlives a request for a while: used tickets, streams. In this process, or in Redis for several."""

from __future__ import annotations

import heapq
import re
import time
from collections.abc import Callable
from typing import Protocol


class State(Protocol):
    """Every entry dies ``ttl_s`` seconds after it was last written. Raises StateError."""

    async def add_once(self, key: str, ttl_s: float) -> bool:
        """Whether ``key`` was not there; now it is. Of many who add one key at once, one alone is told so."""
        ...

    async def append(self, key: str, value: str, ttl_s: float) -> int:
        """The number of values now under ``key``."""
        ...

    async def read(self, key: str, start: int) -> list[str]:
        """The values under ``key`` from index ``start`` on."""
        ...

    async def exists(self, key: str) -> bool: ...

    async def check(self) -> None:
        """Raises StateError where the state cannot be used."""
        ...

    async def aclose(self) -> None: ...


class MemoryState:
    """State of one process; what has died is dropped at the next write."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._values: dict[str, list[str]] = {}
        self._ends: dict[str, float] = {}
        self._next: list[tuple[float, str]] = []

    async def add_once(self, key: str, ttl_s: float) -> bool:
        self._drop()
        if key in self._ends:
            return False
        self._values[key] = []
        self._keep(key, ttl_s)
        return True

    async def append(self, key: str, value: str, ttl_s: float) -> int:
        self._drop()
        values = self._values.setdefault(key, [])
        values.append(value)
        self._keep(key, ttl_s)
        return len(values)

    async def read(self, key: str, start: int) -> list[str]:
        return self._values[key][start:] if self._is_alive(key) else []

    async def exists(self, key: str) -> bool:
        return self._is_alive(key)

    async def check(self) -> None:
        return

    async def aclose(self) -> None:
        self._values.clear()
        self._ends.clear()
        self._next.clear()

    def _is_alive(self, key: str) -> bool:
        return self._ends.get(key, 0) > self._clock()

    def _keep(self, key: str, ttl_s: float) -> None:
        is_queued = key in self._ends
        self._ends[key] = self._clock() + ttl_s
        # A key waits once in the heap, however often it is written.
        if not is_queued:
            heapq.heappush(self._next, (self._ends[key], key))

    def _drop(self) -> None:
        now = self._clock()
        while self._next and self._next[0][0] <= now:
            _, key = heapq.heappop(self._next)
            if self._ends[key] > now:
                heapq.heappush(self._next, (self._ends[key], key))
                continue
            del self._ends[key], self._values[key]


def open_state(url: str) -> State:
    """The state at ``url``; nothing is connected yet."""
    if url.startswith("memory:"):
        return MemoryState()
    from .state_redis import RedisState

    return RedisState(url)


def shown_url(url: str) -> str:
    """``url`` without user and password."""
    return re.sub(r"//[^/]*@", "//", url)
