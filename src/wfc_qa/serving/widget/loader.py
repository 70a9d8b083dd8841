"""The loader script: the one thing here that any page may load."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache

from fastapi import Request, Response

from ...errors import NotFoundError
from ..render import STATIC

# Its address names a version that never breaks; a mend of it reaches every portal within minutes.
CACHED = "public, max-age=300, stale-while-revalidate=86400"


@dataclass(frozen=True, slots=True)
class Script:
    plain: bytes
    zipped: bytes
    etag: str


@cache
def _script() -> Script:
    path = STATIC / "widget" / "v1.js"
    if not path.is_file():
        raise NotFoundError(
            "the widget's loader was not built; run its build, or install wfc-qa from a wheel"
        )
    plain = path.read_bytes()
    return Script(plain, gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:32])


def loader_response(request: Request) -> Response:
    """The script, zipped for whom can read that, or 304 for whom has it."""
    script = _script()
    zips = "gzip" in request.headers.get("accept-encoding", "")
    etag = f'"{script.etag}-gzip"' if zips else f'"{script.etag}"'
    headers = {
        "Cache-Control": CACHED,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": etag,
        "Vary": "Accept-Encoding",
    }
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in known:
        return Response(status_code=304, headers=headers)
    if zips:
        headers["Content-Encoding"] = "gzip"
    return Response(script.zipped if zips else script.plain, headers=headers, media_type="text/javascript")
