"""What a stretch of text says: its figures, dates, places in a row and words, in either language."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from ..adapters.cedict import Dictionary
from ..text.dates import DateMention
from ..text.figures import Figure, Unit
from ..text.marks import read_marks
from ..text.ordinals import Ordinal
from ..text.scripts import fold_text
from ..text.terms import gloss_terms, lexical_terms
from ..types import Language
from .kin import Kin, read_kin
from .words import find_words

TARGETS = 8
# Counts up to here number the things a sentence speaks of more often than they state a fact.
SMALL = 10
REPORT_AFTER = re.compile(
    r"的?(?:一[篇份则])?(?:转载的?)?(?:报道|新闻|消息|摘要|资料|文章)"
    r"|的(?:方案|规划|意见|通知|文件|计划|细则|办法)(?:提出|要求|明确|显示|指出|规定|称)"
)
REPORT_BEFORE = re.compile(
    r"\b(?:report|article|summary|item|news|page|plan|scheme|notice|document|opinions?) (?:of|dated|from) $",
    re.IGNORECASE,
)


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
        return frozenset(term for target in targets for term in gloss_terms(target))

    @cached_property
    def kin(self) -> Kin:
        """Its words for others to be akin to."""
        spans = find_words(self.folded, self.language, self.dictionary)
        return read_kin((span.of(self.folded) for span in spans), self.language, self.dictionary)

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


def read_text(text: str, language: Language, dictionary: Dictionary) -> Reading:
    """Everything that can be read off ``text``."""
    marks = read_marks(text)
    terms = frozenset(lexical_terms(text))
    dates = _fact_dates(text, marks.dates)
    return Reading(fold_text(text), language, terms, marks.figures, dates, marks.ordinals, dictionary)


def telling(figure: Figure) -> bool:
    """Whether a figure says something of its own: "two steps" and "one of them" only count words."""
    return figure.unit is not Unit.COUNT or abs(figure.value) > SMALL


def _fact_dates(text: str, dates: tuple[DateMention, ...]) -> tuple[DateMention, ...]:
    """Dates without those of the report that states the facts, unless it states no other."""
    facts = tuple(
        date
        for date in dates
        if not (REPORT_AFTER.match(text, date.span.end) or REPORT_BEFORE.search(text[: date.span.start]))
    )
    return facts or dates
