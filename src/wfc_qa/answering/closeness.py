"""How close two sentences or passages of the collection are, by their rows in a generation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..indexing.generation import Generation
from ..indexing.store import PassageRow

# Passages before and after one that are looked at for what disputes it.
REACH = 8


class Closeness(Protocol):
    """Cosines, across languages too; -1 to 1. ``beside`` are the passages around one in its document."""

    def sentences(self, one: int, other: int) -> float: ...
    def passages(self, one: int, other: int) -> float: ...
    def beside(self, row: int) -> Sequence[PassageRow]: ...


@dataclass(frozen=True, slots=True)
class GenerationCloseness:
    """Reads vectors and neighbours off one generation."""

    generation: Generation

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
