"""The connection under a client library: our key and none of the environment's, our time-outs, our errors."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from .llm_failures import failed_status

CONNECT_S = 5
# What client libraries would add from variables meant for other endpoints.
STRANGERS = ("authorization", "openai-organization", "openai-project")


def http_options(url: str, key: SecretStr | None) -> dict[str, Any]:
    """Options of an ``httpx.AsyncClient`` for requests to ``url``; waiting is bounded by who reads."""
    return {
        "auth": _signed_with(key),
        "timeout": httpx.Timeout(None, connect=CONNECT_S),
        "event_hooks": {"response": [_heedful(key)]},
        "follow_redirects": False,
        # A proxy cannot reach this machine for us.
        "trust_env": not _is_loopback(url),
    }


def endpoint(url: str) -> str:
    """What tells one host and port from another without naming it: receipts go to readers."""
    return hashlib.sha256(urlsplit(url).netloc.encode()).hexdigest()[:8]


def censored(text: str, key: SecretStr | None) -> str:
    """``text`` without the key, also as JSON, however often wrapped, or an address would write it."""
    return re.sub("".join(map(_written, key.get_secret_value())), "***", text) if key else text


def _written(char: str) -> str:
    """A pattern of all that stands for ``char``."""
    units = char.encode("utf-16-be").hex()
    escaped = "".join(rf"\\+u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4))
    percent = "".join(f"%{byte:02x}" for byte in char.encode())
    return rf"(?:(?i:{percent})|{escaped}|\\*{re.escape(char)})"


def _signed_with(key: SecretStr | None) -> Callable[[httpx.Request], httpx.Request]:
    def sign(request: httpx.Request) -> httpx.Request:
        for name in STRANGERS:
            request.headers.pop(name, None)
        if key:
            request.headers["authorization"] = f"Bearer {key.get_secret_value()}"
        return request

    return sign


def _heedful(key: SecretStr | None) -> Callable[[httpx.Response], Awaitable[None]]:
    async def raise_for_status(response: httpx.Response) -> None:
        if not response.is_success:
            await response.aread()
            raise failed_status(response, censored(response.text, key))

    return raise_for_status


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
