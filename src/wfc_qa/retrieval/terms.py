"""A query's terms: its own, and what the dictionary makes of them in the other language."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..adapters.cedict import Dictionary
from ..text.scripts import fold_text
from ..text.terms import content_terms
from ..types import Query

TRANSLATIONS = 4


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of the question: its terms, and for each translation that the collection knows its terms."""

    text: str
    terms: tuple[str, ...]
    translations: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """``own`` and ``cross`` map terms to BM25 weights; ``words`` keep which translation belongs to which word."""

    own: dict[str, float]
    cross: dict[str, float]
    words: tuple[Word, ...]


def find_terms(query: Query, dictionary: Dictionary, frequency: Callable[[str], int]) -> Terms:
    """Terms of ``query``; ``frequency`` tells how many passages hold a term."""
    folded = fold_text(query.text)
    own = dict.fromkeys(content_terms(folded), 1.0)
    cross: dict[str, float] = {}
    words = []
    for translation in dictionary.translate(folded, query.language):
        terms = tuple(content_terms(translation.word))
        if not terms:
            continue
        known = []
        for target in translation.targets:
            parts = tuple(content_terms(target))
            if parts and all(frequency(part) for part in parts) and parts not in known:
                known.append(parts)
            if len(known) == TRANSLATIONS:
                break
        words.append(Word(translation.word, terms, tuple(known)))
        # Many ways to say a word must not outweigh a word with one.
        share = 1.0 / math.sqrt(len(known)) if known else 0.0
        for part in {part for parts in known for part in parts}:
            if part not in own:
                cross[part] = max(cross.get(part, 0.0), share)
    spoken = {term for word in words for term in word.terms}
    words += [Word(term, (term,), ()) for term in own if term not in spoken and not _crosses(term, words)]
    return Terms(own, cross, tuple(words))


def _crosses(term: str, words: list[Word]) -> bool:
    """Whether a Han bigram only joins the end of one word to the start of the next."""
    return (
        len(term) == 2
        and any(word.text.endswith(term[0]) for word in words)
        and any(word.text.startswith(term[1]) for word in words)
    )
