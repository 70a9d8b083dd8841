"""A sentence taken apart: each figure, date and place in a row with the words that belong to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from ..adapters.cedict import Dictionary
from ..text.dates import DateMention
from ..text.figures import Figure, Unit
from ..text.marks import read_marks
from ..text.measures import EVENTS, QUALIFIERS, Measure, find_measures
from ..text.numerals import narrow
from ..text.ordinals import Ordinal
from ..text.poles import Pole, find_poles
from ..text.scripts import fold_text
from ..text.terms import lexical_terms
from ..types import Language, Span
from .marking import find_amounts, find_places, name_periods
from .reading import REPORT_AFTER, REPORT_BEFORE, Reading

# Where one statement ends and the next begins within a sentence.
STOPS = re.compile(r"[，,；;。：、]|:\s|(?<=\s)[—–-]+(?=\s)|——|\.\s|\b(?:while|whereas|but)\b", re.IGNORECASE)
JOINTS = re.compile(r"\b(?:and|or)\b|[和与及并]|以及", re.IGNORECASE)
TOWARDS = re.compile(r"\bto\b|[至到]", re.IGNORECASE)
LEADS = re.compile(r"\bto\s*(?:\w+\s+){0,2}$|[至到为]\s*$", re.IGNORECASE)
# A share is made up, a court set up: neither grows.
MADE_UP = re.compile(r"\b(?:ma[dk]es?|making|sets?|setting|took|takes?) up\b")
LISTED = re.compile(r"[、,，]|\band\b|[和与及]")
RESPECTIVE = re.compile(r"分别|\brespectively\b")
DIGITS = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
SHARES = frozenset({Unit.PERCENT, Unit.POINTS})
ROLES = frozenset({Measure.SHARE, Measure.GROWTH, Measure.FALL})
TOPICS = frozenset(Measure) - ROLES - EVENTS - QUALIFIERS
Mark = Figure | DateMention | Ordinal


class Stage(StrEnum):
    """How far money has come: what a bank has granted is more than it has paid out."""

    GRANTED = "granted"
    PAID = "paid"


_STAGES = {
    Stage.GRANTED: re.compile(r"授信|额度|批了|批准|获批|credit lines?|lines of credit|grant\w*|approv\w+"),
    Stage.PAID: re.compile(
        r"投放|发放|放款|放贷|放出|到位|disburs\w+|paid out|pay(?:s|ing)? out|actual\w* len[dt]|lent out|handed out"
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """A mark with its own stretch of the sentence, ``span``: the ``near`` words, the ``head`` that it counts, the
    ``dates`` it holds for, what it measures (``topics``, whose ``qualifiers``, whether a share or a growth: ``roles``),
    how far it has come (``stages``) and which way it went (``poles``). ``parent`` is the amount that a growth or
    share is told of."""

    mark: Mark
    span: Span
    near: Reading
    head: Reading
    dates: tuple[DateMention, ...]
    topics: frozenset[Measure]
    qualifiers: frozenset[Measure]
    roles: frozenset[Measure]
    stages: frozenset[Stage]
    poles: frozenset[Pole]
    parent: Fact | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A sentence: its marks as facts, its clauses, the ``rest`` with the marks blanked, and the runs of digits that
    belong to no mark, as in the number of a document."""

    text: str
    rest: str
    whole: Reading
    figures: tuple[Fact, ...]
    dates: tuple[Fact, ...]
    ordinals: tuple[Fact, ...]
    clauses: tuple[Reading, ...]
    digits: frozenset[str]


def read_statement(text: str, language: Language, dictionary: Dictionary) -> Statement:
    """Everything that ``text``, one sentence, states."""
    text = name_periods(text)
    marks = read_marks(text)
    ordinals = find_places(text, marks.ordinals)
    figures, years = find_amounts(text, marks.figures)
    dates = complete_years(sorted([*marks.dates, *years], key=lambda date: date.span.start))
    told = tuple(date for date in dates if not _reported(text, date)) or dates

    def said(span: Span) -> Reading:
        # Dates and figures are held as such; as words their digits would count twice.
        return read_words(span.of(marks.rest), language, dictionary)

    def facts(found: Sequence[Mark]) -> tuple[Fact, ...]:
        return tuple(_pair_up(list(_facts(found, marks.rest, told, said)), marks.rest, said))

    return Statement(
        text=text,
        rest=marks.rest,
        whole=replace_marks(said(Span(0, len(text))), figures, told, ordinals),
        figures=facts(figures),
        dates=facts(dates),
        ordinals=facts(ordinals),
        clauses=tuple(map(said, _clauses(text, marks.rest))),
        digits=find_digits(marks.rest),
    )


def find_digits(text: str) -> frozenset[str]:
    """Runs of digits, full-width ones as ASCII, thousands without commas."""
    return frozenset(run.replace(",", "") for run in DIGITS.findall(narrow(text)))


def complete_years(dates: Sequence[DateMention]) -> tuple[DateMention, ...]:
    """A date without a year takes that of the date before it, or else of the first behind it."""
    known = next((date.year for date in dates if date.year), None)
    whole = []
    for date in dates:
        known = date.year or known
        whole.append(date if date.year else replace(date, year=known))
    return tuple(whole)


def read_words(text: str, language: Language, dictionary: Dictionary) -> Reading:
    return Reading(fold_text(text), language, frozenset(lexical_terms(text)), (), (), (), dictionary)


def replace_marks(
    reading: Reading,
    figures: tuple[Figure, ...],
    dates: tuple[DateMention, ...],
    ordinals: tuple[Ordinal, ...],
) -> Reading:
    return Reading(
        reading.folded, reading.language, reading.terms, figures, dates, ordinals, reading.dictionary
    )


def _reported(text: str, date: DateMention) -> bool:
    """Whether the date is only that of the report which states the facts."""
    return bool(REPORT_AFTER.match(text, date.span.end) or REPORT_BEFORE.search(text[: date.span.start]))


def _clauses(text: str, rest: str) -> list[Span]:
    cuts = [0, *(match.end() for match in STOPS.finditer(rest)), len(text)]
    return [Span(start, end) for start, end in pairwise(cuts) if text[start:end].strip()]


def _facts(
    found: Sequence[Mark],
    rest: str,
    dates: tuple[DateMention, ...],
    said: Callable[[Span], Reading],
) -> Iterator[Fact]:
    """The marks of one kind, each with its stretch; what a stretch leaves open it takes from the one before."""
    held: tuple[DateMention, ...] = ()
    parent: Fact | None = None
    if len(dates) == 1 and len(found) == 1:
        held = dates
    for mark, (span, led) in zip(found, _stretches([mark.span for mark in found], rest), strict=True):
        near = said(span)
        measured = find_measures(MADE_UP.sub(" ", near.folded))
        topics = measured & TOPICS
        share = isinstance(mark, Figure) and mark.unit in SHARES
        leans = share and not topics
        if leans and parent:
            topics = parent.topics
            near = said(Span(parent.span.start, span.end)) if parent.span.start < span.start else near
        own = tuple(date for date in dates if span.start <= date.span.start < span.end)
        # "From 56 in 2023 to 78": what it became, it became at another time.
        dated = own or (() if led else held)
        held = own or held
        fact = Fact(
            mark=mark,
            span=span,
            near=near,
            head=said(_head(mark.span, rest, near.language)),
            dates=dated,
            topics=topics,
            qualifiers=measured & QUALIFIERS,
            roles=measured & ROLES,
            stages=frozenset(stage for stage, said_so in _STAGES.items() if said_so.search(near.folded)),
            poles=find_poles(rest[span.start : span.end]),
            parent=parent if leans else None,
        )
        if not share:
            parent = fact
        yield fact


def _pair_up(facts: list[Fact], rest: str, said: Callable[[Span], Reading]) -> list[Fact]:
    """Where shares are told of as many amounts "respectively", each belongs to the amount of its own place; so does
    each amount to the thing of its own place."""
    amounts = [fact for fact in facts if isinstance(fact.mark, Figure) and fact.mark.unit not in SHARES]
    shares = [fact for fact in facts if isinstance(fact.mark, Figure) and fact.mark.unit in SHARES]
    if not RESPECTIVE.search(rest):
        return facts
    if not shares and len(amounts) > 1:
        return _name_apart(facts, amounts, rest, said)
    if len(amounts) != len(shares) or len(shares) < 2:
        return facts
    told = {id(share): amount for share, amount in zip(shares, amounts, strict=True)}
    return [
        replace(fact, parent=told[id(fact)], topics=told[id(fact)].topics, near=told[id(fact)].near)
        if id(fact) in told
        else fact
        for fact in facts
    ]


def _name_apart(
    facts: list[Fact], amounts: Sequence[Fact], rest: str, said: Callable[[Span], Reading]
) -> list[Fact]:
    """ "Deposits and loans were 5 and 6 respectively": what stands before the first amount, taken apart."""
    end = amounts[0].mark.span.start
    cuts = [0, *(match.end() for match in LISTED.finditer(rest, 0, end)), end]
    spans = [Span(*pair) for pair in pairwise(cuts)][-len(amounts) :]
    named = [find_measures(said(span).folded) & TOPICS for span in spans]
    if len(spans) < len(amounts) or not all(named):
        return facts
    own = {id(fact): number for number, fact in enumerate(amounts)}
    return [
        replace(fact, topics=named[own[id(fact)]], near=said(spans[own[id(fact)]]))
        if id(fact) in own
        else fact
        for fact in facts
    ]


def _head(span: Span, rest: str, language: Language) -> Span:
    """What is counted: the words right behind the mark, up to a stop, another mark or 的."""
    if language is Language.ZH:
        end = re.compile(r"[的，,；;。：、 ]|[和与及]").search(rest, span.end + 1)
        return Span(span.end, min(end.start() if end else len(rest), span.end + 10))
    end = re.compile(r"[,;:.]|  |\b(?:in|of|and|at|on|for|with|to|from|by|or|under|as)\b").search(
        rest, span.end + 1
    )
    return Span(span.end, min(end.start() if end else len(rest), span.end + 40))


def _stretches(spans: Sequence[Span], rest: str) -> list[tuple[Span, bool]]:
    """From the first stop, else the last joint, between each mark and the one before to that behind it; where there is
    neither, the words between two marks belong to both. True says that a "to" leads over from the mark before."""
    if not spans:
        return []
    starts, ends, led = [0], list[int](), [False]
    for one, other in pairwise(spans):
        gap = rest[one.end : other.start]
        stop = STOPS.search(gap)
        joints = list(JOINTS.finditer(gap)) or list(TOWARDS.finditer(gap))
        cut = stop or (joints[-1] if joints else None)
        starts.append(one.end + cut.start() if cut else one.end)
        ends.append(one.end + cut.start() if cut else other.start)
        led.append(bool(LEADS.search(gap)))
    ends.append(len(rest))
    stretches = []
    for span, start, end in zip(spans, starts, ends, strict=True):
        stop = STOPS.search(rest, span.end, end)
        stretches.append(Span(min(start, span.start), stop.start() if stop else max(end, span.end)))
    return list(zip(stretches, led, strict=True))
