"""A quotable sentence with what can be read off it, and the words it stands among."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from ..adapters.cedict import Dictionary
from ..indexing.store import PassageRow, Quotable
from ..text.dates import DateMention
from ..text.figures import Figure
from ..text.marks import read_marks
from ..text.ordinals import Ordinal
from ..text.scripts import fold_text
from ..text.terms import content_terms, lexical_terms
from ..types import Language, Span

REMEMBERED = 4096
TARGETS = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stretch of text says; ``spelled`` is it in pinyin, ``translated`` are the terms that the dictionary gives
    for its words in the other language."""

    folded: str
    spelled: str
    terms: frozenset[str]
    translated: frozenset[str]
    figures: tuple[Figure, ...]
    dates: tuple[DateMention, ...]
    ordinals: tuple[Ordinal, ...]

    def spoken(self, *, foreign: bool) -> frozenset[str]:
        """Terms to hold a question against, which may be in the other language."""
        return self.terms | self.translated if foreign else self.terms


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One sentence: ``own`` is what it says itself, ``around`` what its whole passage, headings and title say."""

    row: int
    span: Span
    text: str
    passage: PassageRow
    own: Reading
    around: Reading

    @property
    def language(self) -> Language:
        return self.passage.language


class Reader:
    """Reads sentences off passages and remembers the latest; safe to share between threads."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._known: OrderedDict[int, tuple[Evidence, ...]] = OrderedDict()

    def read(self, passage: PassageRow) -> tuple[Evidence, ...]:
        known = self._known.get(passage.row)
        if known is None:
            said = "\n".join(_cut(passage, quotable.span) for quotable in passage.sentences)
            around = self._read(
                "\n".join((passage.title, *passage.paragraph.headings, said)), passage.language
            )
            known = tuple(self._evidence(passage, quotable, around) for quotable in passage.sentences)
            self._known[passage.row] = known
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known

    def _evidence(self, passage: PassageRow, quotable: Quotable, around: Reading) -> Evidence:
        text = _cut(passage, quotable.span)
        return Evidence(
            quotable.row, quotable.span, text, passage, self._read(text, passage.language), around
        )

    def _read(self, text: str, language: Language) -> Reading:
        folded = fold_text(text)
        targets = {
            target
            for entry in self._dictionary.translate(folded, language)
            for target in entry.targets[:TARGETS]
        }
        marks = read_marks(text)
        return Reading(
            folded,
            self._dictionary.spell(folded),
            frozenset(lexical_terms(text)),
            frozenset(term for target in targets for term in content_terms(target)),
            marks.figures,
            marks.dates,
            marks.ordinals,
        )


def _cut(passage: PassageRow, span: Span) -> str:
    return span.shift(-passage.passage.span.start).of(passage.passage.text)
