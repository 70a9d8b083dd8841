"""An answer on its way, told to readers who wait asynchronously."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import suppress

from .types import Step


async def follow(
    steps: Iterator[Step], halt: Callable[[], None] = lambda: None
) -> AsyncGenerator[Step, None]:
    """Each step as it is made, in a thread; leaving calls ``halt``, which may end what a step waits for, and closes
    ``steps``."""
    pending = None
    try:
        while True:
            pending = asyncio.ensure_future(asyncio.to_thread(next, steps, None))
            # A thread cannot be stopped: what is being made is made, but nothing follows it.
            step = await asyncio.shield(pending)
            if step is None:
                return
            yield step
    finally:
        halt()
        if pending is not None:
            pending.add_done_callback(lambda last: _leave(steps, last))


def _leave(steps: Iterator[Step], last: asyncio.Future[Step | None]) -> None:
    # Asked for here, so that the loop does not complain of a failure that nobody waits for any more.
    if not last.cancelled():
        last.exception()
    if isinstance(steps, Generator):
        with suppress(ValueError):
            steps.close()
