"""``/mcp``: the way to the tools, for programs only; what stands behind it is loaded with the chat."""

from __future__ import annotations

from importlib.util import find_spec

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ..errors import ConfigError
from .access import ForbiddenError, Kind, admit, desk_of
from .access import Scope as KeyScope
from .house import house_of, ready_engine
from .problems import NotReadyError

MISSING = "MCP needs the package mcp, which is not installed; pip install 'wfc-qa[mcp]'"


class McpDoor:
    """Any browser names the page that posts; no page may, so none can reach us under a borrowed host name."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if "origin" in request.headers:
            raise HTTPException(403, "the tools are not for pages in a browser; use an MCP client")
        if not _is_installed():
            raise HTTPException(501, MISSING)
        ready_engine(request)
        visitor = await admit(request, KeyScope.ANSWERS)
        if visitor.kind is Kind.SESSION:
            raise ForbiddenError("a session of the widget is not for the tools; use an API key")
        tools = house_of(request).tools
        if tools is None:
            raise NotReadyError("the tools are being opened; ask again in a moment")
        async with desk_of(request).turnstile.turn(visitor):
            await tools(scope, receive, send)


router = APIRouter(routes=[Route("/mcp", McpDoor(), methods=["POST"])])


def check_installed() -> None:
    """Raises ConfigError."""
    if not _is_installed():
        raise ConfigError(MISSING)


def _is_installed() -> bool:
    return find_spec("mcp") is not None
