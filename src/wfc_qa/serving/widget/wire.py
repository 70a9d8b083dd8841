"""The JSON of tickets and sessions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..wire import Name, Wire


class TicketIn(Wire):
    """``site`` is the public key under which the portal stands in the settings."""

    site: Name


class TicketOut(Wire):
    """Good once, for ``expires_s`` seconds."""

    ticket: str
    expires_s: int


class SessionIn(Wire):
    ticket: Annotated[str, Field(max_length=2000)]


class SessionOut(Wire):
    """``token`` goes into ``Authorization: Bearer`` for ``expires_s`` seconds, and nowhere else."""

    token: str
    expires_s: int
    site: str
