"""A portal that may embed the widget, and the exact spelling of its origins."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from ..errors import ConfigError

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# As browsers write it: lower case, punycode, no default port, nothing after the host.
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
ORIGIN = re.compile(rf"(https?)://{LABEL}(?:\.{LABEL})*(?::([1-9][0-9]{{0,4}}))?")
DEFAULT_PORTS = {("https", "443"), ("http", "80")}
LAST_PORT = 65_535


class Site(BaseModel):
    """``name`` is for logs and `wfc-qa doctor`; without ``doc_ids`` every document answers there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    origins: tuple[str, ...]
    doc_ids: tuple[str, ...] = ()


def check_sites(sites: Mapping[str, Site]) -> None:
    """Raises ConfigError for a key or an origin that no browser would ever send."""
    for key, site in sites.items():
        if not KEY.fullmatch(key):
            raise ConfigError(f"site key {key!r}: use lower-case letters, digits and hyphens, at most 64")
        if not site.origins:
            raise ConfigError(
                f"site {key} has no origin; add those of its pages, such as https://www.bank.example"
            )
        for origin in site.origins:
            if not is_origin(origin):
                raise ConfigError(
                    f"site {key}: {origin!r} is not an exact origin; write scheme://host or scheme://host:port in "
                    "lower case, without wildcard, path, trailing slash or default port, such as "
                    "https://www.bank.example"
                )


def is_origin(text: str) -> bool:
    found = ORIGIN.fullmatch(text)
    if found is None:
        return False
    scheme, port = found.groups()
    return (scheme, port) not in DEFAULT_PORTS and int(port or 1) <= LAST_PORT
