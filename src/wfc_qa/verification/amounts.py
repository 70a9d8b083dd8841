"""Whether a figure of a claim is what a figure of the evidence says, comparison words included."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

from ..text.figures import Bound, Figure, Unit, comparable, same_figure

DIGITS = 60
# "Nearly 6 trillion" is less than that, "about 6 trillion" may be more.
NEARLY = re.compile(
    r"(?<![最附邻靠])近\s{0,2}$|接近\s{0,2}$|将近\s{0,2}$|(?:nearly|almost|close to)\s{0,2}$", re.IGNORECASE
)
# What "15%以上" leaves open, "more than 15%" does not; whoever translates does not mind.
OR_MORE = frozenset({Bound.OVER, Bound.AT_LEAST})
OR_LESS = frozenset({Bound.UNDER, Bound.AT_MOST})
STRICT = re.compile(
    r"(?:至少|不低于|不少于|不小于|≥|at least|(?:no|not) (?:less|fewer|lower) than|a minimum of)了?\s{0,2}$",
    re.IGNORECASE,
)

_TIME = {
    "year": "年|岁|year|years|yr|yrs",
    "quarter": "个季度|季度|quarter|quarters",
    "month": "月|个月|month|months",
    "week": "周|星期|个星期|week|weeks",
    "working day": "个工作日|工作日",
    "day": "天|日|day|days",
    "hour": "小时|个小时|hour|hours",
    "minute": "分钟|minute|minutes",
    "second": "秒|second|seconds",
}
_LASTS = {word: name for name, words in _TIME.items() for word in words.split("|")}


def is_duration(figure: Figure) -> bool:
    """Whether it counts years, days or other stretches of time."""
    return figure.measure in _LASTS


def same_amount(said: Figure, claimed: Figure) -> bool:
    """Whether both are one quantity: value and unit, and what a duration is counted in. A sign is a fall's."""
    lasting = _LASTS.get(said.measure), _LASTS.get(claimed.measure)
    if said.unit is claimed.unit is Unit.COUNT and lasting[0] != lasting[1] and any(lasting):
        return False
    if said.unit in {Unit.PERCENT, Unit.POINTS} and said.unit is claimed.unit:
        return abs(said.value) == abs(claimed.value)
    return same_figure(said, claimed)


def comparable_amounts(said: Figure, claimed: Figure) -> bool:
    """Whether one could stand for the other: the same unit, or money and a bare number; durations with durations."""
    lasting = _LASTS.get(said.measure), _LASTS.get(claimed.measure)
    return comparable(said, claimed) and lasting[0] == lasting[1]


def proves_amount(said: Figure, said_in: str, claimed: Figure, claimed_in: str) -> bool:
    """Whether whoever says the one has said the other; each with the text it stands in.

    An equal value needs the same comparison word; another value proves a bound or a rounding at the precision written.
    """
    if same_amount(said, claimed):
        return _same_bound(said, said_in, claimed, claimed_in)
    if not comparable_amounts(said, claimed):
        return False
    least = said.bound in OR_MORE | {Bound.EXACT, Bound.ABOUT}
    most = said.bound in OR_LESS | {Bound.EXACT, Bound.ABOUT}
    if claimed.bound in OR_MORE:
        return least and said.value > claimed.value == _round(said.value, claimed, ROUND_FLOOR)
    if claimed.bound in OR_LESS:
        return most and said.value < claimed.value == _round(said.value, claimed, ROUND_CEILING)
    if claimed.bound is Bound.ABOUT and said.bound in {Bound.EXACT, Bound.ABOUT}:
        below = said.value < claimed.value or not _nearly(claimed, claimed_in)
        return below and claimed.value == _round(said.value, claimed, ROUND_HALF_UP)
    return False


def _same_bound(said: Figure, said_in: str, claimed: Figure, claimed_in: str) -> bool:
    if said.bound is claimed.bound:
        return said.bound is not Bound.ABOUT or _nearly(said, said_in) or not _nearly(claimed, claimed_in)
    if claimed.bound is Bound.ABOUT:
        # "Some 1.2 trillion" is what whoever says 1.2 trillion says too.
        return said.bound is Bound.EXACT and not _nearly(claimed, claimed_in)
    if claimed.bound is Bound.AT_LEAST:
        return said.bound is Bound.OVER
    if claimed.bound is Bound.AT_MOST:
        return said.bound is Bound.UNDER
    if claimed.bound is Bound.OVER and said.bound is Bound.AT_LEAST:
        return not STRICT.search(said_in[: said.span.start])
    return False


def _nearly(figure: Figure, text: str) -> bool:
    return bool(NEARLY.search(text[max(0, figure.span.start - 24) : figure.span.start]))


def _round(value: Decimal, like: Figure, rounding: str) -> Decimal:
    """``value`` at the precision that ``like`` is written with; "1,800" is written in hundreds."""
    with localcontext() as context:
        context.prec = DIGITS
        shown = like.value if re.search(r"[.点]", like.text) else like.value.normalize()
        exponent = shown.as_tuple().exponent
        return value.quantize(Decimal((0, (1,), int(exponent))), rounding=rounding)
