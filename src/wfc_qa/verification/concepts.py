"""What claims about finance and policy speak of, in both languages: a word said one way is proved by another way to say
it, and a word said in none is not proved.

A dictionary of single words knows too little of this: it does not make 印发 "issued" nor 余额 "outstanding".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..text.scripts import fold_text
from ..types import Span
from .patterns import Patterns, read_lines

REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A concept, by its number, as a text says it."""

    concept: int
    span: Span

    @property
    def loose(self) -> bool:
        """Whether it is said in more ways than the list can hold."""
        return self.concept >= _THINGS


def _idle(words: Sequence[str]) -> re.Pattern[str]:
    han = sorted((word for word in words if re.search("[\u4e00-\u9fff]", word)), key=len, reverse=True)
    latin = [word for word in words if word not in han]
    return re.compile(rf"\b(?:{'|'.join(latin)})(?![a-z'-])|{'|'.join(han)}")


_THINGS = len(read_lines("things.txt"))
_LINES = [line.split(" < ") for name in ("things.txt", "loose.txt") for line in read_lines(name)]
_CONCEPTS = Patterns({number: line[0] for number, line in enumerate(_LINES)})
# What implies a concept proves it without being a name for it: who lends is a bank.
_IMPLIED = Patterns({number: line[1] for number, line in enumerate(_LINES) if len(line) > 1})
_IDLE = _idle(" ".join(read_lines("idle.txt")).split())


@lru_cache(maxsize=REMEMBERED)
def find_concepts(text: str) -> tuple[Mentioned, ...]:
    """Every concept of ``text`` (folded) wherever it is mentioned; one stretch may name several."""
    return tuple(Mentioned(number, Span(*match.span())) for number, match in _CONCEPTS.find(text))


@lru_cache(maxsize=REMEMBERED)
def idle_spans(text: str) -> tuple[Span, ...]:
    """Where ``text`` (folded) only tells, joins or measures."""
    return tuple(Span(*match.span()) for match in _IDLE.finditer(text))


def known_concepts(text: str) -> frozenset[int]:
    """Those that ``text``, as evidence, names or implies."""
    folded = fold_text(text)
    implied = (number for number, _ in _IMPLIED.named(folded))
    return frozenset({*(one.concept for one in find_concepts(folded)), *implied})
