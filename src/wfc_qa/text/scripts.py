"""Folding: one form for every way of writing the same words, with a way back to the original.

Traditional and simplified, full and half width, upper and lower case fold to the same text. Han is
mapped one character at a time, so that folding never depends on the words around it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

from wfc_qa.types import Span

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Han characters, for use inside a regular expression's brackets."""

# OpenCC keeps these apart by the words they stand in; folding has no words.
_VARIANTS = str.maketrans("著藉瞭", "着借了")
_WIDE = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF05]
_NARROW = {code: chr(code - 0xFEE0) for code in _WIDE}
_HAN = re.compile(f"[{HAN}]")
_INVISIBLE = re.compile("[\u034f\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Letters that compose with the one before them: Hangul vowels and finals, Kirat Rai vowels.
_JOINING_LETTERS = re.compile("[\u1160-\u11ff\U00016d63\U00016d67-\U00016d6a]")
_MAX_MARKS = 30


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded ``text``; its code point ``i`` stems from ``original[starts[i]:ends[i]]``."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original(self, span: Span) -> Span:
        """Where a span of the folded text lies in the original; an empty span stays empty."""
        if span.start == span.end:
            last = self.ends[-1] if self.ends else 0
            point = self.starts[span.start] if span.start < len(self.starts) else last
            return Span(point, point)
        return Span(self.starts[span.start], self.ends[span.end - 1])


def fold(text: str) -> Folded:
    """Fold ``text`` and keep, for every code point, the range it stems from."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _clusters(text).finditer(text):
        part = _fold_cluster(match[0])
        parts.append(part)
        starts += [match.start()] * len(part)
        ends += [match.end()] * len(part)
    return Folded("".join(parts), tuple(starts), tuple(ends))


def fold_text(text: str) -> str:
    """``fold(text).text``, several times faster."""
    if text.isascii():
        return text.lower()
    if joiners := _joiners(text):
        text = re.sub(f"[^{joiners}]?[{joiners}]+", lambda match: _fold_cluster(match[0]), text)
    return text.translate(_FOLDS)


def simplify_text(text: str) -> str:
    """Traditional characters as simplified ones, full-width letters and digits as half-width; all else stays."""
    if text.isascii():
        return text
    return str(_simplifier().convert(text)).translate(_VARIANTS).translate(_NARROW)


def _clusters(text: str) -> re.Pattern[str]:
    """Matches the shortest pieces of ``text`` that fold independently of each other."""
    joiners = _joiners(text)
    return re.compile(f"[^{joiners}][{joiners}]*|[{joiners}]+" if joiners else ".", re.DOTALL)


def _joiners(text: str) -> str:
    if text.isascii():
        return ""
    return re.escape("".join(sorted(char for char in set(text) if _joins(char))))


@lru_cache(maxsize=65536)
def _joins(char: str) -> bool:
    """Whether folding ``char`` may touch the character before it."""
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.category(first) in {"Mn", "Mc", "Me", "Cf"} or bool(_JOINING_LETTERS.match(first))


@lru_cache(maxsize=65536)
def _fold_cluster(cluster: str) -> str:
    while (folded := _fold_once(cluster)) != cluster:
        cluster = folded
    return folded


def _fold_once(text: str) -> str:
    text = "".join(char for char in _INVISIBLE.sub("", text) if unicodedata.category(char) != "Cf")
    # Sorting a long run of combining marks takes quadratic time.
    if len(text) > _MAX_MARKS:
        text = text[:_MAX_MARKS]
    if _HAN.search(text):
        text = _simplifier().convert(text).translate(_VARIANTS)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


class _Folds(dict[int, str]):
    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_cluster(chr(code))
        return folded


_FOLDS = _Folds()
