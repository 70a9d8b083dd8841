"""The other language version of what is quoted: cited where it says the same, shown where its figures differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..indexing.store import PassageRow
from ..text.measures import find_measures
from .closeness import Closeness
from .evidence import Evidence, Reader, same_marks, when

# Sentences that share this many figures and dates, all they state, speak of one thing; centred vectors of unrelated
# ones have a cosine of about 0.
ALIKE = 3


@dataclass(frozen=True, slots=True)
class Counterpart:
    """``other`` speaks of what ``quoted`` speaks of, in the other language; ``agrees`` is whether figures and dates
    are the same."""

    quoted: Evidence
    other: Evidence
    agrees: bool


def find_counterparts(
    shown: Sequence[Evidence],
    held: Sequence[PassageRow] | None,
    reader: Reader,
    closeness: Closeness,
    least: float,
) -> Iterator[Counterpart]:
    """The counterpart of each sentence of ``shown`` that has one, at a cosine of ``least`` or more.

    Only passages of ``held`` count where it is given, as filters ask; else the nearest of the whole collection.
    """
    for quoted in shown:
        abroad = closeness.abroad(quoted.passage.row) if held is None else held
        near = sorted(
            (
                (closeness.sentences(quoted.row, other.row), other)
                for passage in abroad
                if passage.language is not quoted.language
                for other in reader.read(passage)
            ),
            key=lambda pair: -pair[0],
        )
        close = [other for nearness, other in near if nearness >= least]
        twins = (
            other
            for nearness, other in near
            if same_marks(quoted, other) and _is_near(quoted, nearness, least, other is near[0][1])
        )
        twin = next(twins, None)
        if twin:
            yield Counterpart(quoted, twin, agrees=True)
        elif close and _is_rival(quoted, close[0]) and _nearest_is(quoted, close[0], reader, closeness):
            yield Counterpart(quoted, close[0], agrees=False)


def _is_near(quoted: Evidence, nearness: float, least: float, nearest: bool) -> bool:
    """The fewer figures and dates two sentences share, the more their meaning has to tell."""
    marks = quoted.own.marks.total()
    if marks >= ALIKE:
        return nearness > 0
    return nearness >= least and (marks > 0 or nearest)


def _is_rival(quoted: Evidence, other: Evidence) -> bool:
    """Whether both give figures in the same units for the same dates and measures, and not the same figures."""
    return (
        bool(quoted.own.figures)
        and _units(quoted) == _units(other)
        and set(map(when, quoted.own.dates)) == set(map(when, other.own.dates))
        and find_measures(quoted.text) == find_measures(other.text) != frozenset()
    )


def _nearest_is(quoted: Evidence, other: Evidence, reader: Reader, closeness: Closeness) -> bool:
    """Whether nothing in the language of ``quoted`` stands nearer to ``other``, or says just what it says."""
    back = [one for passage in closeness.abroad(other.passage.row) for one in reader.read(passage)]
    nearest = max(back, key=lambda one: closeness.sentences(one.row, other.row), default=None)
    return (
        nearest is not None and nearest.row == quoted.row and not any(same_marks(one, other) for one in back)
    )


def _units(evidence: Evidence) -> Counter[object]:
    return Counter(figure.unit for figure in evidence.own.figures)
