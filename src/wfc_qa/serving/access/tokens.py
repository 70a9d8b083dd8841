"""Tickets and session tokens: signed, bound to a site and an origin, and short of life."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

TICKET = "wfc_ticket_"
SESSION = "wfc_session_"
# A clock set back this little makes no token one of the future.
SKEW_S = 5.0
LONGEST_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Pass:
    """What a ticket or session says: who gave it, ``origin`` of the host page (empty for a frame without script)."""

    name: str
    site: str
    origin: str
    given_s: float


class Signer:
    """Gives passes under ``prefix`` and reads them back; a pass of one kind never reads as the other."""

    def __init__(
        self, prefix: str, secret: str, life_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._prefix = prefix
        self._life_s = life_s
        self._clock = clock
        options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._serializer = URLSafeSerializer(secret, salt=prefix, signer_kwargs=options)

    def give(self, site: str, origin: str) -> str:
        given = Pass(secrets.token_urlsafe(16), site, origin, self._clock())
        return self._prefix + str(self._serializer.dumps(asdict(given)))

    def read(self, token: str) -> Pass | None:
        """The pass, or ``None`` for one that we did not give or whose life is over."""
        if not token.startswith(self._prefix) or len(token) > LONGEST_CHARS:
            return None
        try:
            fields: Any = self._serializer.loads(token.removeprefix(self._prefix))
            found = Pass(**fields)
        except (BadData, TypeError):
            return None
        age_s = self._clock() - found.given_s
        return found if -SKEW_S <= age_s < self._life_s else None
