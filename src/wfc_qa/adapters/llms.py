"""Prompts to streamed text, whichever language model the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

from ..config import Settings
from ..errors import ConfigError, ModelError

if TYPE_CHECKING:
    from .llm_stream import Provider


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    text: str


class Failure(StrEnum):
    """Why a model gave no usable text."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    BROKEN = "broken"


class GenerationError(Exception):
    """A model that failed; the answer falls back to quotations. ``failure`` says how, the message why, ``own_words``
    the same without what an endpoint said."""

    def __init__(self, failure: Failure, message: str, own_words: str = "") -> None:
        super().__init__(message)
        self.failure = failure
        self.own_words = own_words or message


class TextStream(Protocol):
    """Pieces of text as they come; ``next`` raises GenerationError, also in mid-stream."""

    def __iter__(self) -> Self: ...

    def __next__(self) -> str: ...

    def close(self) -> None:
        """End the request, from any thread; a ``next`` that waits then ends."""
        ...


class LanguageModel(Protocol):
    """Models of equal ``model_id`` (provider, name and a hash of the endpoint, or the SHA-256 of a file) are one."""

    @property
    def model_id(self) -> str: ...

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        timeout_s: float | None = None,
    ) -> TextStream:
        """Ask for at most ``max_tokens``, within ``timeout_s`` where that is less than the settings allow. A
        ``grammar`` (GBNF) binds the models that can be bound; others ignore it."""
        ...

    def close(self) -> None: ...


def open_language_model(settings: Settings) -> LanguageModel | None:
    """The model the settings name; None where answers are only quoted.

    Raises ConfigError for packages that are not installed, ModelError for a file that cannot be run.
    """
    if settings.llm == "none":
        return None
    try:
        from .llm_stream import Limits, StreamedModel

        provider = _open_provider(settings)
    except ImportError as error:
        extra = "local" if settings.llm == "local" else "llm"
        raise ConfigError(
            f"llm = {settings.llm!r} needs {error.name}, which is not installed; pip install 'wfc-qa[{extra}]'"
        ) from error
    return StreamedModel(provider, Limits(settings.llm_timeout_s, settings.llm_stall_s, settings.llm_retries))


def check_language_model(settings: Settings) -> str:
    """Ask the model for one token and say how it went. Raises ConfigError or ModelError, each with its mend."""
    model = open_language_model(settings.model_copy(update={"llm_retries": 0}))
    if model is None:
        return "none: answers are quoted"
    # Whoever runs the doctor may see where the model is.
    named = " at ".join(filter(None, [f"{settings.llm}:{settings.llm_model}", settings.llm_base_url]))
    with closing(model):
        try:
            with closing(model.stream([Message(Role.USER, "1")], max_tokens=1)) as pieces:
                next(pieces, "")
        except GenerationError as error:
            # One token is too few for an answer, and enough to know that the model is there.
            if error.failure not in {Failure.TOO_LONG, Failure.EMPTY}:
                raise ModelError(f"{named}: {error}") from error
        return f"{named} answers"


def _open_provider(settings: Settings) -> Provider:
    if settings.llm == "ollama":
        from .llm_ollama import open_ollama

        return open_ollama(settings)
    if settings.llm == "local":
        from .llm_local import open_local

        return open_local(settings)
    from .llm_openai_like import open_openai_like

    return open_openai_like(settings)
