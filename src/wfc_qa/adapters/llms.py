"""Prompts to streamed text, whichever language model the settings name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


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
    """A model that failed; the answer falls back to quotations. ``failure`` says how, the message why."""

    def __init__(self, failure: Failure, message: str) -> None:
        super().__init__(message)
        self.failure = failure


class LanguageModel(Protocol):
    """Models of equal ``model_id`` (provider, endpoint and model name, or the SHA-256 of a file) are one model."""

    @property
    def model_id(self) -> str: ...

    def stream(self, messages: Sequence[Message], *, max_tokens: int) -> Iterator[str]:
        """Pieces of text as they come. Raises GenerationError, also in mid-stream. Closing the iterator cancels the
        request."""
        ...

    def close(self) -> None: ...
