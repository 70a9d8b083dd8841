"""A quotable sentence with what can be read off it, and the words it stands among."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from ..indexing.store import PassageRow, Quotable
from ..text.dates import DateMention, find_dates
from ..text.figures import Figure, find_figures
from ..text.scripts import fold_text
from ..text.terms import lexical_terms
from ..types import Language, Span

REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Reading:
    """Folded text, terms, figures and dates of a stretch of text."""

    folded: str
    terms: frozenset[str]
    figures: tuple[Figure, ...]
    dates: tuple[DateMention, ...]


@dataclass(frozen=True, slots=True)
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

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[Evidence, ...]] = OrderedDict()

    def read(self, passage: PassageRow) -> tuple[Evidence, ...]:
        known = self._known.get(passage.row)
        if known is None:
            around = _read("\n".join((passage.title, *passage.paragraph.headings, _spoken(passage))))
            known = tuple(_evidence(passage, quotable, around) for quotable in passage.sentences)
            self._known[passage.row] = known
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known


def _evidence(passage: PassageRow, quotable: Quotable, around: Reading) -> Evidence:
    text = _cut(passage, quotable.span)
    return Evidence(quotable.row, quotable.span, text, passage, _read(text), around)


def _spoken(passage: PassageRow) -> str:
    return "\n".join(_cut(passage, quotable.span) for quotable in passage.sentences)


def _cut(passage: PassageRow, span: Span) -> str:
    return span.shift(-passage.passage.span.start).of(passage.passage.text)


def _read(text: str) -> Reading:
    return Reading(
        fold_text(text), frozenset(lexical_terms(text)), tuple(find_figures(text)), tuple(find_dates(text))
    )
