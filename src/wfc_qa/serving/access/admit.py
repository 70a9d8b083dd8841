"""Admission as the routes ask for it: ``visitor: Answering``, and whoever may not is told so."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from ..observing.asking import ASKING
from .desk import Desk
from .visitor import Kind, Scope, Visitor


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def admit(request: Request, scope: Scope) -> Visitor:
    """The visitor, counted. Raises UnauthorizedError, ForbiddenError, TooManyError and StateError."""
    desk = desk_of(request)
    visitor = await desk.recognise(request, scope)
    if asking := ASKING.get():
        asking.site = visitor.site or ""
        asking.session = visitor.name if visitor.kind is Kind.SESSION else ""
    await desk.count(request, visitor, scope)
    return visitor


async def _answering(request: Request) -> Visitor:
    return await admit(request, Scope.ANSWERS)


async def _reading(request: Request) -> Visitor:
    return await admit(request, Scope.DOCUMENTS)


async def _judging(request: Request) -> Visitor:
    return await admit(request, Scope.FEEDBACK)


async def _measuring(request: Request) -> Visitor:
    return await admit(request, Scope.METRICS)


Answering = Annotated[Visitor, Depends(_answering)]
Reading = Annotated[Visitor, Depends(_reading)]
Judging = Annotated[Visitor, Depends(_judging)]
Measuring = Annotated[Visitor, Depends(_measuring)]
