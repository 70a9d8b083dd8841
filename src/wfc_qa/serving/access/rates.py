"""How often: moving windows, counted by visitor and kind of request."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

from ...config import Settings
from .errors import StateError, TooManyError

PREFIX = "wfc-qa:limits"
PATIENCE_S = 2
SWEEP_S = 10.0


@dataclass(frozen=True, slots=True)
class Counted:
    """One count a request adds to: ``what`` names the limit, ``who`` whom it counts."""

    what: str
    who: str


class Rates:
    """The limits of the settings, each by its name: address, session, site, key, feedback."""

    def __init__(self, settings: Settings) -> None:
        self._limits: dict[str, Sequence[RateLimitItem]] = {
            "address": parse_many(settings.limit_address),
            "session": parse_many(settings.limit_session),
            "site": parse_many(settings.limit_site),
            "key": parse_many(settings.limit_key),
            "feedback": parse_many(settings.limit_feedback),
        }
        self._windows = MovingWindowRateLimiter(_storage(settings.state_url))

    async def count(self, kind: str, *counts: Counted) -> None:
        """Count a request of ``kind``. Raises TooManyError, then as a rule having counted nothing, and StateError."""
        try:
            await self._count(
                [(limit, (kind, one.what, one.who)) for one in counts for limit in self._limits[one.what]]
            )
        except StorageError as error:
            cause = type(error.storage_error).__name__
            raise StateError(
                f"the limits cannot be read ({cause}); start Redis or mend state_url", {"Retry-After": "1"}
            ) from None

    async def _count(self, counts: Sequence[tuple[RateLimitItem, tuple[str, ...]]]) -> None:
        for limit, names in counts:
            if not await self._windows.test(limit, *names):
                raise await self._too_many(limit, names)
        for limit, names in counts:
            # Between the two, others may have asked.
            if not await self._windows.hit(limit, *names):
                raise await self._too_many(limit, names)

    async def _too_many(self, limit: RateLimitItem, names: tuple[str, ...]) -> TooManyError:
        ends, _ = await self._windows.get_window_stats(limit, *names)
        return TooManyError(f"more than {limit} for this {names[1]}", ends - time.time())


class SweptStorage(MemoryStorage):
    """Looks through all keys for what is over every ``SWEEP_S`` seconds. The library does so over and over while there
    are hits, a thread's work for each key: with a thousand visitors that takes most of a core."""

    def __init__(self) -> None:
        super().__init__()
        self._next_s = 0.0

    async def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802
        if (now_s := time.monotonic()) >= self._next_s:
            self._next_s = now_s + SWEEP_S
            await super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]


def _storage(url: str) -> MemoryStorage | RedisStorage:
    if url.startswith("memory:"):
        return SweptStorage()
    return RedisStorage(
        f"async+{url}" if url.startswith("redis") else url,
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix=PREFIX,
        socket_timeout=PATIENCE_S,
        socket_connect_timeout=PATIENCE_S,
    )
