"""A quotable sentence with what can be read off it, and the words it stands among."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..adapters.remembered import Remembered
from ..indexing.store import PassageRow, Quotable
from ..text.dates import DateMention
from ..text.figures import Bound
from ..text.marks import read_marks
from ..text.poles import FALL, RISE, Pole, find_poles
from ..text.scripts import fold_text
from ..types import Language, Query, Span
from ..verification.facts import Statement, read_statement
from ..verification.proof import Proof, Prover
from ..verification.reading import Reading, read_text, telling
from ..verification.unsaid import Unsaid, find_unsaid

REMEMBERED = 4096
# Words by which a sentence says that sources do not agree.
DISAGREE = re.compile(
    r"不一致|不同|相差|差异|分歧|出入|矛盾|口径|differ|disagree|discrepan|conflict|inconsisten|at odds",
    re.IGNORECASE,
)
# "Over" and "at least" bound on the same side; translations do not tell them apart.
_SIDES = {Bound.AT_LEAST: "least", Bound.OVER: "least", Bound.AT_MOST: "most", Bound.UNDER: "most"}
_OPPOSED = {frozenset({RISE}), frozenset({FALL})}


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


def same_marks(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences state the same figures and dates, as translations of each other do: bounded alike, and
    nothing that only rose in one and only fell in the other."""
    return (
        one.own.marks == other.own.marks
        and _bounds(one) == _bounds(other)
        and Counter(map(when, one.own.dates)) == Counter(map(when, other.own.dates))
        and {_trends(one), _trends(other)} != _OPPOSED
    )


def when(date: DateMention) -> tuple[int | None, ...]:
    """What a date says, in whatever words."""
    return date.year, date.month, date.day, date.quarter, date.half, date.cumulative


def _bounds(evidence: Evidence) -> Counter[tuple[object, ...]]:
    figures = (figure for figure in evidence.own.figures if telling(figure))
    return Counter((figure.value, figure.unit, _SIDES.get(figure.bound)) for figure in figures)


def _trends(evidence: Evidence) -> frozenset[Pole]:
    return find_poles(fold_text(read_marks(evidence.text).rest)) & {RISE, FALL}


class Reader:
    """Reads sentences off passages and remembers the latest; safe to share between threads."""

    def __init__(self, prover: Prover) -> None:
        self._dictionary = prover.dictionary
        self._known: Remembered[int, tuple[Evidence, ...]] = Remembered(REMEMBERED)
        self._prover = prover

    def read(self, passage: PassageRow) -> tuple[Evidence, ...]:
        return self._known.read(passage.row, lambda: self._read(passage))

    def _read(self, passage: PassageRow) -> tuple[Evidence, ...]:
        around = self._prover.read(passage).around
        return tuple(self._evidence(passage, quotable, around) for quotable in passage.sentences)

    def read_claim(self, text: str, language: Language) -> Reading:
        """What a sentence says that stands in no passage."""
        return read_text(text, language, self._dictionary)

    def proofs(self, chosen: Iterable[Evidence]) -> list[Proof]:
        """What the passages of ``chosen`` state, each once."""
        passages = {evidence.passage.row: evidence.passage for evidence in chosen}
        return [self._prover.read(passage) for passage in passages.values()]

    def read_question(self, query: Query) -> Statement:
        """What a question takes for granted, read as a claim is."""
        return read_statement(query.text, query.language, self._dictionary)

    def unsaid(self, question: Statement, language: Language, proofs: Sequence[Proof]) -> Unsaid:
        """The words of a question that none of ``proofs`` says, in whatever words."""
        return find_unsaid(question, language, proofs, self._dictionary)

    def _evidence(self, passage: PassageRow, quotable: Quotable, around: Reading) -> Evidence:
        text = _cut(passage, quotable.span)
        return Evidence(
            quotable.row,
            quotable.span,
            text,
            passage,
            read_text(text, passage.language, self._dictionary),
            around,
            bool(DISAGREE.search(text)),
        )


def _cut(passage: PassageRow, span: Span) -> str:
    return span.shift(-passage.passage.span.start).of(passage.passage.text)
