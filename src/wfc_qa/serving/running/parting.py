"""The end of requests: connections are not kept once the server leaves, and what would never end is ended."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..house import House
from ..problems import answer_failure

CLOSE = (b"connection", b"close")
LEAVING = "the service is shutting down; ask again"


class Parting:
    """Knows every request under way."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app = app
        self.house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = ended = False

        async def tell(message: Message) -> None:
            nonlocal begun, ended
            if message["type"] == "http.response.start":
                begun = True
                if self.house.leaving:
                    message = {**message, "headers": [*message.get("headers", ()), CLOSE]}
            else:
                ended = not message.get("more_body", False)
            await send(message)

        serving = asyncio.ensure_future(self.app(scope, receive, tell))
        self.house.requests.add(serving)
        try:
            await asyncio.wait({serving})
        except asyncio.CancelledError:
            serving.cancel()
            await asyncio.wait({serving})
            raise
        finally:
            self.house.requests.discard(serving)
        if ended:
            # Whatever failed behind its response was logged, and the next request may be on the connection already;
            # left unread, the exception would be logged once more, and not discreetly.
            if not serving.cancelled():
                serving.exception()
            return
        if not serving.cancelled():
            serving.result()
        elif begun:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await answer_failure(Request(scope), 503, LEAVING)(scope, receive, tell)
