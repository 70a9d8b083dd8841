"""Words that turn a sentence round: opposites, in either language.

An embedding hardly tells "rose" from "fell"; a reader must.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..types import Span
from .scripts import fold_text

REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Pole:
    """One end of a pair of opposites, "fall" of "trend"; ``high`` is the end named first in ``poles.toml``."""

    axis: str
    high: bool

    @property
    def opposite(self) -> Pole:
        return Pole(self.axis, not self.high)


TREND = "trend"
RISE, FALL = Pole(TREND, True), Pole(TREND, False)

# Ends that nobody names for the sake of variety: said of what the evidence does not say it of, they are news.
UNWELCOME = frozenset(
    {Pole(axis, False) for axis in ("existence", "leave", "outcome", "pace", "owner", "since")}
    | {Pole(axis, True) for axis in ("owner", "proof", "agreement")}
)


def _read_poles() -> list[tuple[Pole, re.Pattern[str]]]:
    axes = tomllib.loads((Path(__file__).parent / "poles.toml").read_text("utf-8"))
    found = []
    for axis, ends in axes.items():
        for end in ("high", "low"):
            # A pattern may run over several lines.
            zh, en = (ends[f"{end}_{language}"].replace("\n", "") for language in ("zh", "en"))
            found.append((Pole(axis, end == "high"), re.compile(rf"{zh}|\b(?:{en})\b")))
    return found


_POLES = _read_poles()


@lru_cache(maxsize=REMEMBERED)
def find_poles(text: str) -> frozenset[Pole]:
    """The ends of pairs of opposites that ``text`` names; its marks blanked, so that a comparison word before one is
    none."""
    folded = fold_text(text)
    found = {
        pole: spans
        for pole, pattern in _POLES
        if (spans := [match.span() for match in pattern.finditer(folded)])
    }
    # "Confirmed" within "not confirmed" is not its opposite.
    return frozenset(
        pole
        for pole, spans in found.items()
        if not all(_within(span, found.get(pole.opposite, ())) for span in spans)
    )


def pole_spans(folded: str, poles: frozenset[Pole]) -> list[Span]:
    """Where ``folded`` names one of ``poles``."""
    return [
        Span(*match.span()) for pole, pattern in _POLES if pole in poles for match in pattern.finditer(folded)
    ]


def _within(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end and (start, end) != span for start, end in others)


def find_trends(folded: str) -> list[Span]:
    """Where ``folded`` says that something rose or fell."""
    return [
        Span(*match.span())
        for pole, pattern in _POLES
        if pole.axis == TREND
        for match in pattern.finditer(folded)
    ]
