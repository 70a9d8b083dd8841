"""How the service is: alive, ready, and in figures; and what its problems mean."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from .. import __version__
from ..errors import NotFoundError
from .access import Scope, admit, desk_of
from .access.addresses import is_from_here
from .access.desk import is_foreign_page
from .house import house_of
from .observing.metrics import CONTENT_TYPE
from .problem_types import BY_SLUG, TYPES
from .problems import NotReadyError
from .render import preferred_language, render

router = APIRouter()
WHY = {
    "starting": "the index is being opened; ask again in a moment",
    "leaving": "the service is shutting down; ask another",
}


class HealthOut(BaseModel):
    status: Literal["starting", "ready", "leaving", "failed"]
    version: str
    detail: str | None = None


@router.get("/health", response_model=HealthOut, response_model_exclude_none=True)
async def health(request: Request) -> Response:
    """Whether the process lives, and how far it is; 200 unless it failed to open."""
    house = house_of(request)
    body = HealthOut(
        status=house.status, version=__version__, detail=str(house.error) if house.error else None
    )
    return JSONResponse(body.model_dump(exclude_none=True), 503 if house.error else 200)


@router.get("/ready", response_model=HealthOut, response_model_exclude_none=True)
async def ready(request: Request) -> Response:
    """200 only when questions can be answered; else 503 with the reason."""
    house = house_of(request)
    if house.status != "ready":
        raise NotReadyError(str(house.error) if house.error else WHY[house.status])
    await desk_of(request).state.check()
    return JSONResponse(HealthOut(status="ready", version=__version__).model_dump(exclude_none=True))


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Figures in Prometheus' text format, for this machine's programs or a key with the scope `metrics`."""
    peer = request.client.host if request.client else ""
    if is_foreign_page(request) or not is_from_here(peer, request.headers):
        await admit(request, Scope.METRICS)
    turnstile, figures = desk_of(request).turnstile, house_of(request).watch.metrics
    figures.set_queue(turnstile.waiting, turnstile.taken)
    return Response(figures.render(), media_type=CONTENT_TYPE)


@router.get("/problems", response_class=HTMLResponse, include_in_schema=False)
async def problems(request: Request) -> str:
    return render("problems.html", ui=_ui(request), up="./", types=TYPES)


@router.get("/problems/{slug}", response_class=HTMLResponse, include_in_schema=False)
async def problem(request: Request, slug: Annotated[str, Path(max_length=100)]) -> str:
    if slug not in BY_SLUG:
        raise NotFoundError("there is no such problem")
    return render("problems.html", ui=_ui(request), up="../", types=[BY_SLUG[slug]])


def _ui(request: Request) -> str:
    return preferred_language(request.headers.get("accept-language", ""))
