"""Who may embed: the loader for all, a panel for the pages of a site, and a session for a ticket."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from ...config import Site
from ...errors import NotFoundError
from ..access import AccessError, Desk, ForbiddenError, desk_of
from ..render import render
from ..walls import PAGE_POLICY
from .handshake import give_ticket, listed_origin, open_session
from .loader import loader_response
from .wire import SessionIn, SessionOut, TicketIn, TicketOut

router = APIRouter()
Lang = Annotated[Literal["auto", "zh", "en"], Query()]
Theme = Annotated[Literal["auto", "light", "dark"], Query()]
NO_STORE = {"Cache-Control": "no-store"}
PREFLIGHT_S = 600


@router.get("/widget/v1.js")
def loader(request: Request) -> Response:
    """The loader script."""
    return loader_response(request)


@router.get("/widget/panel", response_class=HTMLResponse)
def panel(request: Request, site: str, lang: Lang = "auto", theme: Theme = "auto") -> Response:
    """The conversation's page, shown within pages of the site alone; the loader brings it a ticket."""
    return _panel(request, site, lang, theme, ticket="")


@router.get("/widget/frame", response_class=HTMLResponse)
async def frame(request: Request, site: str, lang: Lang = "auto", theme: Theme = "auto") -> Response:
    """The same page for an iframe without script, with its ticket inside."""
    _known_site(desk_of(request), site)
    # What a browser fetches as anything but a frame, or our own page anew, would only use up the site's tickets.
    place, by = (request.headers.get(f"sec-fetch-{what}") for what in ("dest", "site"))
    if place not in {None, "iframe"} and by not in {"same-origin", "none"}:
        raise ForbiddenError("this page is for an iframe; see docs/embedding.md")
    ticket = await give_ticket(request, site, origin="")
    return _panel(request, site, lang, theme, ticket)


@router.post("/api/v1/widget/tickets", status_code=201)
async def tickets(asked: TicketIn, request: Request, response: Response) -> TicketOut:
    """A ticket for a page of the site, which its browser names as the request's origin."""
    origin = listed_origin(request, asked.site)
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
        "Vary": "Origin",
        **NO_STORE,
    }
    try:
        ticket = await give_ticket(request, asked.site, origin)
    except AccessError as error:
        error.headers |= headers
        raise
    response.headers.update(headers)
    return TicketOut(ticket=ticket, expires_s=desk_of(request).settings.ticket_s)


@router.options("/api/v1/widget/tickets", status_code=204, include_in_schema=False)
def preflight(request: Request) -> Response:
    """What a browser asks before it posts for a page; of no site in particular, since it does not tell."""
    headers = {
        "Access-Control-Allow-Origin": listed_origin(request),
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "content-type",
        "Access-Control-Max-Age": str(PREFLIGHT_S),
        "Vary": "Origin",
    }
    return Response(status_code=204, headers=headers)


@router.post("/api/v1/widget/sessions", status_code=201)
async def sessions(asked: SessionIn, request: Request, response: Response) -> SessionOut:
    """A session for a ticket, once."""
    token, site = await open_session(request, asked.ticket)
    response.headers.update(NO_STORE)
    return SessionOut(token=token, expires_s=desk_of(request).settings.session_s, site=site)


def _panel(request: Request, key: str, lang: str, theme: str, ticket: str) -> Response:
    desk = desk_of(request)
    origins = _known_site(desk, key).origins
    html = render(
        "widget.html",
        up="../",
        site=key,
        origins=origins,
        lang=lang,
        theme=theme,
        ticket=ticket,
        keep=desk.settings.keep,
        max_question_chars=desk.settings.max_question_chars,
    )
    policy = PAGE_POLICY.replace("frame-ancestors 'self'", f"frame-ancestors {' '.join(origins)}")
    return HTMLResponse(html, headers=NO_STORE | {"Content-Security-Policy": policy})


def _known_site(desk: Desk, key: str) -> Site:
    site = desk.site(key)
    if site is None:
        raise NotFoundError("no such site may embed the widget; see docs/embedding.md")
    return site
