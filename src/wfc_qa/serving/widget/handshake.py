"""Ticket and session: the browser states the host page's origin once, and what it was given is good once."""

from __future__ import annotations

from fastapi import Request

from ..access import ForbiddenError, desk_of
from ..access.desk import is_foreign_page
from ..access.rates import Counted

STALE = "this ticket is used, too old or not ours; ask for another"


def listed_origin(request: Request, key: str | None = None) -> str:
    """The origin of the page that asks, as the site ``key``, or any, lists it. Raises ForbiddenError."""
    desk, told = desk_of(request), request.headers.get("origin", "")
    for name in desk.settings.sites if key is None else (key,):
        site = desk.site(name)
        for origin in site.origins if site else ():
            if origin == told:
                return origin
    raise ForbiddenError(
        "this page's origin is not listed for the site; its owner may list it, see docs/embedding.md"
    )


async def give_ticket(request: Request, site: str, origin: str) -> str:
    """Raises TooManyError."""
    desk = desk_of(request)
    await desk.rates.count("tickets", Counted("address", desk.address(request)), Counted("site", site))
    return desk.tickets.give(site, origin)


async def open_session(request: Request, ticket: str) -> tuple[str, str]:
    """A session's token and its site. Raises ForbiddenError and TooManyError."""
    desk = desk_of(request)
    if is_foreign_page(request):
        raise ForbiddenError("only the widget's own page opens a session")
    await desk.rates.count("sessions", Counted("address", desk.address(request)))
    given = desk.tickets.read(ticket)
    if given is None or not desk.is_alive(given):
        raise ForbiddenError(STALE)
    # Remembered for longer than a ticket lives, whatever the clocks of two machines say.
    if not await desk.state.add_once(f"ticket:{given.name}", 2 * desk.settings.ticket_s):
        raise ForbiddenError(STALE)
    return desk.sessions.give(given.site, given.origin), given.site
