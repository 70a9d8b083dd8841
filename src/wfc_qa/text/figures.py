"""Figures with their units, found exactly and comparable across Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from ..types import Span
from .dates import find_dates
from .numerals import (
    ARABIC,
    FLAGS,
    HAN,
    HAN_NUMERAL,
    NUMBER,
    WORDS,
    narrow,
    number_value,
    read_number,
    read_scale,
    shifted,
)
from .ordinals import find_ordinals
from .units import (
    MONEY,
    PREFIX,
    Bound,
    Unit,
    counts,
    prefix_unit,
    read_bound,
    read_han_measure,
    read_noun,
    read_unit,
)

__all__ = ["Bound", "Figure", "Unit", "comparable", "find_figures", "same_figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity: ``value`` in whole canonical units (yuan, percent, km), ``measure`` the noun a COUNT counts.

    ``text`` runs from the currency sign to the unit or Chinese measure word; bounds lie outside it.
    """

    span: Span
    value: Decimal
    unit: Unit
    bound: Bound
    text: str
    measure: str = ""


def find_figures(text: str) -> list[Figure]:
    """Every figure in order of position; dates, ordinals, labels and document numbers are none."""
    masked = _mask(narrow(text), [date.span for date in find_dates(text)])
    fractions = [reading for match in _FRACTION.finditer(masked) if (reading := _read_fraction(match))]
    masked = _blank(masked, [Span(reading.start, reading.end) for reading in fractions])
    readings = sorted([*fractions, *_read_figures(masked)], key=lambda reading: reading.start)
    return [_figure(text, masked, reading) for reading in _carry(masked, readings)]


def same_figure(a: Figure, b: Figure) -> bool:
    """Whether value and unit agree exactly. Measure words do not count; a number that names neither
    unit nor measure ("6 trillion") agrees with that amount of any currency."""
    return a.value == b.value and comparable(a, b)


def comparable(a: Figure, b: Figure) -> bool:
    """Whether one can be more or less than the other: the same unit, or a bare number with money."""
    return a.unit is b.unit or (_bare(a) and b.unit in MONEY) or (_bare(b) and a.unit in MONEY)


def _bare(figure: Figure) -> bool:
    return figure.unit is Unit.COUNT and not figure.measure


@dataclass(frozen=True, slots=True)
class _Reading:
    """A figure as written: ``number * 10**exponent`` of ``unit``, ``None`` where no unit is written."""

    start: int
    end: int
    number: Decimal
    exponent: int
    unit: Unit | None
    measure: str = ""
    stated: bool = True


_URL = r"https?://[!-~]{1,2000}|www\.[!-~]{1,2000}"
_LABELS = re.compile(
    rf"{_URL}|\[\d{{1,3}}(?:\s?[,–-]\s?\d{{1,3}}){{0,8}}\]|\(\d{{1,2}}\)"
    r"|(?<![\d.,])\d{1,6}\s?号(?!线)|(?<!\d)\d{1,2}:\d\d(?::\d\d)?(?!\d)|(?<![\d.])\d{1,9}(?:\.\d{1,9}){2,9}"
    r"|\b(?:nos?|articles?|sections?|chapters?|tables?|figures?|figs?|appendix|annex|steps?|parts?|pages?|volume"
    r"|vol|version|clauses?|rules?|iso)\b\.?\s?\d{1,9}(?:\.\d{1,9}){0,4}(?!\d|,\d|\.\d|\s(?:million|billion|trillion))"
    r"|(?:附件|附表|附录|[见如附][图表])\s?\d{1,4}|\d{1,4}/\d{1,4}"
    r"|\b(?:first|second|latter|other|last|next)\shalf\b|\bhalf[- ]year\w{0,2}"
    r"|\bfive-year(?=\s(?:[a-z]{1,20}\s)?(?:plan|period)s?\b)"
    r"|^[ >*-]{0,8}\(?\d{1,3}(?:[、)]|\.(?=\s))|^[ >]{0,4}#{1,6}\s\d{1,3}(?:\.\d{1,3}){0,4}[.、]?(?=\s)",
    FLAGS | re.MULTILINE,
)


def _mask(text: str, spans: list[Span]) -> str:
    ordinals = [ordinal.span for ordinal in find_ordinals(text)]
    return _blank(text, [*spans, *ordinals, *(Span(*match.span()) for match in _LABELS.finditer(text))])


def _blank(text: str, spans: list[Span]) -> str:
    """The text with NUL in the spans, so that offsets stay and neighbours read no digits there."""
    pieces, done = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        start = max(done, span.start)
        if span.end > start:
            pieces += [text[done:start], "\0" * (span.end - start)]
            done = span.end
    return "".join([*pieces, text[done:]])


_PARTS = {"thirds": 3, "quarters": 4, "fifths": 5, "tenths": 10}
_FRACTION = re.compile(
    rf"(?<![{HAN_NUMERAL}\d.])(?P<whole>[百千万]|{HAN}|{ARABIC})分之(?:(?P<arabic>{ARABIC})|(?P<han>{HAN}))"
    rf"|\b(?P<words>one|two|three|four|a)[- ](?P<parts>third|quarter|fifth|tenth)s?(?=\sof\b)"
    r"|(?P<half>一半|\bhalf\b(?=\s(?:of|the|its|their|all)\b))",
    FLAGS,
)
_WHOLES = {"百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000)}


def _read_fraction(match: re.Match[str]) -> _Reading | None:
    """百分之六点六, 三分之二, "two thirds of" and halves, in percent."""
    if len(match[0]) > 40:
        return None
    if match["half"]:
        share = Decimal(50)
    elif match["parts"]:
        share = Decimal(100) * number_value("words", match["words"]) / _PARTS[match["parts"].lower() + "s"]
    else:
        kind = "arabic" if match["arabic"] else "han"
        written = match["whole"]
        whole = _WHOLES.get(written) or number_value("arabic" if written[0].isdigit() else "han", written)
        if not whole:
            return None
        share = Decimal(100) * number_value(kind, match[kind]) / whole
    return _Reading(match.start(), match.end(), share, 0, Unit.PERCENT)


_START = re.compile(
    rf"(?<![a-z0-9_])(?<!\d\.)(?<![a-z]-)(?:(?P<prefix>{PREFIX})\s?)?(?P<sign>(?<![%)\]])[+-])?"
    rf"(?=(?<![{HAN_NUMERAL}]){NUMBER})",
    FLAGS,
)
_CODE = re.compile(r"[a-z_]|-[a-z]{1,3}\d", FLAGS)
_HYPHENATED = re.compile(
    r"-(?!(?:year|month|week|day|hour|point|percent|fold|kilomet|met|hundred|thousand)s?)[a-z]", FLAGS
)
_NOT_ONE = re.compile(r"\b(?:no|any|every|some|this|that|the|which|each|another|only|or|number)\s$", FLAGS)


def _read_figures(text: str) -> Iterator[_Reading]:
    position = 0
    while match := _START.search(text, position):
        reading = _read(text, match)
        position = max(match.end() + 1, _number_end(text, match)) if reading is None else reading.end
        if reading is not None:
            yield reading


_SKIP = re.compile(rf"{ARABIC}|{HAN}|{WORDS}", FLAGS)


def _number_end(text: str, match: re.Match[str]) -> int:
    skipped = _SKIP.match(text, match.end())
    return skipped.end() if skipped else match.end()


def _read(text: str, match: re.Match[str]) -> _Reading | None:
    start, at = match.start(), match.end()
    kind = next(kind for kind in ("arabic", "han", "words") if match[kind])
    money = prefix_unit(match["prefix"].replace(" ", "")) if match["prefix"] else None
    if (number := read_number(text, at, letters=money is not None)) is None:
        return None
    value, exponent, end = number
    if kind == "words" and not _counts_in_english(text, at, end):
        return None
    more = text[end : end + 1] in {"余", "多", "+"}
    if more and exponent == 0:
        exponent, scaled = read_scale(text, end + 1)
        end, more = (scaled, False) if exponent else (end, more)
    unit = read_unit(text, end + more)
    measure, found = "", None
    if unit:
        found, shift, end = unit
        exponent += shift
    elif han := read_han_measure(text, end + more):
        measure, end = han
        if match["prefix"] == "人民币":
            money, start = None, at
    elif (kind == "han" and exponent == 0) or (kind == "arabic" and exponent == 0 and _CODE.match(text, end)):
        return None
    else:
        end += more
        noun = (
            None
            if money
            else read_noun(text, end, one=value == 1 and exponent == 0)
            if end < len(text)
            else None
        )
        measure = noun[0] if noun else ""
    if kind == "han" and not counts(text, at):
        return None
    found = found or money or (Unit.COUNT if measure else None)
    if match["sign"] and found is Unit.COUNT:
        start = at
    elif match["sign"] == "-":
        value = value.copy_negate()
    return _Reading(start, end, value, exponent, found, measure, stated=bool(unit or measure))


def _counts_in_english(text: str, start: int, end: int) -> bool:
    """Whether number words count something, unlike "no one", "one of them" and "two-way"."""
    if _HYPHENATED.match(text, end):
        return False
    if text[start:end].lower() != "one":
        return True
    counted = end < len(text) and (read_unit(text, end) or read_noun(text, end, one=True))
    return bool(counted) and not _NOT_ONE.search(text[max(0, start - 10) : start])


_JOIN = re.compile(r"\s?(?:[-–—~～至到]|——|to|and)\s?", FLAGS)
_BETWEEN = re.compile(r"\bbetween\s$", FLAGS)


def _carry(text: str, readings: list[_Reading]) -> list[_Reading]:
    """The readings with scale and unit carried over to the first figure of a range: 100至200亿元."""
    for at, (first, last) in enumerate(pairwise(readings)):
        if first.end > last.start or last.start - first.end > 5 or first.stated:
            continue
        joint = text[first.end : last.start]
        if not _JOIN.fullmatch(joint) or (
            joint.strip() == "and" and not _BETWEEN.search(text[max(0, first.start - 9) : first.start])
        ):
            continue
        scale = last.exponent if first.exponent == 0 and first.number < last.number else first.exponent
        readings[at] = replace(first, exponent=scale, unit=first.unit or last.unit, measure=last.measure)
        if first.unit and last.unit is None:
            readings[at + 1] = replace(last, unit=first.unit)
    return readings


def _figure(text: str, masked: str, reading: _Reading) -> Figure:
    span = Span(reading.start, reading.end)
    bound = read_bound(masked, reading.start, reading.end)
    if bound is Bound.EXACT and _MORE.search(span.of(masked)):
        bound = Bound.OVER
    unit = reading.unit or Unit.COUNT
    return Figure(
        span, shifted(reading.number, reading.exponent), unit, bound, span.of(text), reading.measure
    )


_MORE = re.compile("[余多+](?!\\d)")
