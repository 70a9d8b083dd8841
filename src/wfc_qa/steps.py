"""An answer on its way, told to readers who wait asynchronously and may leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from threading import Lock
from typing import TypeVar

T = TypeVar("T")
# Threads of our own: each waits as long as a language model takes, and pages and health are served from others.
AT_WORK = ThreadPoolExecutor(32, "wfc-qa answer")
LOOK_S = 0.25

Gone = Callable[[], Awaitable[bool]]


class Halt:
    """How whoever asked ends an answer that another thread is at work on: called, it closes what the answer waits for,
    now or as soon as there is such a thing; safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._called = False
        self._close: Callable[[], None] | None = None

    @property
    def called(self) -> bool:
        return self._called

    def __call__(self) -> None:
        with self._lock:
            self._called = True
            close = self._close
        if close:
            close()

    def watch(self, close: Callable[[], None]) -> None:
        """``close`` must be safe to call twice and from another thread than the one at work."""
        with self._lock:
            self._close = close
            called = self._called
        if called:
            close()


class GoneError(Exception):
    """Nobody waits for the answer any more."""


async def follow(
    steps: Iterator[T], halt: Callable[[], None] = lambda: None, gone: Gone | None = None
) -> AsyncGenerator[T, None]:
    """Each step as it is made, in a thread; leaving, or being ``gone``, calls ``halt``, which may end what a step waits
    for, and closes ``steps``. Raises GoneError."""
    making: Future[T | None] | None = None
    context = copy_context()
    try:
        while True:
            making = AT_WORK.submit(context.run, _next, steps)
            step = await _wait_for(making, gone)
            if step is None:
                return
            # Steps that come fast leave no wait in which to look.
            if gone and await gone():
                raise GoneError
            yield step
    finally:
        halt()
        if making is not None:
            making.cancel()
            making.add_done_callback(lambda _: _close(steps))


async def work(task: Callable[[], T], halt: Callable[[], None] = lambda: None, gone: Gone | None = None) -> T:
    """What ``task`` gives, made in a thread; leaving, or being ``gone``, calls ``halt``. Raises GoneError."""
    making = AT_WORK.submit(copy_context().run, task)
    try:
        return await _wait_for(making, gone)
    finally:
        if not making.done():
            halt()
            making.cancel()


async def _wait_for(making: Future[T], gone: Gone | None) -> T:
    """A thread cannot be stopped: who leaves leaves it to itself."""
    coming = asyncio.wrap_future(making)
    # Asked for here, so that the loop does not complain of a failure that nobody waits for any more.
    coming.add_done_callback(lambda last: last.cancelled() or last.exception())
    while not coming.done():
        await asyncio.wait({coming}, timeout=LOOK_S if gone else None)
        if gone and not coming.done() and await gone():
            raise GoneError
    return coming.result()


def _next(steps: Iterator[T]) -> T | None:
    return next(steps, None)


def _close(steps: Iterator[T]) -> None:
    if isinstance(steps, Generator):
        with suppress(ValueError):
            steps.close()
