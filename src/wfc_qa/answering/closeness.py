"""How close two sentences or passages of the collection are, by their rows in a generation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ..adapters.remembered import Remembered
from ..indexing.generation import Generation
from ..indexing.store import PassageRow

# Passages before and after one that are looked at for what disputes it.
REACH = 8
# Passages nearest to one among which those in the other language are looked for, and how many of them are taken.
LOOKED, TAKEN = 60, 10
REMEMBERED = 4096


class Closeness(Protocol):
    """Cosines, across languages too; -1 to 1. ``beside`` are the passages around one in its document, ``abroad`` the
    nearest in the other language, best first."""

    def sentences(self, one: int, other: int) -> float: ...
    def passages(self, one: int, other: int) -> float: ...
    def beside(self, row: int) -> Sequence[PassageRow]: ...
    def abroad(self, row: int) -> Sequence[PassageRow]: ...


class GenerationCloseness:
    """Reads vectors and neighbours off one generation; safe to share between threads."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        # A generation never changes: what was looked up once stays true.
        self._known: Remembered[int, Sequence[PassageRow]] = Remembered(REMEMBERED)

    def sentences(self, one: int, other: int) -> float:
        pair = self.generation.sentences[[one, other]].astype(np.float32)
        return float(pair[0] @ pair[1])

    def passages(self, one: int, other: int) -> float:
        pair = self.generation.vectors.vectors(np.array([one, other]))
        return float(pair[0] @ pair[1])

    def beside(self, row: int) -> Sequence[PassageRow]:
        last = len(self.generation.vectors) - 1
        around = self.generation.store.passages(range(max(0, row - REACH), min(last, row + REACH) + 1))
        home = next(passage.paragraph.doc_id for passage in around if passage.row == row)
        return [passage for passage in around if passage.paragraph.doc_id == home]

    def abroad(self, row: int) -> Sequence[PassageRow]:
        return self._known.read(row, lambda: self._abroad(row))

    def _abroad(self, row: int) -> Sequence[PassageRow]:
        vector = self.generation.vectors.vectors(np.array([row]))[0]
        rows, _ = self.generation.vectors.search(vector, LOOKED)
        [home] = self.generation.store.passages([row])
        near = self.generation.store.passages([int(other) for other in rows])
        return tuple(passage for passage in near if passage.language is not home.language)[:TAKEN]
