"""API keys: random, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Iterable

from ...errors import ConfigError
from .ledger import ApiKey, Ledger
from .visitor import Scope

# Under a prefix of their own, so that people and scanners know a key where it lies about.
PREFIX = "wfc_key_"
BYTES = 32
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
DAY_S = 86_400


def add_key(ledger: Ledger, name: str, scopes: Iterable[Scope], days: int | None = None) -> str:
    """A new key, which nobody can read again. Raises ConfigError where ``name`` is taken or odd."""
    if not NAME.fullmatch(name):
        raise ConfigError(f"key name {name!r}: use letters, digits, '.', '-' and '_', at most 64")
    key = PREFIX + secrets.token_urlsafe(BYTES)
    ends_s = None if days is None else time.time() + days * DAY_S
    if not ledger.add(ApiKey(name, digest_key(key), frozenset(scopes), ledger.today(), ends_s)):
        raise ConfigError(f"there is a key {name} already; revoke it first, or choose another name")
    return key


def digest_key(key: str) -> bytes:
    """256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).digest()
