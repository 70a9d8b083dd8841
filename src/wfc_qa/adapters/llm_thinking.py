"""Streamed text without what a model thinks aloud between <think> and </think>."""

from __future__ import annotations

from .llm_failures import AttemptError
from .llms import Failure

OPEN, CLOSE = "<think>", "</think>"


class Spoken:
    """Takes pieces, gives what is meant for a reader; holds back what may be the beginning of a mark."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False

    def take(self, piece: str) -> str:
        """Raises AttemptError at a ``</think>`` that nothing opened: what came before it was thought."""
        self._held += piece
        spoken = ""
        while (found := self._next_mark()) is not None:
            before, mark, self._held = self._held.partition(found)
            if mark == CLOSE and not self._thinking:
                raise AttemptError(
                    Failure.BROKEN,
                    "the model's thoughts are not told from its answer; switch its thinking off",
                )
            spoken += "" if self._thinking else before
            self._thinking = mark == OPEN
        keep = _open_end(self._held)
        ready, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return spoken + ("" if self._thinking else ready)

    def end(self) -> str:
        """What was held back and turned out to be text."""
        return "" if self._thinking else self._held

    def _next_mark(self) -> str | None:
        marks = (CLOSE,) if self._thinking else (OPEN, CLOSE)
        return min((m for m in marks if m in self._held), key=self._held.index, default=None)


def _open_end(text: str) -> int:
    """Characters at the end that may be the beginning of a mark."""
    return max(
        (n for mark in (OPEN, CLOSE) for n in range(1, len(mark)) if text.endswith(mark[:n])), default=0
    )
