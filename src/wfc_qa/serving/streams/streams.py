"""Streams of events, kept in the state: any process tells them on, and a reader who left may come back."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

from ...errors import NotFoundError
from .events import HEART_BEAT, Event, begun, read_event

UNKNOWN = "this stream is not, or no longer, kept here; ask again"


class Kept(Protocol):
    """What streams need of the state."""

    async def append(self, key: str, value: str, ttl_s: float) -> int: ...

    async def read(self, key: str, start: int) -> list[str]: ...

    async def exists(self, key: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: how long events are kept, how long work goes on unread, between two signs of life, between two looks
    for what another process told."""

    kept_s: float = 120
    grace_s: float = 15
    beat_s: float = 4
    look_s: float = 0.25


@dataclass(slots=True)
class _Work:
    """An answer that this process makes; ``news`` is set at each event, and then replaced."""

    task: asyncio.Task[None]
    halt: Callable[[], None]
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self) -> None:
        news, self.news = self.news, asyncio.Event()
        news.set()


class Streams:
    """One a process. ``cut`` is the event that ends a stream whose maker died; ``stopped`` one that nobody read on."""

    def __init__(self, state: Kept, cut: Event, stopped: Event, pace: Pace = Pace()) -> None:
        self._state = state
        self._cut, self._stopped = cut, stopped
        self._pace = pace
        self._works: dict[str, _Work] = {}
        # How many streams are read from this process, wherever they are made.
        self.readers = 0

    async def begin(self, owner: str, events: AsyncIterator[Event], halt: Callable[[], None]) -> str:
        """Set ``events`` to work, whoever reads them; the stream's name, which only ``owner`` may read."""
        stream = uuid4().hex
        await self._state.append(_events(stream), _sealed(owner), self._pace.kept_s)
        await self._sign(_maker(stream))
        await self._sign(_reader(stream))
        making = asyncio.create_task(self._make(stream, events))
        self._works[stream] = _Work(asyncio.create_task(self._mind(stream, making, halt)), halt)
        return stream

    async def tell(self, stream: str, after: int = 0) -> AsyncGenerator[str, None]:
        """The stream from its event ``after`` on, as text to send, until its last event."""
        self.readers += 1
        try:
            async for text in self._tell(stream, after):
                yield text
        finally:
            self.readers -= 1

    async def _tell(self, stream: str, after: int) -> AsyncGenerator[str, None]:
        yield begun(stream, after)
        number, told_s, signed_s = after, time.monotonic(), 0.0
        while True:
            work = self._works.get(stream)
            news = work.news if work else None
            if time.monotonic() - signed_s >= self._pace.beat_s:
                await self._sign(_reader(stream))
                signed_s = time.monotonic()
            for kept in await self._state.read(_events(stream), number + 1):
                number, event, told_s = number + 1, read_event(kept), time.monotonic()
                yield event.sent(stream, number)
                if event.is_last:
                    return
            if news is None and not await self._state.exists(_maker(stream)):
                # Whatever was told while its maker came to an end is read first.
                if not await self._state.read(_events(stream), number + 1):
                    yield self._cut.sent(stream, number + 1)
                    return
                continue
            if time.monotonic() - told_s >= self._pace.beat_s:
                told_s = time.monotonic()
                yield HEART_BEAT
            await self._wait(news)

    async def first(self, stream: str, within_s: float) -> Event | None:
        """The first event, where it comes within ``within_s``."""
        until = time.monotonic() + within_s
        while (left := until - time.monotonic()) > 0:
            work = self._works.get(stream)
            news = work.news if work else None
            if kept := await self._state.read(_events(stream), 1):
                return read_event(kept[0])
            await self._wait(news, left)
        return None

    async def is_told(self, stream: str, after: int) -> bool:
        """Whether nothing comes after event ``after``."""
        kept = await self._state.read(_events(stream), 1)
        return bool(kept) and len(kept) <= after and read_event(kept[-1]).is_last

    async def check_owner(self, stream: str, owner: str) -> None:
        """Raises NotFoundError, for a stream of somebody else as for none."""
        if (await self._state.read(_events(stream), 0))[:1] != [_sealed(owner)]:
            raise NotFoundError(UNKNOWN)

    async def stop(self, stream: str) -> None:
        """End the work, wherever it is done, at its process's next look."""
        await self._state.append(_stop(stream), "", self._pace.kept_s)

    async def aclose(self) -> None:
        """End what is under way; a reader elsewhere is told that it was cut."""
        for work in self._works.values():
            work.halt()
            work.task.cancel()
        await asyncio.gather(*(work.task for work in self._works.values()), return_exceptions=True)

    async def _make(self, stream: str, events: AsyncIterator[Event]) -> None:
        async for event in events:
            await self._state.append(_events(stream), event.kept(), self._pace.kept_s)
            if work := self._works.get(stream):
                work.tell()

    async def _mind(self, stream: str, making: asyncio.Task[None], halt: Callable[[], None]) -> None:
        """Say that the work is alive, until it ends, is stopped or nobody reads it."""
        signed_s = time.monotonic()
        try:
            while not making.done():
                await asyncio.wait({making}, timeout=self._pace.look_s)
                if time.monotonic() - signed_s >= self._pace.beat_s:
                    await self._sign(_maker(stream))
                    signed_s = time.monotonic()
                if not making.done() and await self._is_left(stream):
                    halt()
                    making.cancel()
                    await asyncio.wait({making})
            if making.cancelled() or making.exception():
                await self._state.append(_events(stream), self._stopped.kept(), self._pace.kept_s)
        finally:
            halt()
            making.cancel()
            if work := self._works.pop(stream, None):
                work.tell()

    async def _is_left(self, stream: str) -> bool:
        return await self._state.exists(_stop(stream)) or not await self._state.exists(_reader(stream))

    async def _sign(self, key: str) -> None:
        await self._state.append(key, "", self._pace.grace_s)

    async def _wait(self, news: asyncio.Event | None, most_s: float | None = None) -> None:
        """For news of our own work, or a look at another's."""
        if news is None:
            await asyncio.sleep(min(self._pace.look_s, most_s or self._pace.look_s))
            return
        try:
            async with asyncio.timeout(min(self._pace.beat_s, most_s or self._pace.beat_s)):
                await news.wait()
        except TimeoutError:
            return


def _events(stream: str) -> str:
    return f"stream:{stream}"


def _maker(stream: str) -> str:
    return f"stream:{stream}:maker"


def _reader(stream: str) -> str:
    return f"stream:{stream}:reader"


def _stop(stream: str) -> str:
    return f"stream:{stream}:stop"


def _sealed(owner: str) -> str:
    """No address or key stands in the state in the clear."""
    return hashlib.sha256(owner.encode()).hexdigest()
