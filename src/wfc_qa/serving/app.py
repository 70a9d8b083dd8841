"""The server: one process, answering from its first second."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan, Receive, Scope, Send

from .. import __version__
from ..config import Settings
from ..errors import WfcError
from . import api, health, mcp_door, openai_api, pages, widget
from .access import Desk
from .house import House
from .observing.logs import set_up_logs
from .observing.watch import Watched
from .openapi import install_document
from .problems import error_page, install
from .render import STATIC
from .streams import Streams
from .streams.answers import CUT, STOPPED
from .walls import BodyLimit, ExactCors, ForwardedScheme, GradioDoor, PageHeaders, RootPath

if TYPE_CHECKING:
    from ..engine import Engine

GRACE_S = 2
ROUTERS = (
    *(health.router, api.router, openai_api.router),
    *(mcp_door.router, pages.router, widget.router),
)


def create_app(settings: Settings, engine: Engine | None = None) -> FastAPI:
    """The whole site; without an engine it opens one in the background once the server runs."""
    desk = Desk(settings)
    house = House(settings, engine, desk.turnstile)
    app = FastAPI(
        title="wfc-qa",
        version=__version__,
        lifespan=_lifespan(house, desk),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.house, app.state.desk = house, desk
    app.state.streams = Streams(desk.state, CUT, STOPPED)
    install(app)
    install_document(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(ExactCors)
    app.add_middleware(PageHeaders)
    app.add_middleware(ForwardedScheme, desk=desk)
    app.add_middleware(Watched, watch=house.watch)
    app.add_middleware(RootPath, root=settings.root_path)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/ui", Static(directory=STATIC), name="ui")
    app.mount("/", Front(house, desk))
    return app


def _lifespan(house: House, desk: Desk) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        async with house.lifespan(app), aclosing(desk), aclosing(app.state.streams):
            yield

    return live


class Static(StaticFiles):
    """Asked for anew at every load: scripts of two versions must never meet in one page."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


class Front:
    """The chat once it is open; until then a page that says so."""

    def __init__(self, house: House, desk: Desk) -> None:
        self.house = house
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        allowed = methods_at(scope)
        if allowed:
            raise HTTPException(
                405, f"this address takes {' and '.join(allowed)}", {"Allow": ", ".join(allowed)}
            )
        if self.house.chat:
            await GradioDoor(self.house.chat, self.desk)(scope, receive, send)
            return
        detail = str(self.house.error) if self.house.error else ""
        await error_page(Request(scope), 503, detail)(scope, receive, send)


def methods_at(scope: Scope) -> list[str]:
    """The methods under which our own routes know this path, where its own method is none of them."""
    routes = (route for router in ROUTERS for route in router.routes)
    return sorted(
        method
        for route in routes
        if isinstance(route, Route) and route.matches(scope)[0] is Match.PARTIAL
        for method in route.methods or ()
    )


def serve(settings: Settings) -> None:
    """Serve until interrupted. Raises WfcError when the port is taken or the engine does not open."""
    listener = listen(settings.host, settings.port)
    set_up_logs(settings)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=False,
    )
    try:
        asyncio.run(_run(_Server(config, app.state.house), app.state.house, listener))
    except KeyboardInterrupt:
        return
    finally:
        listener.close()
    if app.state.house.error:
        raise app.state.house.error


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything heavy is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise WfcError(f"port {port} is taken; choose another with --port") from None
        raise WfcError(
            f"cannot listen at {host} port {port}: {error.strerror}; choose others with --host and --port"
        ) from None


class _Server(uvicorn.Server):
    """Says that it is leaving as soon as it is told to, so that nobody new is sent here."""

    def __init__(self, config: uvicorn.Config, house: House) -> None:
        super().__init__(config)
        self._house = house

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._house.leaving = True
        super().handle_exit(sig, frame)


async def _run(server: uvicorn.Server, house: House, listener: socket.socket) -> None:
    watch = asyncio.create_task(_announce(server, house, listener))
    try:
        await server.serve(sockets=[listener])
    finally:
        watch.cancel()


async def _announce(server: uvicorn.Server, house: House, listener: socket.socket) -> None:
    await house.settled.wait()
    if house.error:
        server.should_exit = True
        return
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104
    sys.stdout.write(f"wfc-qa is at http://{shown}:{port}{house.settings.root_path}/  (Ctrl-C stops it)\n")
    sys.stdout.flush()
