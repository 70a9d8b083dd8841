"""A quotable sentence with what can be read off it, and the words it stands among."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from functools import cached_property

from ..adapters.cedict import Dictionary
from ..indexing.store import PassageRow, Quotable
from ..text.dates import DateMention
from ..text.figures import Figure, Unit
from ..text.marks import read_marks
from ..text.ordinals import Ordinal
from ..text.scripts import fold_text
from ..text.terms import content_terms, lexical_terms
from ..types import Language, Span

REMEMBERED = 4096
# Words by which a sentence says that sources do not agree.
DISAGREE = re.compile(
    r"不一致|不同|相差|差异|分歧|出入|矛盾|口径|differ|disagree|discrepan|conflict|inconsisten|at odds",
    re.IGNORECASE,
)
TARGETS = 8
# Counts up to here number the things a sentence speaks of more often than they state a fact.
SMALL = 10
REPORT_AFTER = re.compile(r"的?(?:一[篇份则])?(?:转载的?)?(?:报道|新闻|消息|摘要|资料|文章)")
REPORT_BEFORE = re.compile(r"\b(?:report|article|summary|item|news|page) (?:of|dated|from) $", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Reading:
    """What a stretch of text says. What only a question in the other language needs is read when it comes."""

    folded: str
    language: Language
    terms: frozenset[str]
    figures: tuple[Figure, ...]
    dates: tuple[DateMention, ...]
    ordinals: tuple[Ordinal, ...]
    dictionary: Dictionary = field(repr=False)

    @cached_property
    def translated(self) -> frozenset[str]:
        """Terms that the dictionary gives for its words in the other language."""
        entries = self.dictionary.translate(self.folded, self.language)
        targets = {target for entry in entries for target in entry.targets[:TARGETS]}
        return frozenset(term for target in targets for term in content_terms(target))

    @cached_property
    def spelled(self) -> str:
        """The text in pinyin, without spaces."""
        return self.dictionary.spell(self.folded)

    @cached_property
    def marks(self) -> Counter[tuple[object, ...]]:
        """The figures and dates it states: what translations of each other share."""
        found = Counter[tuple[object, ...]]((one.value, one.unit) for one in self.figures if telling(one))
        found.update((date.year, date.month, date.day) for date in self.dates)
        return found

    def spoken(self, *, foreign: bool) -> frozenset[str]:
        """Terms to hold a question against, which may be in the other language."""
        return self.terms | self.translated if foreign else self.terms


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One sentence: ``own`` is what it says itself, ``around`` what its whole passage, headings and title say;
    ``disagrees`` is whether it says that sources do."""

    row: int
    span: Span
    text: str
    passage: PassageRow
    own: Reading
    around: Reading
    disagrees: bool

    @property
    def language(self) -> Language:
        return self.passage.language

    @property
    def marked(self) -> bool:
        """Whether it states a figure or a date."""
        return bool(self.own.marks)


def telling(figure: Figure) -> bool:
    """Whether a figure says something of its own: "two steps" and "one of them" only count words."""
    return figure.unit is not Unit.COUNT or abs(figure.value) > SMALL


def same_marks(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences state the same figures and dates, as translations of each other do."""
    return one.own.marks == other.own.marks


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
            quotable.row,
            quotable.span,
            text,
            passage,
            self._read(text, passage.language),
            around,
            bool(DISAGREE.search(text)),
        )

    def _read(self, text: str, language: Language) -> Reading:
        marks = read_marks(text)
        terms = frozenset(lexical_terms(text))
        dates = _fact_dates(text, marks.dates)
        return Reading(
            fold_text(text), language, terms, marks.figures, dates, marks.ordinals, self._dictionary
        )


def _cut(passage: PassageRow, span: Span) -> str:
    return span.shift(-passage.passage.span.start).of(passage.passage.text)


def _fact_dates(text: str, dates: tuple[DateMention, ...]) -> tuple[DateMention, ...]:
    """Dates without those of the report that states the facts, unless it states no other."""
    facts = tuple(
        date
        for date in dates
        if not (REPORT_AFTER.match(text, date.span.end) or REPORT_BEFORE.search(text[: date.span.start]))
    )
    return facts or dates
