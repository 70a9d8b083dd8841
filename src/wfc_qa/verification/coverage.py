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


@dataclass(frozen=True, slots=True)
class Coverage:
    """Weighted shares of a question's words, each 0 to 1.

    ``covered`` turn up; ``gap`` is the heaviest word that does not; ``elsewhere`` do not though other passages hold
    them, which speaks for evidence about something else; ``unknown`` no passage holds, which speaks for other wording.
    """

    covered: float
    gap: float
    elsewhere: float
    unknown: float


def cover(words: tuple[Weighed, ...], said: frozenset[str]) -> Coverage:
    """Hold ``words`` against the terms of the evidence; a word is covered by its terms or those of a translation."""
    total = sum(word.weight for word in words)
    if not total:
        return Coverage(0.0, 0.0, 0.0, 0.0)
    missing = [word for word in words if not word.word.said_in(said)]
    elsewhere = sum(word.weight for word in missing if word.known) / total
    absent = sum(word.weight for word in missing) / total
    gap = max((word.weight for word in missing), default=0.0) / total
    return Coverage(1.0 - absent, gap, elsewhere, absent - elsewhere)
