"""A query's terms: its own, and what the dictionary makes of them in the other language."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..adapters.cedict import Dictionary
from ..text.marks import read_marks
from ..text.scripts import fold_text
from ..text.terms import content_terms, gloss_terms
from ..types import Query

TRANSLATIONS = 4


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of the question: its terms, and for each translation that the collection knows its terms.

    ``stray`` are two characters that no dictionary word covers: a piece of a name, or grammar between two words.
    """

    text: str
    terms: tuple[str, ...]
    translations: tuple[tuple[str, ...], ...]
    stray: bool = False

    def said_in(self, terms: frozenset[str]) -> bool:
        """Whether ``terms`` hold all of the word's own, or all of one translation's."""
        return terms.issuperset(self.terms) or any(terms.issuperset(parts) for parts in self.translations)


@dataclass(frozen=True, slots=True)
class Terms:
    """``own`` and ``cross`` map terms to BM25 weights; ``words`` keep which translation belongs to which word."""

    own: dict[str, float]
    cross: dict[str, float]
    words: tuple[Word, ...]


def find_terms(query: Query, dictionary: Dictionary, frequency: Callable[[str], int]) -> Terms:
    """Terms of ``query``; ``frequency`` tells how many passages hold a term."""
    own = dict.fromkeys(content_terms(query.text), 1.0)
    # Dates and figures are held against the evidence as such, not as words.
    said = read_marks(query.text).rest
    words = [
        Word(entry.word, terms, _known_translations(entry.targets, frequency))
        for entry in dictionary.translate(fold_text(said), query.language)
        if (terms := _word_terms(entry.word))
    ]
    spoken = {char for word in words for char in word.text}
    stray = [term for term in content_terms(said) if not set(term) <= spoken]
    words += [Word(term, (term,), (), stray=True) for term in stray]
    cross: dict[str, float] = {}
    for word in words:
        # Many ways to say a word must not outweigh a word with one.
        share = 1.0 / math.sqrt(len(word.translations) or 1)
        for part in {part for parts in word.translations for part in parts} - own.keys():
            cross[part] = max(cross.get(part, 0.0), share)
    return Terms(own, cross, tuple(words))


def _known_translations(
    targets: Iterable[str], frequency: Callable[[str], int]
) -> tuple[tuple[str, ...], ...]:
    """Terms of the first ``TRANSLATIONS`` targets that the collection holds."""
    known: list[tuple[str, ...]] = []
    for target in targets:
        parts = gloss_terms(target)
        if parts and parts not in known and all(frequency(part) for part in parts):
            known.append(parts)
        if len(known) == TRANSLATIONS:
            break
    return tuple(known)


def _word_terms(word: str) -> tuple[str, ...]:
    """Content terms of a dictionary word; a lone Chinese character hardly ever means anything by itself."""
    return tuple(content_terms(word)) if len(word) > 1 else ()
