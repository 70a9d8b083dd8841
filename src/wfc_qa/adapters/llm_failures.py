"""What can go wrong at an endpoint, told as one of our failures and in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from ..config import LLM_KEY
from .llms import Failure, GenerationError

TOLD_CHARS = 200
SERVER_ERRORS = 500
TOO_LONG = re.compile(r"context[ _]?(length|size|window)|exceed_context", re.IGNORECASE)
# OpenAI, Azure, Alibaba.
REFUSED = re.compile(r"content[ _](filter|policy)|data_?inspection_?failed", re.IGNORECASE)
SPENT = "insufficient_quota"


class AttemptError(GenerationError):
    """A failure as the request saw it; ``retry_after_s`` is what the endpoint asked for."""

    def __init__(
        self,
        failure: Failure,
        message: str,
        *,
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(failure, message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s


def failed_status(response: httpx.Response, body: str) -> AttemptError:
    """What an answer without text means; ``body`` is free of the key."""
    status, said = response.status_code, _said(body)
    told = f"the endpoint answers {status}" + (f" ({said})" if said else "")
    if status in {401, 403}:
        # Endpoints like to repeat the key they refuse.
        return AttemptError(
            Failure.UNREACHABLE, f"the endpoint answers {status}: it refuses the key; set {LLM_KEY}"
        )
    if status == 404:
        return AttemptError(
            Failure.UNREACHABLE,
            f"{told}; check llm_model (Ollama: is it pulled?), and whether llm_base_url ends as it should (/v1)",
        )
    if status == 429:
        spent = SPENT in body
        return AttemptError(
            Failure.RATE_LIMITED, told, retryable=not spent, retry_after_s=retry_after_s(response.headers)
        )
    if status == 408 or status >= SERVER_ERRORS:
        return AttemptError(
            Failure.UNREACHABLE, told, retryable=True, retry_after_s=retry_after_s(response.headers)
        )
    if status == 413 or TOO_LONG.search(body):
        return AttemptError(Failure.TOO_LONG, f"{told}; the prompt is longer than the model takes")
    if REFUSED.search(body):
        return AttemptError(Failure.REFUSED, told)
    if response.is_redirect:
        return AttemptError(Failure.UNREACHABLE, f"{told} and leads elsewhere; mend llm_base_url")
    return AttemptError(Failure.BROKEN, told)


def failed_finish(finish: str | None, *, begun: bool) -> AttemptError | None:
    """What the reason that ended the text means; None where it ended well. ``begun`` when text had come."""
    match finish:
        case "stop":
            return None
        case "length":
            return AttemptError(Failure.TOO_LONG, "the model used up its tokens before it was done")
        case "content_filter":
            return AttemptError(Failure.REFUSED, "the endpoint's content filter ended the answer")
        case None if begun:
            return AttemptError(Failure.BROKEN, "the answer broke off")
        case None:
            return AttemptError(
                Failure.BROKEN, "the endpoint sends no answer; does llm_base_url end as it should (/v1)?"
            )
    return AttemptError(Failure.BROKEN, f"the answer ended with {_line(finish)!r} instead of a text")


def failed_request(error: Exception, censor: Callable[[str], str], *, begun: bool) -> AttemptError:
    """What an exception of a client library means; ``begun`` when text had come. ``censor`` takes the key out."""
    for cause in _causes(error):
        if isinstance(cause, AttemptError):
            return cause
        if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout):
            return AttemptError(
                Failure.UNREACHABLE,
                "nobody answers; is the endpoint up and llm_base_url right?",
                retryable=True,
            )
        if isinstance(cause, httpx.TransportError):
            if begun:
                return AttemptError(Failure.BROKEN, "the endpoint hung up in the middle of the answer")
            return AttemptError(
                Failure.UNREACHABLE, "the endpoint hung up before its first word", retryable=True
            )
    # Client libraries raise whatever their parsing trips over.
    told = _line(censor(str(error))) or type(error).__name__
    return AttemptError(Failure.BROKEN, f"what the endpoint sends is not its protocol ({told})")


def retry_after_s(headers: httpx.Headers) -> float | None:
    """Seconds the endpoint asks to wait, told as such or as a date."""
    told = headers.get("retry-after", "")
    try:
        return max(0.0, float(told))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (when.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _said(body: str) -> str:
    """The message within an error body, or the body itself."""
    try:
        told = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return _line(body)
    return _line(str(told.get("message", "")) if isinstance(told, dict) else str(told))


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in " ".join(text[: 4 * TOLD_CHARS].split()))[
        :TOLD_CHARS
    ]
