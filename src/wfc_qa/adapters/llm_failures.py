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
# How servers say, beside OpenAI's words, that a text is whole, or why it is not.
WHOLE = {"stop", "eos", "eos_token", "end_turn", "stop_sequence"}
CUT = {"length", "max_tokens", "max_output_tokens", "model_length"}
FILTERED = {"content_filter", "safety", "refusal", "sensitive", "prohibited_content"}


class AttemptError(GenerationError):
    """A failure as the request saw it; ``retry_after_s`` is what the endpoint asked for."""

    def __init__(
        self,
        failure: Failure,
        message: str,
        own_words: str = "",
        *,
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(failure, message, own_words)
        self.retryable = retryable
        self.retry_after_s = retry_after_s


def failed_status(response: httpx.Response, body: str) -> AttemptError:
    """What an answer without text means; ``body`` is free of the key."""
    status, said = response.status_code, _said(body)
    answers = f"the endpoint answers {status}"

    def failed(failure: Failure, mend: str = "", *, retryable: bool = False) -> AttemptError:
        return AttemptError(
            failure,
            answers + (f" ({said})" if said else "") + mend,
            answers + mend,
            retryable=retryable,
            retry_after_s=retry_after_s(response.headers) if retryable else None,
        )

    if status in {401, 403}:
        # Endpoints like to repeat the key they refuse.
        return AttemptError(Failure.UNREACHABLE, f"{answers}: it refuses the key; set {LLM_KEY}")
    if status == 404:
        return failed(
            Failure.UNREACHABLE,
            "; check llm_model (Ollama: is it pulled?), and whether llm_base_url ends as it should (/v1)",
        )
    if status == 429:
        return failed(Failure.RATE_LIMITED, retryable=SPENT not in body)
    if status == 408 or status >= SERVER_ERRORS:
        return failed(Failure.UNREACHABLE, retryable=True)
    if status == 413 or TOO_LONG.search(body):
        return failed(Failure.TOO_LONG, "; the prompt is longer than the model takes")
    if REFUSED.search(body):
        return failed(Failure.REFUSED)
    if response.is_redirect:
        return failed(Failure.UNREACHABLE, " and leads elsewhere; mend llm_base_url")
    return failed(Failure.BROKEN)


def failed_finish(finish: str | None, *, begun: bool) -> AttemptError | None:
    """What the reason that ended the text means; None where it ended well. ``begun`` when text had come."""
    if finish is None and begun:
        return AttemptError(Failure.BROKEN, "the answer broke off")
    if finish is None:
        return AttemptError(
            Failure.BROKEN, "the endpoint sends no answer; does llm_base_url end as it should (/v1)?"
        )
    reason = finish.lower()
    if reason in WHOLE:
        return None
    if reason in CUT:
        return AttemptError(Failure.TOO_LONG, "the model used up its tokens before it was done")
    if reason in FILTERED:
        return AttemptError(Failure.REFUSED, "the endpoint's content filter ended the answer")
    return AttemptError(
        Failure.BROKEN,
        f"the answer ended with {_line(finish)!r} instead of a text",
        "the answer ended for no reason that is known",
    )


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
    strange = "what the endpoint sends is not its protocol"
    return AttemptError(Failure.BROKEN, f"{strange} ({told})", strange)


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
