"""How much of what a question says turns up in the evidence, in either language."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..retrieval.terms import Terms, Word


@dataclass(frozen=True, slots=True)
class Weighed:
    """A content word with its weight (the rarer in the collection, the heavier) and whether any passage holds it."""

    word: Word
    weight: float
    known: bool


def weigh_words(terms: Terms, frequency: Callable[[str], int], passages: int) -> tuple[Weighed, ...]:
    """Inverse document frequency, ``log(1 + N / (1 + df))``, of each word; a word said another way counts by its
    most common form."""
    weighed = []
    for word in terms.words:
        found = max((min(map(frequency, parts)) for parts in (word.terms, *word.translations)), default=0)
        weighed.append(Weighed(word, math.log(1 + passages / (1 + found)), found > 0))
    return tuple(weighed)


def coverage(words: tuple[Weighed, ...], said: frozenset[str]) -> float:
    """Weighted share of ``words`` whose terms, or those of a translation, are in ``said``; 0 to 1."""
    total = sum(word.weight for word in words)
    if not total:
        return 0.0
    return sum(word.weight for word in words if _says(word.word, said)) / total


def missing_share(words: tuple[Weighed, ...], said: frozenset[str], *, known: bool) -> float:
    """Weighted share of the words that are not in ``said`` though other passages hold them (``known``), or that no
    passage holds; 0 to 1. The first speaks for evidence about something else, the second for other wording."""
    total = sum(word.weight for word in words)
    missing = sum(word.weight for word in words if word.known is known and not _says(word.word, said))
    return missing / total if total else 0.0


def heaviest_gap(words: tuple[Weighed, ...], said: frozenset[str]) -> float:
    """Share of the whole weight that the heaviest missing word carries; 0 to 1."""
    total = sum(word.weight for word in words)
    missing = [word.weight for word in words if not _says(word.word, said)]
    return max(missing, default=0.0) / total if total else 0.0


def _says(word: Word, said: frozenset[str]) -> bool:
    return said.issuperset(word.terms) or any(said.issuperset(parts) for parts in word.translations)
