"""The MCP server: the tools over the official SDK, at ``/mcp`` or over standard input and output."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import mcp_types as mcp
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import ValidationError
from starlette.requests import Request
from starlette.types import ASGIApp

from .. import __version__
from ..errors import WfcError
from ..steps import GoneError, Halt, work
from .mcp_tools import TOOLS, Tool
from .walls import MAX_BODY_BYTES

if TYPE_CHECKING:
    from ..engine import Engine

log = logging.getLogger(__name__)
Context = ServerRequestContext[dict[str, Any], Any]
INSTRUCTIONS = (
    "Answers from a document collection, in Chinese and English. Each sentence cites the paragraph that proves it; "
    "questions that the collection does not prove an answer to are declined."
)
READ_ONLY = mcp.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


@asynccontextmanager
async def open_door(current: Callable[[], Engine]) -> AsyncIterator[ASGIApp]:
    """The server as an app for HTTP; no session outlives its request, so any process may answer the next."""
    manager = StreamableHTTPSessionManager(
        build_server(current),
        json_response=True,
        stateless=True,
        max_request_body_size=MAX_BODY_BYTES,
        # NoBrowsers stands before this door, and knows no host that a proxy may give it.
        security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    async with manager.run():
        yield manager.handle_request


def serve_stdio(engine: Engine) -> None:
    """Serve one client until it closes our standard input."""
    server = build_server(lambda: engine)

    async def run() -> None:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    asyncio.run(run())


def build_server(current: Callable[[], Engine]) -> Server[dict[str, Any]]:
    """``current`` gives the engine of a call."""

    async def list_tools(_: Context, __: mcp.PaginatedRequestParams | None) -> mcp.ListToolsResult:
        return mcp.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])

    async def call_tool(context: Context, params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
        halt, request = Halt(), context.request if isinstance(context.request, Request) else None
        root = str(request.base_url).rstrip("/") if request else ""
        asked = partial(call, current(), params.name, params.arguments or {}, root, halt)
        try:
            return await work(asked, halt, request.is_disconnected if request else None)
        except GoneError:
            return _refused("nobody waits for the answer")

    return Server(
        "wfc-qa",
        version=__version__,
        title="wfc-qa",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def call(engine: Engine, name: str, arguments: dict[str, Any], root: str, halt: Halt) -> mcp.CallToolResult:
    """A tool's result; what was wrong with a call is one line that a model can read and mend."""
    tool = TOOLS.get(name)
    if tool is None:
        return _refused(f"there is no tool {name[:100]!r}; the tools are {', '.join(TOOLS)}")
    try:
        said = tool.run(engine, tool.takes.model_validate(arguments), root, halt)
    except ValidationError as error:
        first = error.errors()[0]
        return _refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    except WfcError as error:
        return _refused(str(error))
    except Exception:
        log.exception("the tool %s failed", name)
        return _refused("an unexpected failure; the server's log names it")
    return mcp.CallToolResult(
        content=[mcp.TextContent(text=said.text)], structured_content=said.structured.model_dump(mode="json")
    )


def _described(tool: Tool) -> mcp.Tool:
    return mcp.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.takes.model_json_schema(),
        output_schema=tool.gives.model_json_schema(mode="serialization"),
        annotations=READ_ONLY,
    )


def _refused(line: str) -> mcp.CallToolResult:
    return mcp.CallToolResult(content=[mcp.TextContent(text=line)], is_error=True)
