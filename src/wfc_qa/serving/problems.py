"""Every failure as one clear line: RFC 9457 for the API, OpenAI's shape for its clients, a small page for readers."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from ..errors import WfcError
from .access.errors import AccessError
from .openai_wire import FailureBodyOut, FailureOut
from .render import preferred_language, render

log = logging.getLogger(__name__)


class NotReadyError(WfcError):
    """Asked before the engine was open."""

    status = 503


def problem(status: int, detail: str) -> Response:
    """An ``application/problem+json`` response."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, _retry(status), media_type="application/problem+json")


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


def answer_failure(request: Request, status: int, detail: str, param: str | None = None) -> Response:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    if path.startswith("/v1/"):
        return openai_failure(status, detail, param=param)
    if path.startswith(("/api/", "/gradio_api/")) or path == "/mcp":
        return problem(status, detail)
    return error_page(request, status, detail)


def install(app: FastAPI) -> None:
    """Let every failure of the app leave as one line, without a traceback."""

    @app.exception_handler(WfcError)
    async def _wfc(request: Request, error: WfcError) -> Response:
        response = answer_failure(request, error.status, str(error))
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

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected failure on %s", request.url.path, exc_info=error)
        return answer_failure(request, 500, "an unexpected failure; the server's log names it")


def _retry(status: int) -> dict[str, str]:
    return {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
