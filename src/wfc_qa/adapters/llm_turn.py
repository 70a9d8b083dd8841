"""All that one answer asks of a language model: within one time, and what fails told to the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Self

from .llms import Failure, GenerationError, LanguageModel, Message, TextStream

log = logging.getLogger(__name__)
# Whoever failed so will fail again while the same reader waits.
LASTING = {Failure.UNREACHABLE, Failure.TIMED_OUT, Failure.RATE_LIMITED}


class ModelTurn:
    """A LanguageModel for one answer: its requests share ``timeout_s`` from the first on, and none follows a failure
    that lasts. Failures are logged as far as they repeat nothing that an endpoint said: it may repeat the question."""

    def __init__(self, model: LanguageModel, timeout_s: float) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self._until: float | None = None
        self._lasting: GenerationError | None = None

    @property
    def model_id(self) -> str:
        return self._model.model_id

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        timeout_s: float | None = None,
    ) -> TextStream:
        """Raises GenerationError at once after a failure that lasts."""
        if self._lasting:
            raise self._lasting
        now = time.monotonic()
        self._until = self._until or now + self._timeout_s
        left = min(self._until - now, timeout_s or self._timeout_s)
        if left <= 0:
            raise self._note(
                GenerationError(Failure.TIMED_OUT, f"nothing is left of llm_timeout_s = {self._timeout_s:g}")
            )
        pieces = self._model.stream(messages, max_tokens=max_tokens, grammar=grammar, timeout_s=left)
        return _Heard(pieces, self._note)

    def close(self) -> None:
        """The model outlives the answer."""

    def _note(self, error: GenerationError) -> GenerationError:
        log.warning("the language model failed (%s): %s", error.failure, error.own_words)
        if error.failure in LASTING:
            self._lasting = error
        return error


class _Heard:
    """``pieces``, whose failure is noted."""

    def __init__(self, pieces: TextStream, note: Callable[[GenerationError], GenerationError]) -> None:
        self._pieces = pieces
        self._note = note

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        try:
            return next(self._pieces)
        except GenerationError as error:
            raise self._note(error) from None

    def close(self) -> None:
        self._pieces.close()
