"""The fair queue before answers: a few at once, and whoever waits is served in turn, visitor by visitor."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import TypeVar

from ...steps import LOOK_S, Gone, GoneError
from .errors import TooManyError
from .visitor import Kind, Visitor

# How many questions one visitor may have waiting; programs with a key, and this machine's own, speak for many.
EACH = {Kind.SESSION: 3, Kind.ADDRESS: 8}
# Sessions cost nothing: all of one address may have this share of the line, an office's behind its one address too.
SHARE_OF_ADDRESS = 0.25
FIRST_GUESS_S = 1.0
NEWS = 0.2
LONGEST_S = 120.0

Line = tuple[Kind, str]
Place = asyncio.Future[None]
T = TypeVar("T")


class Turnstile:
    """At most ``places`` answers at once and ``waiting`` questions in line; one event loop uses it."""

    def __init__(self, places: int, waiting: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = places
        self._most = waiting
        self._clock = clock
        self._taken = 0
        # Visitors in the order in which they are next; each with the questions it has waiting.
        self._lines: OrderedDict[Line, deque[Place]] = OrderedDict()
        self._from = Counter[str]()
        self._answer_s = FIRST_GUESS_S

    @property
    def taken(self) -> int:
        return self._taken

    @property
    def waiting(self) -> int:
        return sum(map(len, self._lines.values()))

    @asynccontextmanager
    async def turn(self, visitor: Visitor, gone: Gone | None = None) -> AsyncIterator[None]:
        """A place for one answer, waited for. Raises TooManyError when too many wait, GoneError once the reader is
        ``gone``."""
        await self._enter(visitor, gone)
        began = self._clock()
        try:
            yield
        finally:
            self._answer_s += NEWS * (self._clock() - began - self._answer_s)
            self._leave()

    async def through(
        self, visitor: Visitor, steps: AsyncGenerator[T, None], gone: Gone | None = None
    ) -> AsyncGenerator[T, None]:
        """Each of ``steps`` within one turn. Raises what ``turn`` raises, before the first step."""
        async with aclosing(steps), self.turn(visitor, gone):
            async for step in steps:
                yield step

    def wait_s(self) -> float:
        """Seconds until a question that came now would have its turn, as answers took lately."""
        return min(self._answer_s * (self.waiting + 1) / self._places, LONGEST_S)

    async def _enter(self, visitor: Visitor, gone: Gone | None) -> None:
        if self._taken < self._places:
            self._taken += 1
            return
        who = (visitor.kind, visitor.name)
        line = self._lines.get(who, ())
        if len(line) >= EACH.get(visitor.kind, self._most):
            raise TooManyError("you have too many questions waiting already", self.wait_s())
        if self.waiting >= self._most:
            raise TooManyError("too many questions are waiting", self.wait_s())
        if visitor.address and self._from[visitor.address] >= max(1, self._most * SHARE_OF_ADDRESS):
            raise TooManyError("too many questions are waiting from your address", self.wait_s())
        place: Place = asyncio.get_running_loop().create_future()
        self._lines.setdefault(who, deque()).append(place)
        self._from[visitor.address] += 1
        try:
            await _stand(place, gone)
        except BaseException:
            self._quit(who, place)
            raise
        finally:
            self._from[visitor.address] -= 1
            if not self._from[visitor.address]:
                del self._from[visitor.address]

    def _leave(self) -> None:
        """Hand the place to the visitor who is next, and let that visitor's other questions wait a round."""
        if not self._lines:
            self._taken -= 1
            return
        who, line = self._lines.popitem(last=False)
        line.popleft().set_result(None)
        if line:
            self._lines[who] = line

    def _quit(self, who: Line, place: Place) -> None:
        if place.done() and not place.cancelled():
            # The place was handed over just as its visitor left.
            self._leave()
            return
        line = self._lines[who]
        line.remove(place)
        if not line:
            del self._lines[who]


async def _stand(place: Place, gone: Gone | None) -> None:
    """Wait for ``place``. Raises GoneError."""
    while not place.done():
        await asyncio.wait({place}, timeout=LOOK_S if gone else None)
        if gone and not place.done() and await gone():
            raise GoneError
