"""What stands between the network and the app: size limits, response headers, and Gradio's door."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .access import Desk
from .access import Scope as KeyScope
from .problems import answer_failure

TICKETS = "/api/v1/widget/tickets"
MAX_BODY_BYTES = 512 * 1024

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
# Gradio compiles its templates with Function() and styles its elements in place.
CHAT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none';"
    " base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)

DEFAULT_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

GRADIO_PATHS = re.compile(
    r"/|/(config|theme\.css|manifest\.json|favicon\.ico)|/(assets|static)/.+"
    r"|/gradio_api/(queue/(join|data)|heartbeat/\w+|app_id|startup-events|reset|cancel)/?"
)
OPEN_TO_PAGES = re.compile(r"/(assets|static)/|/(theme\.css|manifest\.json|favicon\.ico)$")
ASKING = "/gradio_api/queue/join"
FOREIGN_TAG = re.compile(
    r"<meta\s[^>]*(?:property|name)=\"(?:og|twitter):[^>]*>"
    r"|<link\s[^>]*(?:href=\"(?:https?:)?//|rel=\"manifest\")[^>]*>"
    r"|<script\s[^>]*src=\"(?:https?:)?//[^>]*>\s*</script>",
)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
FRAME_SCRIPT = "iframeResizer.contentWindow"
HEAD = (
    '<script src="ui/prefs.js"></script><link rel="icon" href="ui/icon.svg">'
    '<link rel="stylesheet" href="ui/base.css"><link rel="stylesheet" href="ui/chat.css">'
    '<link rel="stylesheet" href="ui/answer.css"><link rel="stylesheet" href="ui/print.css" media="print">'
    '<script src="ui/chat.js" type="module"></script>'
)


class RootPath:
    """Serves below ``root``, whether or not the proxy before it strips that prefix."""

    def __init__(self, app: ASGIApp, root: str) -> None:
        self.app = app
        self.root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            path = (
                scope["path"].removeprefix(self.root)
                if scope["path"].startswith(self.root + "/")
                else scope["path"]
            )
            scope = {**scope, "root_path": self.root, "path": self.root + path}
        await self.app(scope, receive, send)


class ForwardedScheme:
    """``https`` where a trusted proxy says that the reader came by it: links that we give are then right."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self.app = app
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            told = Headers(scope=scope).get("x-forwarded-proto", "")
            if told in {"http", "https"} and self.desk.trusts(HTTPConnection(scope)):
                scope = {**scope, "scheme": told}
        await self.app(scope, receive, send)


class BodyLimit:
    """Refuses request bodies over ``MAX_BODY_BYTES`` with 413, whatever their headers claim."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        chunks: list[bytes] = []
        size_bytes = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            chunks.append(message.get("body", b""))
            size_bytes += len(chunks[-1])
            more = message.get("more_body", False)
            if size_bytes > MAX_BODY_BYTES:
                detail = f"the body is over {MAX_BODY_BYTES // 1024} KB; shorten it"
                await answer_failure(Request(scope), 413, detail)(scope, receive, send)
                return
        await self.app(scope, _replay(b"".join(chunks), receive), send)


class PageHeaders:
    """Response headers that keep pages to this origin; Gradio's page brings its own policy."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in DEFAULT_HEADERS.items():
                    headers.setdefault(name, value)
                # Nobody is recognised by a cookie here, so none is ever of use to a foreign page.
                del headers["set-cookie"]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class ExactCors(CORSMiddleware):
    """No foreign page may read us, save tickets, whose route answers the pages of its sites itself."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, allow_origins=[])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].removeprefix(scope.get("root_path", "")) == TICKETS:
            await self.app(scope, receive, send)
            return
        await super().__call__(scope, receive, send)


class GradioDoor:
    """Lets through the few routes of Gradio that the chat uses, and cleans its page."""

    def __init__(self, gradio: ASGIApp, desk: Desk) -> None:
        self.gradio = gradio
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        if not GRADIO_PATHS.fullmatch(path):
            nothing = answer_failure(Request(scope), 404, "there is nothing at this address")
            await nothing(scope, receive, send)
        elif path == "/":
            self.desk.check_name(Request(scope))
            await self._page(scope, receive, send)
        else:
            if not OPEN_TO_PAGES.match(path):
                await self._admit(Request(scope), path)
            await self.gradio(scope, receive, send)

    async def _admit(self, request: Request, path: str) -> None:
        """Raises ForbiddenError for foreign pages, TooManyError for those who ask too often."""
        reader = self.desk.reader(request)
        if path.rstrip("/") == ASKING:
            await self.desk.count(request, reader, KeyScope.ANSWERS)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        chunks: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            chunks.append(message.get("body", b""))
            if message.get("more_body"):
                return
            html = clean(b"".join(chunks).decode())
            headers = MutableHeaders(scope=start)
            headers["Content-Security-Policy"] = CHAT_POLICY.format(hashes=script_hashes(html))
            headers["Content-Length"] = str(len(html.encode()))
            headers["Cache-Control"] = "no-store"
            await send(start)
            await send({"type": "http.response.body", "body": html.encode()})

        await self.gradio(_uncompressed(scope), receive, collect)


def clean(html: str) -> str:
    """Gradio's page without tags for foreign hosts and framing pages, with our own style and behaviour."""
    kept = INLINE_SCRIPT.sub(lambda found: "" if FRAME_SCRIPT in found[1] else found[0], html)
    return FOREIGN_TAG.sub("", kept).replace("<head>", "<head>" + HEAD, 1)


def script_hashes(html: str) -> str:
    """CSP sources for exactly the inline scripts of this page, so that no other can run."""
    digests = (hashlib.sha256(code.encode()).digest() for code in INLINE_SCRIPT.findall(html))
    return "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _uncompressed(scope: Scope) -> MutableMapping[str, Any]:
    raw = [(name, value) for name, value in Headers(scope=scope).raw if name != b"accept-encoding"]
    return {**scope, "headers": raw}


def _replay(body: bytes, receive: Receive) -> Receive:
    replayed = False

    async def replay() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
