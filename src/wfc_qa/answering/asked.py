"""What a question asks for: dates, figures and names it states, and the kind of thing it wants."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..retrieval.terms import Terms, Word
from ..text.dates import DateMention
from ..text.figures import Figure, Unit
from ..text.marks import read_marks
from ..text.measures import EVENTS, Measure, find_measures
from ..text.ordinals import Ordinal
from ..text.scripts import fold_text
from ..types import Query
from ..verification.names import Name
from ..verification.reading import SMALL
from .owners import begins_unheard, find_owners
from .phrases import find_counted, find_deed, find_joined, find_sides, find_topic
from .wants import COUNTABLE, Want, count_amounts, count_listed, count_moments, find_units, find_wants

YEARS = (1900, 2100)
DURATION = re.compile(r"[\s-]*(?:(?:years?|months?|weeks?|days?|hours?)\b|年|个?月|天)", re.IGNORECASE)
REPORT = re.compile(
    r"[的那份篇\s]{0,4}(?:白皮书|报道|新闻|消息|摘要|方案|规划|意见|通知|文件|计划)"
    r"|\s+(?:white paper|plan|scheme|news|press|report|summary|article)",
    re.IGNORECASE,
)
NUMBERED = re.compile(
    r"\s+(?:\w+\s+)?(?:batch|place|conference|session|edition|round|tranche|meeting|phase|issue|court|bank)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """``told`` are the dates of reports that the question names, ``stated`` all its figures, of which the evidence must
    say ``figures``; ``owners``, of whom no passage speaks, are whose figures or dates it wants, ``unheard`` whether it
    may begin with such a one; ``units`` are those an answer may be counted in, empty
    when any; ``counted`` is what "how many" asks about; ``joined`` the words of each thing that an "and" sets side by
    side, ``sides`` those of the two phrases compared; ``topic`` the words of what is asked for; ``listed`` how many
    things a list must name, ``amounts`` and ``moments`` how many figures and dates an answer gives at least; ``deed``
    what it must speak of besides; ``measures`` what its figures measure."""

    query: Query
    terms: Terms
    dates: tuple[DateMention, ...]
    told: tuple[DateMention, ...]
    stated: tuple[Figure, ...]
    figures: tuple[Figure, ...]
    ordinals: tuple[Ordinal, ...]
    names: tuple[Name, ...]
    owners: tuple[str, ...]
    unheard: bool
    wants: frozenset[Want]
    units: frozenset[Unit]
    counted: tuple[Word, ...]
    joined: tuple[tuple[Word, ...], ...]
    sides: tuple[tuple[Word, ...], ...]
    topic: tuple[Word, ...]
    listed: int
    amounts: int
    moments: int
    deed: Word | None
    measures: frozenset[Measure]


def read_question(
    query: Query, terms: Terms, names: tuple[Name, ...], frequency: Callable[[str], int]
) -> Asked:
    """Everything the evidence will be held against; ``names`` are those worth checking, ``frequency`` tells how many
    passages hold a term."""
    text, language = query.text, query.language
    marks = read_marks(text)
    dates = _completed(marks.dates)
    told = tuple(date for date in dates if REPORT.match(text[date.span.end :]))
    wants = find_wants(text, language)
    units = find_units(text, language) if Want.QUANTITY in wants else frozenset()
    quantity = Want.QUANTITY in wants
    rest = fold_text(marks.rest)
    measures = _measures(text, wants)
    owned = bool(wants & {Want.QUANTITY, Want.DATE} or measures)
    return Asked(
        query=query,
        terms=terms,
        dates=tuple(date for date in dates if date not in told),
        told=told,
        stated=marks.figures,
        figures=tuple(figure for figure in marks.figures if _binds(figure, text)),
        ordinals=tuple(place for place in marks.ordinals if not _idiom(place, text)),
        names=names,
        owners=find_owners(rest, language, terms, frequency) if owned else (),
        unheard=owned and begins_unheard(rest, language, terms, frequency),
        wants=wants,
        units=units,
        counted=find_counted(text, language, terms) if quantity and units <= COUNTABLE else (),
        joined=()
        if wants & {Want.VERDICT, Want.CHOICE, Want.LIST}
        else _heard(find_joined(rest, language, terms), frequency),
        sides=find_sides(rest, language, terms),
        topic=tuple(
            word for word in find_topic(fold_text(text), language, terms) if all(map(frequency, word.terms))
        ),
        listed=count_listed(text, language),
        amounts=count_amounts(text, wants, language),
        moments=count_moments(text, wants, language),
        deed=find_deed(text, wants, language, terms, frequency),
        measures=measures,
    )


def _completed(dates: tuple[DateMention, ...]) -> tuple[DateMention, ...]:
    """A date without a year takes that of the date before it, "October 18 and 19, 2020" of the one behind; one that
    stays without is no condition where another date is."""
    whole: list[DateMention] = []
    known = next((date for date in dates if date.year), None)
    for date in dates:
        if date.year:
            known = date
        elif known and (date.month or date.day):
            date = replace(date, year=known.year, month=date.month or known.month)
        whole.append(date)
    return tuple(date for date in whole if date.year or len(whole) == 1)


def _binds(figure: Figure, text: str) -> bool:
    """Whether the evidence must say the figure: "which three initiatives" counts words, "twelve months" measures time,
    and a bare "2021" is a year."""
    if figure.unit is not Unit.COUNT:
        return True
    if not figure.measure and YEARS[0] <= figure.value <= YEARS[1]:
        return False
    return figure.value > SMALL and not DURATION.match(text[figure.span.end :])


def _heard(
    parts: tuple[tuple[Word, ...], ...], frequency: Callable[[str], int]
) -> tuple[tuple[Word, ...], ...]:
    """Without words that no passage holds in any language: those are said another way."""
    known = (
        tuple(word for word in part if word.translations or all(map(frequency, word.terms))) for part in parts
    )
    return tuple(part for part in known if part)


def _idiom(place: Ordinal, text: str) -> bool:
    """Whether "first" only says that something began: it binds where things are numbered."""
    return place.text.lower() == "first" and not NUMBERED.match(text[place.span.end :])


def _measures(text: str, wants: frozenset[Want]) -> frozenset[Measure]:
    """Measures and events that the evidence must speak of; "did it fall?" is answered by a rise too."""
    named = find_measures(text)
    return named - EVENTS if wants & {Want.VERDICT, Want.CHOICE} else named
