"""What each step of an answer took."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from typing import TypeVar

from ..types import Sentence

Whole = TypeVar("Whole")


class Clock:
    """Milliseconds of each step, and from the start to the first sentence told."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def watch(self, telling: Generator[Sentence, None, Whole]) -> Generator[Sentence, None, Whole]:
        """Pass sentences on and note when the first came; closing this closes ``telling``."""
        with closing(telling):
            while True:
                try:
                    sentence = next(telling)
                except StopIteration as ended:
                    self.lap("tell")
                    whole: Whole = ended.value
                    return whole
                self._laps.setdefault("first_sentence", round((time.perf_counter() - self._start) * 1000, 2))
                yield sentence

    def laps(self) -> dict[str, float]:
        return {**self._laps, "total": round((self._last - self._start) * 1000, 2)}
