"""What the processes of several do: a worker serves the site, one more the chat; both end with the pipe to the team."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ...config import Settings
from ...errors import WfcError
from ..problems import answer_failure
from .relay import OPENING, SCHEME, Relay
from .server import Server, run

if TYPE_CHECKING:
    from ..house import House

READY = ""


def work(settings: Settings, listener: socket.socket, pipe: Connection, chat: str) -> None:
    """Serve the site at ``listener``, and the chat by way of the socket ``chat``."""
    from ..app import create_app

    _live(create_app(settings, chat=Relay(chat)), settings, listener, pipe)


def chat(settings: Settings, listener: socket.socket, pipe: Connection) -> None:
    """Serve the chat to the workers, who have let its readers in."""
    from ..access import Desk
    from ..house import House
    from ..walls import RootPath
    from .parting import Parting

    desk = Desk(settings)
    house = House(settings, None, desk.turnstile)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with house.lifespan(app), aclosing(desk):
            yield

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    app.state.house = house
    app.add_middleware(RootPath, root=settings.root_path)
    app.add_middleware(Parting, house=house)
    app.mount("/", _Inner(house))
    _live(app, settings, listener, pipe)


class _Inner:
    """The chat, under the scheme by which its reader came."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        app: ASGIApp = self.house.chat or answer_failure(Request(scope), 503, OPENING)
        scheme = Headers(scope=scope).get(SCHEME.decode(), scope["scheme"])
        await app({**scope, "scheme": scheme}, receive, send)


def _live(app: FastAPI, settings: Settings, listener: socket.socket, pipe: Connection) -> None:
    from ..observing.logs import set_up_logs

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_up_logs(settings)
    server = Server(app, one_of_several=True)

    def settled() -> None:
        pipe.send(READY)
        # The team says nothing: what can be read is its end.
        asyncio.get_running_loop().add_reader(pipe.fileno(), server.leave)

    try:
        run(server, listener, app.state.house, settled)
    except WfcError as error:
        pipe.send(str(error))
