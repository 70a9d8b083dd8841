"""A turn for work that runs in a thread: held by the server's event loop, waited for with a beat."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from concurrent.futures import Future
from threading import Event
from typing import TypeVar

from .turnstile import Turnstile
from .visitor import Visitor

T = TypeVar("T")


class Gate:
    """The turnstile as threads reach it: ``loop`` is the one that uses the turnstile."""

    def __init__(self, turnstile: Turnstile, loop: asyncio.AbstractEventLoop, visitor: Visitor) -> None:
        self._turnstile = turnstile
        self._loop = loop
        self._visitor = visitor

    def through(self, steps: Generator[T, None, None], every_s: float) -> Generator[T | None, None, None]:
        """``steps`` within one turn, ``None`` after ``every_s`` of waiting for it; closing it leaves. Raises
        TooManyError."""
        entered, done = Event(), asyncio.Event()
        turn = asyncio.run_coroutine_threadsafe(self._hold(entered, done), self._loop)
        try:
            while not entered.wait(every_s) and not turn.done():
                yield None
            if not entered.is_set():
                turn.result()
            yield from steps
        finally:
            self._loop.call_soon_threadsafe(_leave, turn, done)

    async def _hold(self, entered: Event, done: asyncio.Event) -> None:
        async with self._turnstile.turn(self._visitor):
            entered.set()
            await done.wait()


def _leave(turn: Future[None], done: asyncio.Event) -> None:
    """Cancelling gives up a place in line, and a turn as well as its end does."""
    done.set()
    turn.cancel()
