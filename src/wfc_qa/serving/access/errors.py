"""Why a request is not let in; ``slug`` names the problem, ``headers`` tell a client how to go on."""

from __future__ import annotations

import math

from ...errors import WfcError


class AccessError(WfcError):
    """Somebody who may not do this, or not now."""

    slug = "forbidden"
    status = 403

    def __init__(self, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.headers = headers or {}


class ForbiddenError(AccessError):
    """Known, or not to be known, and not allowed."""


class UnauthorizedError(AccessError):
    """Nobody said who asks, or the key or token is not, or no longer, good."""

    slug = "unauthorized"
    status = 401

    def __init__(self, detail: str, *, told: bool) -> None:
        """``told``: whether the request brought a key or token at all (RFC 6750)."""
        challenge = 'Bearer realm="wfc-qa"' + (', error="invalid_token"' if told else "")
        super().__init__(detail, {"WWW-Authenticate": challenge})


class TooManyError(AccessError):
    """More than a limit allows, or than can be answered now."""

    slug = "rate-limited"
    status = 429

    def __init__(self, detail: str, wait_s: float) -> None:
        self.wait_s = max(1, math.ceil(wait_s))
        super().__init__(f"{detail}; ask again in {self.wait_s} s", {"Retry-After": str(self.wait_s)})


class StateError(AccessError):
    """The state that several processes share is out of reach."""

    slug = "state-unreachable"
    status = 503
