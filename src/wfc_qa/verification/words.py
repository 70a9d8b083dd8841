"""The words of a text that may say something: what the dictionary knows of a Chinese text, each of an English one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..adapters.cedict import Dictionary
from ..types import Language, Span

WORD = re.compile(r"[a-z]+(?:['’](?!s\b)[a-z]+)?")


def find_words(folded: str, language: Language, dictionary: Dictionary) -> Iterator[Span]:
    """Names aside; in Chinese text also words in Latin letters."""
    if language is Language.EN:
        proper = {entry.span for entry in dictionary.translate(folded, language) if entry.proper}
        yield from (span for match in WORD.finditer(folded) if (span := Span(*match.span())) not in proper)
        return
    for entry in dictionary.translate(folded, Language.ZH):
        if len(entry.word) > 1 and not entry.proper:
            yield entry.span
    yield from (Span(*match.span()) for match in re.finditer(r"[a-z]{2,}", folded))
