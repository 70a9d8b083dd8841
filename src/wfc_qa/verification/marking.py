"""The figures and places in a row of a sentence, with what only stands for one: 万亿元, 十四五, 首家."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from ..text.dates import DateMention
from ..text.figures import Figure, Unit
from ..text.numerals import SCALES, han_value, narrow
from ..text.ordinals import Ordinal
from ..text.units import read_bound
from ..types import Span

OTHERS = re.compile(r"\s*(?:other|others)\b|其他|其它", re.IGNORECASE)
BARE_SCALE = re.compile(
    r"(?<![0-9零〇一二两三四五六七八九十百千几数上万亿多余来.])(?P<scale>[十百千]?万?亿|[十百千]万)(?P<unit>[元个笔户家人箱])"
)
# Periods since January, by the name that evidence has for them.
PERIODS = [
    (
        re.compile(rf"\b(?:between |from )?January(?: and | to | through |-|–){month} (?=20)", re.IGNORECASE),
        en,
    )
    for month, en in (("March", "Q1 "), ("June", "first half of "), ("September", "first three quarters of "))
] + [
    (re.compile(f"(?:1|一)月?份?(?:至|到|-|—|–|~){month}月份?"), zh)
    for month, zh in (("[3三]", "一季度"), ("[6六]", "上半年"), ("[9九]", "前三季度"))
]
FIVE_YEARS = re.compile(
    "(十[一二三四五六七八九])五(?=规划|时期|期间|末|”|」|》|[，,。\\s]|$|[^0-9个家项年月日条万亿千百])"
)
FIRSTS = re.compile("首(?=[个家次届批只单笔条例座款])")
YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:[-\s][a-z]+)?", re.IGNORECASE)
OFTEN = 100


def name_periods(text: str) -> str:
    """``text`` with "January to June 2025" as the first half of it."""
    for period, name in PERIODS:
        text = period.sub(name, text)
    return text


def find_amounts(text: str, found: Sequence[Figure]) -> tuple[tuple[Figure, ...], tuple[DateMention, ...]]:
    """With 万亿元 as one of them; and the years that look like figures, as in "over 2025". "The bank
    and seven others" are eight."""
    years = [figure for figure in found if figure.unit is Unit.COUNT and YEAR.fullmatch(figure.text)]
    more = [
        Figure(
            Span(*match.span()),
            Decimal(10) ** sum(SCALES[char] for char in match["scale"]),
            Unit.YUAN if match["unit"] == "元" else Unit.TEU if match["unit"] == "箱" else Unit.COUNT,
            read_bound(text, *match.span()),
            match[0],
        )
        for match in BARE_SCALE.finditer(narrow(text))
    ]
    kept = [
        replace(one, value=one.value + 1) if OTHERS.match(text, one.span.end) else _as_count(one)
        for one in found
        if one not in years
    ]
    figures = sorted([*kept, *more], key=lambda one: one.span.start)
    return tuple(figures), tuple(
        DateMention(_head_of(one.span), one.text[:4], int(one.value)) for one in years
    )


def _head_of(span: Span) -> Span:
    """The four digits of a year that was read with what it counts, as in "2023 projects"."""
    return Span(span.start, min(span.end, span.start + 4))


def _as_count(figure: Figure) -> Figure:
    """ "Used 1.5 million times" counts; nothing grows a million times over."""
    return replace(figure, unit=Unit.COUNT) if figure.unit is Unit.TIMES and figure.value > OFTEN else figure


def find_places(text: str, found: Sequence[Ordinal]) -> tuple[Ordinal, ...]:
    """With 十四五 as the fourteenth five years, and 首家 as the first."""
    more = [
        Ordinal(Span(*match.span(1)), int(han_value(match[1])), match[0])
        for match in FIVE_YEARS.finditer(text)
    ]
    more += [Ordinal(Span(*match.span()), 1, match[0]) for match in FIRSTS.finditer(text)]
    taken = {one.span.start for one in found}
    return tuple(
        sorted(
            [*found, *(one for one in more if one.span.start not in taken)], key=lambda one: one.span.start
        )
    )
