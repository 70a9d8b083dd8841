"""What is told of a run: estimates with intervals, curves, and a verdict on every question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..types import Score


class Verdict(StrEnum):
    """``FALSE_ANSWER`` answered what cannot be answered; ``MISSED`` declined what can be; ``FAILED`` gave nothing."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"
    DECLINED = "declined"
    FALSE_ANSWER = "false_answer"
    FAILED = "failed"

    @property
    def good(self) -> bool:
        return self in {Verdict.RIGHT, Verdict.DECLINED}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval, over ``n`` questions."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Row:
    """``part`` is the slice: "all", "kind:list", "language:zh", "matrix:zh>en" (question > evidence) or "cross" (proofs
    only in the language that was not asked in: "matrix:zh>en" and "matrix:en>zh" together)."""

    measure: str
    part: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Point:
    """Of the risk-coverage curve: answering at ``threshold`` and above covers ``coverage`` of the answerable
    questions at ``risk``, the share of answers that are wrong."""

    threshold: float
    coverage: float
    risk: Estimate


@dataclass(frozen=True, slots=True)
class Bin:
    """Of the reliability plot: answers of mean ``confidence`` were right at the rate ``right``."""

    confidence: float
    right: Estimate


@dataclass(frozen=True, slots=True)
class Stage:
    """Percentiles of the milliseconds that a stage of answering took, over the questions."""

    name: str
    p50_ms: Estimate
    p95_ms: Estimate


@dataclass(frozen=True, slots=True)
class Summary:
    """All that a report tells of a run; ``scores`` are the questions' own."""

    rows: tuple[Row, ...]
    curve: tuple[Point, ...]
    reliability: tuple[Bin, ...]
    stages: tuple[Stage, ...]
    verdicts: Mapping[str, Verdict]
    scores: tuple[Score, ...]

    def find(self, measure: str, part: str = "all") -> Estimate | None:
        return next((row.estimate for row in self.rows if (row.measure, row.part) == (measure, part)), None)
