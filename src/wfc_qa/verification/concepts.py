"""What claims about finance and policy speak of, in both languages: a word said one way is proved by another way to say
it, and a word said in none is not proved.

A dictionary of single words knows too little of this: it does not make 印发 "issued" nor 余额 "outstanding".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..text.scripts import fold_text
from ..types import Span

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


def read_lines(name: str) -> list[str]:
    """The lines of a word list beside this file, without remarks."""
    text = (Path(__file__).parent / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _idle(words: Sequence[str]) -> re.Pattern[str]:
    han = sorted((word for word in words if re.search("[\u4e00-\u9fff]", word)), key=len, reverse=True)
    latin = [word for word in words if word not in han]
    return re.compile(rf"\b(?:{'|'.join(latin)})(?![a-z'-])|{'|'.join(han)}")


def read_pattern(line: str) -> re.Pattern[str]:
    """Any of the ways to say a thing that ``line`` of a word list parts by bars; of Chinese ones the longest first."""
    han = [part for part in line.split("|") if re.search("[\u4e00-\u9fff]", part)]
    latin = [part for part in line.split("|") if part not in han]
    whole = [rf"(?<![a-z])(?:{'|'.join(latin)})(?![a-z])"] if latin else []
    return re.compile("|".join([*sorted(han, key=len, reverse=True), *whole]))


_THINGS = len(read_lines("things.txt"))
_LINES = [line.split(" < ") for name in ("things.txt", "loose.txt") for line in read_lines(name)]
_CONCEPTS = [read_pattern(line[0]) for line in _LINES]
# What implies a concept proves it without being a name for it: who lends is a bank.
_IMPLIED = {number: read_pattern(line[1]) for number, line in enumerate(_LINES) if len(line) > 1}
_IDLE = _idle(" ".join(read_lines("idle.txt")).split())


@lru_cache(maxsize=REMEMBERED)
def find_concepts(text: str) -> tuple[Mentioned, ...]:
    """Every concept of ``text`` (folded) wherever it is mentioned; one stretch may name several."""
    return tuple(
        Mentioned(number, Span(*match.span()))
        for number, pattern in enumerate(_CONCEPTS)
        for match in pattern.finditer(text)
    )


@lru_cache(maxsize=REMEMBERED)
def idle_spans(text: str) -> tuple[Span, ...]:
    """Where ``text`` (folded) only tells, joins or measures."""
    return tuple(Span(*match.span()) for match in _IDLE.finditer(text))


def known_concepts(text: str) -> frozenset[int]:
    """Those that ``text``, as evidence, names or implies."""
    folded = fold_text(text)
    implied = (number for number, pattern in _IMPLIED.items() if pattern.search(folded))
    return frozenset({*(one.concept for one in find_concepts(folded)), *implied})
