"""The request under way, known wherever work is done for it."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

REQUEST_ID = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(slots=True)
class Asking:
    """One request; ``site`` and ``session`` are known once its visitor is, and empty for one without."""

    request_id: str
    site: str = ""
    session: str = ""


ASKING: ContextVar[Asking | None] = ContextVar("ASKING", default=None)


def request_id() -> str:
    """Of the request under way; empty outside of one."""
    asking = ASKING.get()
    return asking.request_id if asking else ""


def name_request(given: str) -> str:
    """The id that a client or proxy gave, unless it could be anything but an id; else a new one."""
    return given if GIVEN.fullmatch(given) else uuid4().hex
