"""Risk against coverage: what is wrong among the answers, as more questions are answered in order of confidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..types import Abstention, GoldQuestion
from .judge import has_answer_key, is_answer_right
from .record import Outcome, Run
from .results import Bin, Estimate, Point
from .statistics import DRAWS, SEED, FloatArray, IntArray, estimate_rate, resample

RISKS = {"coverage@1%": 0.01, "coverage@2%": 0.02, "coverage@5%": 0.05}
NAMES = ("aurc", *RISKS, "auroc", "ece")
BINS = 10
# More points than a plot can show; the curve keeps its ends.
POINTS = 400


@dataclass(frozen=True, slots=True)
class Trials:
    """The ``m`` questions that would be answered at some threshold, in order of falling confidence, out of ``n``.

    ``places`` of shape ``(m,)`` index the run's questions; ``first`` and ``last`` bound each one's ties, inclusive.
    ``judged`` and ``answerable`` of shape ``(n,)`` are 1 for the questions that count.
    """

    places: IntArray
    confidence: FloatArray
    right: FloatArray
    first: IntArray
    last: IntArray
    judged: FloatArray
    answerable: FloatArray


def read_trials(run: Run) -> Trials:
    """A question is tried on what it was shown, or on what was withheld from it for want of confidence alone.

    One that the guard refused, or that failed, is answered at no threshold.
    """
    asked = list(zip(run.questions, run.outcomes, strict=True))
    tried = [place for place, (question, outcome) in enumerate(asked) if _is_tried(question, outcome)]
    tried.sort(key=lambda place: -asked[place][1].confidence)
    confidence = np.array([asked[place][1].confidence for place in tried], np.float64)
    # Ties enter together: searching the rising order finds where they start and end.
    return Trials(
        places=np.array(tried, np.int64),
        confidence=confidence,
        right=np.array([_right(*asked[place]) for place in tried], np.float64),
        first=np.searchsorted(-confidence, -confidence, "left"),
        last=np.searchsorted(-confidence, -confidence, "right") - 1,
        judged=np.array([has_answer_key(question) for question, _ in asked], np.float64),
        answerable=np.array([_is_answerable(question) for question, _ in asked], np.float64),
    )


def estimate_risk(
    trials: Trials, groups: IntArray, draws: int = DRAWS, seed: int = SEED
) -> dict[str, Estimate]:
    """The measures of ``NAMES`` that can be told, by bootstrap; ``groups`` of shape ``(n,)`` holds the clusters."""
    if not trials.places.size:
        return {}
    tried, asked, answerable = trials.places.size, int(trials.judged.sum()), int(trials.answerable.sum())
    counts = (asked, *(answerable for _ in RISKS), tried, tried)
    told = resample(lambda weights: measure_risk(trials, weights), groups, draws, seed)
    return {name: replace(one, n=n) for name, one, n in zip(NAMES, told, counts, strict=True) if one}


def measure_risk(trials: Trials, weights: FloatArray) -> FloatArray:
    """The measures of ``NAMES``, shape ``(draws, 6)``, for question weights of shape ``(draws, n)``; NaN where nothing
    can be said."""
    tried = weights[:, trials.places]
    right, wrong = tried * trials.right, tried * (1 - trials.right)
    answers = np.cumsum(tried, axis=1)[:, trials.last]
    risk = _divide(np.cumsum(wrong, axis=1)[:, trials.last], answers, empty=0.0)
    covered = np.cumsum(tried * trials.answerable[trials.places], axis=1)[:, trials.last]
    judged, answerable = weights @ trials.judged, weights @ trials.answerable
    # Coverage that no threshold reaches is counted at the risk of answering all that can be.
    area = (tried * risk).sum(axis=1) + (judged - answers[:, -1]) * risk[:, -1]
    reached = [np.where(risk <= most, covered, 0.0).max(axis=1) for most in RISKS.values()]
    columns = (
        _divide(area, judged),
        *(_divide(cover, answerable) for cover in reached),
        _rank_right(trials, right, wrong),
        _miscalibration(trials, tried),
    )
    return np.stack(columns, axis=1)


def draw_curve(trials: Trials, groups: IntArray) -> tuple[Point, ...]:
    """A point for each confidence that occurs, highest first, thinned to ``POINTS``; ``groups`` are the clusters."""
    ends = np.unique(trials.last)
    if len(ends) > POINTS:
        ends = ends[np.unique(np.linspace(0, len(ends) - 1, POINTS).round().astype(int))]
    covered = np.cumsum(trials.answerable[trials.places])
    answerable = max(trials.answerable.sum(), 1.0)
    return tuple(
        Point(
            threshold=float(trials.confidence[end]),
            coverage=float(covered[end] / answerable),
            risk=estimate_rate(1 - trials.right[: end + 1], groups[trials.places[: end + 1]]),
        )
        for end in ends
    )


def bin_confidence(trials: Trials, groups: IntArray) -> tuple[Bin, ...]:
    """Ten bins of as many answers each, lowest confidence first, with the rate at which each was right."""
    bounds = [*_bin_starts(len(trials.places)), len(trials.places)]
    bins = [
        Bin(
            confidence=float(trials.confidence[start:end].mean()),
            right=estimate_rate(trials.right[start:end], groups[trials.places[start:end]]),
        )
        for start, end in pairwise(bounds)
    ]
    return tuple(reversed(bins))


def _is_tried(question: GoldQuestion, outcome: Outcome) -> bool:
    unsure = outcome.abstention in {Abstention.UNSURE, Abstention.MISSING_FIGURE} and bool(outcome.withheld)
    return has_answer_key(question) and (outcome.answered or unsure)


def _is_answerable(question: GoldQuestion) -> bool:
    return question.answerable and has_answer_key(question)


def _right(question: GoldQuestion, outcome: Outcome) -> bool:
    return is_answer_right(question, outcome.sentences or outcome.withheld)


def _rank_right(trials: Trials, right: FloatArray, wrong: FloatArray) -> FloatArray:
    """The chance that a right answer is held surer than a wrong one, ties counting half."""
    cumulated = np.cumsum(wrong, axis=1)
    through, before = cumulated[:, trials.last], (cumulated - wrong)[:, trials.first]
    all_wrong = cumulated[:, -1]
    below = all_wrong[:, None] - through + (through - before) / 2
    return _divide((right * below).sum(axis=1), right.sum(axis=1) * all_wrong)


def _miscalibration(trials: Trials, tried: FloatArray) -> FloatArray:
    gaps = np.add.reduceat(tried * (trials.confidence - trials.right), _bin_starts(tried.shape[1]), axis=1)
    return _divide(np.abs(gaps).sum(axis=1), tried.sum(axis=1))


def _bin_starts(size: int) -> list[int]:
    bins = min(BINS, size)
    return [size * number // bins for number in range(bins)]


def _divide(numerators: FloatArray, denominators: FloatArray, empty: float = np.nan) -> FloatArray:
    out = np.full_like(numerators, empty)
    return np.divide(numerators, denominators, out=out, where=denominators > 0)
