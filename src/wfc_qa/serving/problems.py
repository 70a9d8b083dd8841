"""Every failure as one clear line: RFC 9457 for the API, OpenAI's shape for its clients, a small page for readers."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from ..errors import WfcError
from .access.errors import AccessError
from .observing.asking import request_id
from .openai_wire import FailureBodyOut, FailureOut
from .problem_types import problem_type
from .render import preferred_language, render

PROBLEM = "application/problem+json"
PROGRAMS = {"/mcp", "/ready", "/metrics"}


class NotReadyError(WfcError):
    """Asked before the engine was open."""

    status = 503


class FeedbackOffError(WfcError):
    """Feedback where nothing is to be kept."""

    status = 403
    slug = "feedback-off"

    def __init__(self) -> None:
        super().__init__("this service keeps no feedback (setting keep = nothing); send none")


class ProblemOut(BaseModel):
    """RFC 9457; ``type`` never changes, ``instance`` is the request's id."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    instance: str


def problem_body(status: int, detail: str, slug: str = "") -> ProblemOut:
    kind = problem_type(status, slug)
    return ProblemOut(
        type=kind.uri, title=kind.title, status=status, detail=_line(detail), instance=request_id()
    )


def problem(status: int, detail: str, slug: str = "") -> Response:
    """An ``application/problem+json`` response."""
    body = problem_body(status, detail, slug).model_dump_json()
    return Response(body, status, _retry(status), media_type=PROBLEM)


def openai_failure(
    status: int, message: str, *, param: str | None = None, code: str | None = None
) -> Response:
    """OpenAI's error object, which knows no 422."""
    status = HTTPStatus.BAD_REQUEST if status == HTTPStatus.UNPROCESSABLE_ENTITY else status
    body = openai_failure_body(status, message, param=param, code=code)
    return JSONResponse(body.model_dump(), status, _retry(status))


def openai_failure_body(
    status: int, message: str, *, param: str | None = None, code: str | None = None
) -> FailureBodyOut:
    kind = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    return FailureBodyOut(error=FailureOut(message=message, type=kind, param=param, code=code))


def error_page(request: Request, status: int, detail: str) -> Response:
    """A page for readers; while the engine is opening it reloads itself."""
    template = "starting.html" if status == HTTPStatus.SERVICE_UNAVAILABLE else "error.html"
    depth = request.scope["path"].removeprefix(request.scope.get("root_path", "")).count("/") - 1
    html = render(
        template,
        ui=preferred_language(request.headers.get("accept-language", "")),
        up="../" * max(depth, 0) or "./",
        detail=detail,
        status=status,
    )
    return HTMLResponse(html, status, _retry(status))


def answer_failure(
    request: Request, status: int, detail: str, param: str | None = None, slug: str = ""
) -> Response:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    detail, param = _line(detail), _line(param) if param else param
    if path.startswith("/v1/"):
        return openai_failure(status, detail, param=param)
    if path.startswith(("/api/", "/gradio_api/")) or path in PROGRAMS:
        return problem(status, detail, slug)
    return error_page(request, status, detail)


def install(app: FastAPI) -> None:
    """Let every failure of the app leave as one line, without a traceback."""

    @app.exception_handler(WfcError)
    async def _wfc(request: Request, error: WfcError) -> Response:
        response = answer_failure(request, error.status, str(error), slug=error.slug)
        if isinstance(error, AccessError):
            response.headers.update(error.headers)
        return response

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return answer_failure(request, 400, "the body is not valid JSON")
        where = ".".join(str(part) for part in first["loc"][1:])
        detail = f"{where}: {first['msg']}" if where else "send JSON with Content-Type: application/json"
        return answer_failure(request, 422, detail, where or None)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        response = answer_failure(request, error.status_code, str(error.detail))
        response.headers.update(error.headers or {})
        return response


def _line(text: str) -> str:
    """One line that any encoder takes: details may quote what was sent."""
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _retry(status: int) -> dict[str, str]:
    return {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
