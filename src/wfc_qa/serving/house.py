"""What is open behind the door: the engine and the chat, loaded while the server already answers, and renewed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from fastapi import FastAPI, Request
from starlette.types import ASGIApp

from ..config import Settings
from ..errors import WfcError
from ..feedback import DATABASE, FeedbackStore
from .access import Kind, Turnstile, Visitor
from .access.waiting import Gate
from .observing.watch import Watch
from .problems import NotReadyError
from .running.renewal import keep_current

if TYPE_CHECKING:
    from ..engine import Engine
    from .chat import Chat
    from .running.relay import Relay

log = logging.getLogger(__name__)
Status = Literal["starting", "ready", "leaving", "failed"]


class House:
    """Holds engine, chat and tools; all are ``None`` until open, ``error`` says why they never will be. ``engine`` is
    another one after each build: whoever answers takes it once, and holds it until the end."""

    def __init__(
        self, settings: Settings, engine: Engine | None, turnstile: Turnstile, chat: Relay | None = None
    ) -> None:
        """``chat`` leads to the process that runs it, where this one does not."""
        self.settings = settings
        self.engine = engine
        self.turnstile = turnstile
        self.chat: ASGIApp | None = None
        self._relay = chat
        self._own_chat: Chat | None = None
        self.requests: set[asyncio.Future[None]] = set()
        # Counts of answers being made, waited for or read.
        self.under_way: list[Callable[[], int]] = [lambda: turnstile.taken + turnstile.waiting]
        if chat:
            self.under_way.append(lambda: chat.answers)
        self.tools: ASGIApp | None = None
        self.error: WfcError | None = None
        self.feedback = FeedbackStore(settings.data_dir / DATABASE)
        self.watch = Watch(settings, turnstile)
        self.leaving = False
        self.settled = asyncio.Event()

    @property
    def status(self) -> Status:
        if self.error:
            return "failed"
        if self.leaving:
            return "leaving"
        return "ready" if self.chat else "starting"

    @property
    def relays(self) -> bool:
        """Whether the chat runs in another process."""
        return self._relay is not None

    @property
    def busy(self) -> bool:
        """Whether anybody's answer is under way."""
        return any(count() for count in self.under_way)

    async def renew(self, engine: Engine) -> None:
        """Answer from ``engine`` from now on."""
        self.watch.attend(engine)
        self.engine = engine
        if self._own_chat:
            await asyncio.to_thread(self._own_chat.renew, engine)

    def current(self) -> Engine:
        """Raises NotReadyError while there is none."""
        if self.error:
            raise NotReadyError(str(self.error))
        if self.engine is None:
            raise NotReadyError("the index is being opened; ask again in a moment")
        return self.engine

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Open in the background, so that the socket answers at once."""
        closing = asyncio.Event()
        self.watch.keeper.start()
        task = asyncio.create_task(self._live(closing))
        try:
            yield
        finally:
            self.leaving = True
            closing.set()
            await task
            await asyncio.to_thread(self.watch.keeper.close)

    async def _live(self, closing: asyncio.Event) -> None:
        borrowed = self.engine is not None
        try:
            if self.engine is None:
                self.engine = await asyncio.to_thread(_open_engine, self.settings)
            self.watch.attend(self.engine)
            async with self._open_chat() as chat, _open_tools(self.current) as tools:
                self.chat, self.tools = chat, tools
                self.settled.set()
                await keep_current(self, closing)
        except WfcError as error:
            self.error = error
        except Exception as error:
            log.exception("the server could not start")
            self.error = WfcError(f"the server could not start: {error}; run `wfc-qa doctor`")
        finally:
            self.settled.set()
            if self.engine and not borrowed:
                self.engine.close()

    @asynccontextmanager
    async def _open_chat(self) -> AsyncIterator[ASGIApp]:
        if self._relay:
            async with self._relay:
                yield self._relay
            return
        # Those who read the chat stand in line as one: its own queue serves them in turn.
        gate = Gate(self.turnstile, asyncio.get_running_loop(), Visitor(Kind.LOCAL, "chat"))
        self._own_chat = await asyncio.to_thread(_build_chat, self.current, gate)
        # This must be entered and left by one task, and Starlette enters no late mount's.
        async with self._own_chat.app.router.lifespan_context(self._own_chat.app):
            yield self._own_chat.app


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


def ready_engine(request: Request) -> Engine:
    """The engine, or NotReadyError while it is being opened."""
    return house_of(request).current()


def _open_engine(settings: Settings) -> Engine:
    from ..engine import open_engine

    return open_engine(settings)


def _build_chat(current: Callable[[], Engine], gate: Gate) -> Chat:
    from .chat import build_chat

    return build_chat(current, gate)


@asynccontextmanager
async def _open_tools(current: Callable[[], Engine]) -> AsyncIterator[ASGIApp | None]:
    """``None`` where the package that they need is not installed."""
    if find_spec("mcp") is None:
        yield None
        return
    open_door = await asyncio.to_thread(_load_tools)
    async with open_door(current) as tools:
        yield tools


def _load_tools() -> Callable[[Callable[[], Engine]], AbstractAsyncContextManager[ASGIApp]]:
    from .mcp_server import open_door

    return open_door
