"""Sees every request and every answer: gives ids, counts, logs, and has kept what may be."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ... import __version__
from ...config import Settings
from ...types import Answer
from ..problems import answer_failure
from .asking import ASKING, REQUEST_ID, Asking, name_request
from .keeper import Keeper
from .metrics import Metrics, outcome

if TYPE_CHECKING:
    from ...engine import Engine
    from ..access import Turnstile

log = logging.getLogger(__name__)
UNEXPECTED = "an unexpected failure; the server's log names it"
PROBED = frozenset({"/health", "/ready", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Watch:
    """One an app."""

    def __init__(self, settings: Settings, turnstile: Turnstile) -> None:
        self._turnstile = turnstile
        self.metrics = Metrics()
        self.keeper = Keeper(settings)
        self._log_questions = settings.log_questions
        self._root = settings.root_path

    def attend(self, engine: Engine) -> None:
        """Hear of every answer that ``engine`` gives, by whichever door it was asked for."""
        manifest = engine.generation.manifest
        self.metrics.set_generation(manifest.generation, manifest.model, __version__)
        engine.hear = self.answered

    def answered(self, answer: Answer, engine: Engine) -> None:
        from ..wire import answer_out

        asking = ASKING.get()
        self.metrics.count_answer(answer)
        self.keeper.note(
            answer, asking, lambda given: answer_out(given, engine, self._root).model_dump_json()
        )
        told = {
            "outcome": outcome(answer),
            "language": answer.language.value,
            "answer_id": answer.receipt.answer_id,
            "generation": answer.receipt.generation,
            "ms": answer.timings_ms.get("total"),
        }
        if self._log_questions:
            told |= {"question": answer.question, "understood": answer.understood}
            log.info("answered %r: %s", answer.question, told["outcome"], extra=told)
        else:
            log.info("answered: %s", told["outcome"], extra=told)

    def served(self, scope: Scope, status: int, seconds: float) -> None:
        """The route stands for the path: what is typed into an address is nowhere kept."""
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = route_of(scope)
        self.metrics.count_request(method, route, status)
        self.metrics.set_queue(self._turnstile.waiting, self._turnstile.taken)
        told = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        level = logging.DEBUG if route in PROBED else logging.INFO
        if status >= 500 and status != 503:
            level = logging.WARNING
        log.log(level, "%s %s %d", method, route, status, extra=told)


class Watched:
    """Gives each request its id, in its response and wherever it is logged; an unexpected failure ends here."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self.app = app
        self.watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asking = Asking(name_request(Headers(scope=scope).get(REQUEST_ID, "")))
        began, status = time.perf_counter(), 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = asking.request_id
            await send(message)

        token = ASKING.set(asking)
        try:
            await self.app(scope, receive, send_named)
        except Exception:
            log.exception("unexpected failure on %s", route_of(scope))
            if status:
                raise
            await answer_failure(Request(scope), 500, UNEXPECTED)(scope, receive, send_named)
        finally:
            self.watch.served(scope, status or 499, time.perf_counter() - began)
            ASKING.reset(token)


def route_of(scope: Scope) -> str:
    """The route's pattern, or the part of the site for what has none."""
    path = getattr(scope.get("route"), "path", "")
    if path:
        return str(path)
    at = scope["path"].removeprefix(scope.get("root_path", ""))
    if at == "/" or at.startswith("/gradio_api/"):
        return "chat"
    return "ui" if at.startswith(("/ui/", "/assets/", "/static/")) else "other"
