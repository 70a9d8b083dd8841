"""The site and its server, answering from its first second."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan, Receive, Scope, Send

from .. import __version__
from ..config import Settings
from . import api, health, mcp_door, openai_api, pages, widget
from .access import Desk
from .house import House
from .observing.logs import set_up_logs
from .observing.watch import Watched
from .openapi import install_document
from .problems import error_page, install
from .render import STATIC
from .running.parting import Parting
from .running.server import serve_alone
from .running.sockets import listen, shown_address
from .running.team import Team, check_shared
from .streams import Streams
from .streams.answers import CUT, STOPPED
from .walls import BodyLimit, ExactCors, ForwardedScheme, GradioDoor, PageHeaders, RootPath

if TYPE_CHECKING:
    from ..engine import Engine
    from .running.relay import Relay

ROUTERS = (
    *(health.router, api.router, openai_api.router),
    *(mcp_door.router, pages.router, widget.router),
)


def create_app(settings: Settings, engine: Engine | None = None, chat: Relay | None = None) -> FastAPI:
    """The whole site; without an engine it opens one in the background once the server runs. ``chat`` leads to the
    process that runs it, where this one does not."""
    desk = Desk(settings)
    streams = Streams(desk.state, CUT, STOPPED)
    house = House(settings, engine, desk.turnstile, chat)
    house.under_way.append(lambda: streams.readers)
    app = FastAPI(
        title="wfc-qa",
        version=__version__,
        lifespan=_lifespan(house, desk),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.house, app.state.desk = house, desk
    app.state.streams = streams
    install(app)
    install_document(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(ExactCors)
    app.add_middleware(ForwardedScheme, desk=desk)
    app.add_middleware(Watched, watch=house.watch)
    app.add_middleware(RootPath, root=settings.root_path)
    app.add_middleware(Parting, house=house)
    app.add_middleware(PageHeaders)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/ui", Static(directory=STATIC), name="ui")
    app.mount("/", Front(house, desk))
    return app


def _lifespan(house: House, desk: Desk) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        async with house.lifespan(app), aclosing(desk), aclosing(app.state.streams):
            if house.relays:
                # One of several takes nobody before it can answer: others can, and the socket lets visitors wait.
                await house.settled.wait()
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
    """Serve until told to end. Raises WfcError when the port is taken or the engine does not open."""
    check_shared(settings)
    listener = listen(settings.host, settings.port)
    set_up_logs(settings)
    ready = f"wfc-qa is at {shown_address(listener, settings.root_path)}  (Ctrl-C stops it)"
    if settings.workers > 1:
        Team(settings, listener).serve(ready)
    else:
        serve_alone(create_app(settings), listener, ready)
