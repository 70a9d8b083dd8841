"""State in Redis, shared by every process that names the same one."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar, cast

import redis.asyncio as redis
from redis.exceptions import RedisError

from .errors import StateError

PREFIX = "wfc-qa:state:"
PATIENCE_S = 2
T = TypeVar("T")


class RedisState:
    """State under one prefix; one event loop may use it."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, decode_responses=True, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S
        )

    async def add_once(self, key: str, ttl_s: float) -> bool:
        return bool(await _told(self._redis.set(PREFIX + key, "1", nx=True, px=_ms(ttl_s))))

    async def append(self, key: str, value: str, ttl_s: float) -> int:
        async with self._redis.pipeline(transaction=True) as both:
            both.rpush(PREFIX + key, value)
            both.pexpire(PREFIX + key, _ms(ttl_s))
            length, _ = await _told(both.execute())
        return int(length)

    async def read(self, key: str, start: int) -> list[str]:
        values = await _told(cast("Awaitable[list[str]]", self._redis.lrange(PREFIX + key, start, -1)))
        return [str(value) for value in values]

    async def exists(self, key: str) -> bool:
        return bool(await _told(self._redis.exists(PREFIX + key)))

    async def check(self) -> None:
        await _told(self._redis.ping())

    async def aclose(self) -> None:
        await self._redis.aclose()


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))


async def _told(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except (RedisError, OSError) as error:
        raise StateError(
            f"the state cannot be reached ({type(error).__name__}); start Redis or mend state_url",
            {"Retry-After": "1"},
        ) from None
