"""The desk at the door: it knows sites, keys and sessions, and keeps count."""

from __future__ import annotations

import asyncio
import os
import time
from functools import cached_property

from starlette.requests import HTTPConnection

from ...config import Settings, Site
from ...errors import StorageError
from .addresses import client_address, counted_as, is_from_here, is_in, is_under_borrowed_name, read_networks
from .errors import ForbiddenError, UnauthorizedError
from .keys import PREFIX as KEY
from .keys import digest_key
from .ledger import ApiKey, Ledger
from .rates import Counted, Rates
from .secret import load_secret
from .state import State, open_state
from .tokens import SESSION, TICKET, Pass, Signer
from .turnstile import Turnstile
from .visitor import Kind, Scope, Visitor

BEARER = "bearer "
IN_A_SESSION = {Scope.ANSWERS, Scope.DOCUMENTS, Scope.FEEDBACK}
OPEN_TO_ALL = {Scope.ANSWERS, Scope.DOCUMENTS, Scope.FEEDBACK}
NEED_A_KEY = "this needs an API key; make one with `wfc-qa key add`, and send it as Authorization: Bearer"


class Desk:
    """All that admission needs, one a process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger(settings.data_dir)
        self.state: State = open_state(settings.state_url)
        self.rates = Rates(settings)
        self.turnstile = Turnstile(
            settings.concurrent_answers or os.cpu_count() or 1, settings.waiting_answers
        )
        self._trusted = read_networks(settings.trusted_proxies)

    @cached_property
    def tickets(self) -> Signer:
        return Signer(TICKET, self._secret, self.settings.ticket_s)

    @cached_property
    def sessions(self) -> Signer:
        return Signer(SESSION, self._secret, self.settings.session_s)

    @cached_property
    def _secret(self) -> str:
        return load_secret(self.settings.data_dir)

    async def aclose(self) -> None:
        await self.state.aclose()

    def address(self, request: HTTPConnection) -> str:
        """What limits count the client's address as."""
        return counted_as(client_address(_peer(request), request.headers, self._trusted))

    def trusts(self, request: HTTPConnection) -> bool:
        """Whether the request comes straight from a proxy whose word on it counts."""
        return is_in(_peer(request), self._trusted)

    def site(self, key: str) -> Site | None:
        """The site, unless it is unknown or revoked."""
        site = self.settings.sites.get(key)
        return site if site and self.ledger.known().allows(key, time.time()) else None

    def is_alive(self, given: Pass) -> bool:
        """Whether site and origin still stand in the settings, and neither was revoked since."""
        site = self.settings.sites.get(given.site)
        if site is None or (given.origin and given.origin not in site.origins):
            return False
        return self.ledger.known().allows(given.site, given.given_s)

    def reader(self, request: HTTPConnection) -> Visitor:
        """Whoever reads our own pages. Raises ForbiddenError for a page of another origin, unless its reader followed a
        link, and for one that borrows another host's name to be taken for ours."""
        if is_foreign_page(request) and not is_followed_link(request):
            raise ForbiddenError("a page of another origin may not use the chat; embed the widget instead")
        self.check_name(request)
        if self.settings.api_access == "local" and is_from_here(_peer(request), request.headers):
            return Visitor(Kind.LOCAL, "local")
        return Visitor(Kind.ADDRESS, self.address(request))

    def check_name(self, request: HTTPConnection) -> None:
        """Raises ForbiddenError for a page that borrows another host's name to be taken for one of this machine."""
        if self.settings.api_access == "local" and is_under_borrowed_name(_peer(request), request.headers):
            raise ForbiddenError(
                "open these pages at http://127.0.0.1 or http://localhost; a proxy must set X-Forwarded-For"
            )

    async def recognise(self, request: HTTPConnection, scope: Scope) -> Visitor:
        """Who asks, and may. Raises UnauthorizedError and ForbiddenError."""
        token = bearer(request)
        if token.startswith(KEY):
            return await self._with_key(token, scope)
        if token.startswith(SESSION):
            return self._with_session(request, token, scope)
        return self._without(request, scope, told=bool(token))

    async def count(self, request: HTTPConnection, visitor: Visitor, kind: str) -> None:
        """Raises TooManyError."""
        if visitor.kind is Kind.LOCAL:
            return
        counts = [Counted(visitor.kind.value, visitor.name)]
        if visitor.site is not None:
            counts += [Counted("site", visitor.site), Counted("address", self.address(request))]
        if kind == Scope.FEEDBACK and visitor.kind is not Kind.KEY:
            counts.append(Counted("feedback", self.address(request)))
        await self.rates.count(kind, *counts)

    async def _with_key(self, token: str, scope: Scope) -> Visitor:
        key = self.ledger.known().find(digest_key(token))
        if key is None or not key.is_good(time.time()):
            raise UnauthorizedError("this API key is unknown, revoked or expired; ask for another", told=True)
        if scope not in key.scopes:
            raise ForbiddenError(f"this API key is not for {scope}; ask for one with --scope {scope}")
        await self._mark_used(key)
        return Visitor(Kind.KEY, key.name)

    async def _mark_used(self, key: ApiKey) -> None:
        if key.last_used == self.ledger.today():
            return
        try:
            await asyncio.to_thread(self.ledger.mark_used, key.name)
        except StorageError:
            # A full disk takes no key from anybody.
            return

    def _with_session(self, request: HTTPConnection, token: str, scope: Scope) -> Visitor:
        given = self.sessions.read(token)
        if given is None or not self.is_alive(given):
            raise UnauthorizedError("this session is over; open the widget again", told=True)
        if scope not in IN_A_SESSION:
            raise ForbiddenError(f"a session of the widget is not for {scope}")
        doc_ids = self.settings.sites[given.site].doc_ids
        return Visitor(Kind.SESSION, given.name, given.site, doc_ids, self.address(request))

    def _without(self, request: HTTPConnection, scope: Scope, *, told: bool) -> Visitor:
        """Whoever brings nothing that we gave: OpenAI's client always sends some key, if only "none"."""
        access = self.settings.api_access
        if is_foreign_page(request):
            raise ForbiddenError(
                "a page of another origin may not ask here; embed the widget, or use an API key"
            )
        if access == "local" and is_from_here(_peer(request), request.headers):
            return Visitor(Kind.LOCAL, "local")
        # Readers of our own chat page have no key, and their thumbs are welcome.
        if (access == "open" and scope in OPEN_TO_ALL) or (scope is Scope.FEEDBACK and is_own_page(request)):
            return Visitor(Kind.ADDRESS, self.address(request))
        raise UnauthorizedError(NEED_A_KEY, told=told)


def bearer(request: HTTPConnection) -> str:
    told = request.headers.get("authorization", "")
    return told[len(BEARER) :].strip() if told.lower().startswith(BEARER) else ""


def is_own_page(request: HTTPConnection) -> bool:
    """Whether the browser says that a page of ours asks."""
    if said := request.headers.get("sec-fetch-site"):
        return said == "same-origin"
    host = request.headers.get("origin", "").partition("://")[2]
    # A proxy may rename the host; no page can add either header to a request for another origin.
    return bool(host) and host in {request.headers.get(name) for name in ("host", "x-forwarded-host")}


def is_foreign_page(request: HTTPConnection) -> bool:
    """Whether the browser says that a page of somebody else asks; what is no browser says nothing."""
    if said := request.headers.get("sec-fetch-site"):
        return said not in {"same-origin", "none"}
    return "origin" in request.headers and not is_own_page(request)


def is_followed_link(request: HTTPConnection) -> bool:
    """Whether a reader came to see a page of ours, whose content no other page gets to read."""
    said = [request.headers.get(f"sec-fetch-{what}") for what in ("mode", "dest")]
    return request.scope.get("method") == "GET" and said == ["navigate", "document"]


def _peer(request: HTTPConnection) -> str:
    return request.client.host if request.client else ""
