"""What a figure is worth: 95 % intervals that know which questions lean on the same paragraph, and paired tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .ranking import find_proofs
from .record import Run
from .results import Estimate

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DRAWS = 10_000
SEED = 20_260_101
TAILS = (0.025, 0.975)
Z = NormalDist().inv_cdf(TAILS[1])
# Draws are made in blocks of so many cells, whatever the number of questions.
BLOCK_CELLS = 2_000_000
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Tally:
    """A measure by cluster: sums of values and how many, each of shape ``(clusters,)``; its value is their ratio.

    ``rate`` says that every value was 0 or 1.
    """

    sums: FloatArray
    counts: FloatArray
    questions: frozenset[str]
    rate: bool

    @property
    def value(self) -> float:
        return float(self.sums.sum() / self.counts.sum())


def find_clusters(run: Run) -> dict[str, int]:
    """Cluster by question, numbered from 0: answerable questions with the same proof, the first by name where there are
    several, form one; any other question stands alone. (Joining all that share any proof chains most into one.)"""
    numbers: dict[tuple[str, str], int] = {}
    clusters = {}
    for question, outcome in zip(run.questions, run.outcomes, strict=True):
        proofs = find_proofs(outcome) if question.answerable else {}
        source = ("paragraph", min(proofs)) if proofs else ("question", question.query_id)
        clusters[question.query_id] = numbers.setdefault(source, len(numbers))
    return clusters


def tally(values: Mapping[str, float], clusters: Mapping[str, int]) -> Tally:
    """The values of one measure by question, summed by cluster."""
    places = np.array([clusters[name] for name in values], np.int64)
    scores = np.array(list(values.values()), np.float64)
    return _tally(scores, places, max(clusters.values()) + 1, frozenset(values))


def pool(one: Tally, other: Tally) -> Tally:
    """The ratio of both sums to both counts: how the F1 comes of precision and recall."""
    return Tally(
        one.sums + other.sums, one.counts + other.counts, one.questions | other.questions, rate=False
    )


def estimate_shares(tallies: Sequence[Tally], draws: int = DRAWS, seed: int = SEED) -> list[Estimate]:
    """Each share in [0, 1] with its interval, all from the same draws of clusters.

    A rate, and a mean whose draws do not spread, gets Wilson's interval at its effective size; any other the
    percentiles of the bootstrap.
    """
    drawn = _draw_shares(tallies, draws, seed)
    estimates = []
    for one, (low, high) in zip(tallies, np.nanquantile(drawn, TAILS, axis=0).T, strict=True):
        if one.rate or high - low < ROUNDING:
            low, high = wilson(one.value, effective_size(one))
        estimates.append(_estimate(one.value, low, high, len(one.questions)))
    return estimates


def estimate_rate(values: FloatArray, groups: IntArray) -> Estimate:
    """The rate of ``values``, each 0 or 1, with Wilson's interval; ``groups`` holds each one's cluster."""
    _, places = np.unique(groups, return_inverse=True)
    one = _tally(values, places, int(places.max()) + 1, frozenset())
    return _estimate(one.value, *wilson(one.value, effective_size(one)), len(values))


def wilson(share: float, size: float) -> tuple[float, float]:
    """Wilson's 95 % interval (1927) of a ``share`` seen in ``size`` independent questions; ``size`` above 0."""
    centre = share + Z * Z / (2 * size)
    reach = Z * np.sqrt(share * (1 - share) / size + Z * Z / (4 * size * size))
    scale = 1 + Z * Z / size
    return max(0.0, float((centre - reach) / scale)), min(1.0, float((centre + reach) / scale))


def effective_size(one: Tally) -> float:
    """How many independent questions tell as much (Kish 1965): by the spread between clusters, never more than there
    are questions; the clusters themselves where nothing spreads."""
    asked = one.counts > 0
    sums, counts = one.sums[asked], one.counts[asked]
    share, clusters = one.value, len(sums)
    if clusters < 2:
        return float(clusters)
    residuals = sums - share * counts
    variance = clusters / (clusters - 1) * (residuals @ residuals) / counts.sum() ** 2
    if variance <= ROUNDING**2:
        return float(clusters)
    return float(min(counts.sum(), share * (1 - share) / variance))


def resample(
    measure: Callable[[FloatArray], FloatArray], groups: IntArray, draws: int = DRAWS, seed: int = SEED
) -> list[Estimate | None]:
    """Bootstrap whatever can be told of weighted questions: ``measure`` takes weights of shape ``(draws, n)`` to
    values of shape ``(draws, measures)``, NaN where it cannot say; ``groups`` holds each question's cluster."""
    _, groups = np.unique(groups, return_inverse=True)
    values = measure(np.ones((1, len(groups))))[0]
    drawn = np.concatenate(
        [measure(weights[:, groups]) for weights in _draw_weights(int(groups.max()) + 1, draws, seed)]
    )
    estimates: list[Estimate | None] = []
    for value, column in zip(values, drawn.T, strict=True):
        if np.isnan(value):
            estimates.append(None)
        else:
            low, high = np.nanquantile(column, TAILS)
            estimates.append(_estimate(value, low, high, len(groups)))
    return estimates


def paired_difference(
    now: Mapping[str, float],
    then: Mapping[str, float],
    clusters: Mapping[str, int],
    draws: int = DRAWS,
    seed: int = SEED,
) -> Estimate:
    """``now`` minus ``then``, one measure by question; see ``compare_tallies``."""
    return compare_tallies(tally(now, clusters), tally(then, clusters), draws, seed)


def compare_tallies(now: Tally, then: Tally, draws: int = DRAWS, seed: int = SEED) -> Estimate:
    """``now`` minus ``then`` with the percentiles of its bootstrap, both from the same draws of clusters."""
    drawn = _draw_shares((now, then), draws, seed)
    low, high = np.nanquantile(drawn[:, 0] - drawn[:, 1], TAILS)
    return _estimate(now.value - then.value, low, high, len(now.questions | then.questions))


def permutation_p(now: Tally, then: Tally, draws: int = DRAWS, seed: int = SEED) -> float:
    """Two-sided p that ``now`` and ``then`` are one: each cluster's two outcomes change sides by the toss of a coin.

    ``(b + 1) / (draws + 1)`` where ``b`` tosses differ as much or more (Phipson & Smyth 2010).
    """
    observed = abs(now.value - then.value)
    sums, counts = now.sums - then.sums, now.counts - then.counts
    rng, tosses = np.random.default_rng(seed), max(1, BLOCK_CELLS // len(sums))
    extreme = 0
    for start in range(0, draws, tosses):
        sides = rng.integers(2, size=(min(tosses, draws - start), len(sums))).astype(np.float64)
        moved, counted = sides @ sums, sides @ counts
        one = _ratio(now.sums.sum() - moved, now.counts.sum() - counted)
        other = _ratio(then.sums.sum() + moved, then.counts.sum() + counted)
        # A toss that leaves one side without questions says nothing against chance.
        extreme += int((~(np.abs(one - other) < observed - ROUNDING)).sum())
    return (extreme + 1) / (draws + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's p (1979): no more than one false alarm in twenty over all of them together."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for place, which in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[which]))
        adjusted[which] = highest
    return adjusted


def _tally(scores: FloatArray, places: IntArray, size: int, questions: frozenset[str]) -> Tally:
    return Tally(
        sums=np.bincount(places, scores, minlength=size).astype(np.float64),
        counts=np.bincount(places, minlength=size).astype(np.float64),
        questions=questions,
        rate=bool(np.isin(scores, (0.0, 1.0)).all()),
    )


def _draw_shares(tallies: Sequence[Tally], draws: int, seed: int) -> FloatArray:
    """Shares of shape ``(draws, tallies)``, NaN where a draw holds no question of the measure."""
    sums = np.stack([one.sums for one in tallies], axis=1)
    counts = np.stack([one.counts for one in tallies], axis=1)
    asked = counts.any(axis=1)
    sums, counts = sums[asked], counts[asked]
    blocks = [_ratio(weights @ sums, weights @ counts) for weights in _draw_weights(len(sums), draws, seed)]
    return np.concatenate(blocks)


def _draw_weights(clusters: int, draws: int, seed: int) -> Iterator[FloatArray]:
    """Blocks of shape ``(draws, clusters)``: how often each was drawn when as many were drawn as there are."""
    rng, rows = np.random.default_rng(seed), max(1, BLOCK_CELLS // clusters)
    for start in range(0, draws, rows):
        size = min(rows, draws - start)
        drawn = rng.integers(clusters, size=(size, clusters)) + clusters * np.arange(size)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=size * clusters)
        yield counts.reshape(size, clusters).astype(np.float64)


def _ratio(numerators: FloatArray, denominators: FloatArray) -> FloatArray:
    empty = np.full_like(numerators, np.nan)
    return np.divide(numerators, denominators, out=empty, where=denominators > ROUNDING)


def _estimate(value: float, low: float, high: float, n: int) -> Estimate:
    """Percentiles of a skewed bootstrap may miss the value by a hair: it lies within."""
    return Estimate(float(value), float(min(low, value)), float(max(high, value)), n)
