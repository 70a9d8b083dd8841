"""The way to the chat where another process runs it: Gradio keeps its queue and its readers in memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Self
from urllib.parse import quote

import httpx
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from ..problems import answer_failure

log = logging.getLogger(__name__)
CONNECT_S = 5.0
# In these the scheme under which the reader came goes on, as the worker found it.
SCHEME = b"x-wfc-qa-scheme"
ANSWERS = "/gradio_api/queue/data"
HOP_BY_HOP = {b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", SCHEME}
OPENING = "the chat is being opened; ask again in a moment"


class Relay:
    """An app that hands every request on to the socket at ``path``, and its response back as it comes."""

    def __init__(self, path: str) -> None:
        # A bare transport adds no header of its own.
        self._way = httpx.AsyncHTTPTransport(uds=path, limits=httpx.Limits(max_keepalive_connections=20))
        # How many streams of answers are under way.
        self.answers = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._way.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        url = httpx.URL(
            scheme="http", host="chat", path=quote(scope["path"]), query=scope.get("query_string", b"")
        )
        headers = [pair for pair in request.headers.raw if pair[0] not in HOP_BY_HOP]
        outgoing = httpx.Request(
            request.method,
            url,
            headers=[*headers, (SCHEME, scope["scheme"].encode())],
            content=await request.body(),
            extensions={"timeout": {"connect": CONNECT_S}},
        )
        counted = int(scope["path"].rstrip("/").endswith(ANSWERS))
        self.answers += counted
        try:
            await _until_gone(receive, self._hand_back(outgoing, scope, receive, send))
        finally:
            self.answers -= counted

    async def _hand_back(self, outgoing: httpx.Request, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            incoming = await self._way.handle_async_request(outgoing)
        except httpx.TransportError:
            await answer_failure(Request(scope), 503, OPENING)(scope, receive, send)
            return
        headers = [(name.lower(), value) for name, value in incoming.headers.raw]
        headers = [pair for pair in headers if pair[0] not in HOP_BY_HOP]
        try:
            await send({"type": "http.response.start", "status": incoming.status_code, "headers": headers})
            async for chunk in incoming.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except httpx.TransportError:
            log.warning("the chat's process broke off a response")
        finally:
            await incoming.aclose()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Do ``work``, unless its reader leaves: a stream that is silent would not notice."""
    working, leaving = asyncio.create_task(work), asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})
    if not working.cancelled():
        working.result()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
