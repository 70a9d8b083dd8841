"""A run summed up: every measure with its interval, over all questions and over each slice of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from ..types import GoldQuestion, Score
from .judge import give_verdict
from .measures import MEASURES, score_questions
from .ranking import language_pair
from .record import Outcome, Run
from .results import Estimate, Row, Stage, Summary
from .risk import bin_confidence, draw_curve, estimate_risk, read_trials
from .statistics import (
    DRAWS,
    SEED,
    FloatArray,
    Tally,
    estimate_shares,
    find_clusters,
    pool,
    tally,
)

ALL, CROSS, TOTAL = "all", "cross", "total"
OTHER_LANGUAGE = {"zh>en", "en>zh"}
F1, PRECISION, RECALL = "abstention_f1", "abstention_precision", "abstention_recall"
RISK, CORRECT = "risk", "correct_when_answered"
LEVELS = (0.5, 0.95)
# A percentile must be sorted anew in every draw.
LATENCY_DRAWS = 2_000


def summarise(run: Run, seed: int = SEED) -> Summary:
    """All that a report tells of ``run``; the same run and seed give the same summary."""
    scores, clusters = score_questions(run), find_clusters(run)
    groups = np.array([clusters[question.query_id] for question in run.questions], np.int64)
    trials = read_trials(run)
    found: dict[tuple[str, str], Estimate] = {}
    for part, members in _slices(run).items():
        tallies = tally_scores((one for one in scores if one.query_id in members), clusters)
        if tallies:
            estimates = estimate_shares(list(tallies.values()), DRAWS, seed)
            found |= {(name, part): one for name, one in zip(tallies, estimates, strict=True)}
        if correct := found.get((CORRECT, part)):
            # Told, not scored: a comparison would count the same thing twice.
            found[RISK, part] = _rest(correct)
    stages = _stages(run, seed)
    whole = estimate_risk(trials, groups, DRAWS, seed) | _latencies(stages)
    found |= {(name, ALL): one for name, one in whole.items()}
    order = {measure.name: place for place, measure in enumerate(MEASURES)}
    return Summary(
        rows=tuple(
            Row(name, part, found[name, part])
            for name, part in sorted(found, key=lambda key: (order[key[0]], key[1] != ALL, key[1]))
        ),
        curve=draw_curve(trials, groups),
        reliability=bin_confidence(trials, groups),
        stages=stages,
        verdicts={
            question.query_id: give_verdict(question, outcome)
            for question, outcome in zip(run.questions, run.outcomes, strict=True)
        },
        scores=scores,
    )


def tally_scores(scores: Iterable[Score], clusters: Mapping[str, int]) -> dict[str, Tally]:
    """Measure to tally, in the catalogue's order, of the measures that have scores; the F1 of declining with them."""
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for score in scores:
        values[score.measure][score.query_id] = score.value
    tallies = {name: tally(of, clusters) for name, of in values.items()}
    if PRECISION in tallies and RECALL in tallies:
        # Summed, both count the rightly declined once: twice in all, over the declined and the unanswerable.
        tallies[F1] = pool(tallies[PRECISION], tallies[RECALL])
    return {measure.name: tallies[measure.name] for measure in MEASURES if measure.name in tallies}


def in_part(part: str, question: GoldQuestion, outcome: Outcome, run: Run) -> bool:
    """Whether the question is of the slice ``part``; see ``results.Row``."""
    return part in _parts(question, outcome, run)


def _slices(run: Run) -> dict[str, set[str]]:
    """The questions of each slice, by its name."""
    members: dict[str, set[str]] = defaultdict(set)
    for question, outcome in zip(run.questions, run.outcomes, strict=True):
        for name in _parts(question, outcome, run):
            members[name].add(question.query_id)
    return members


def _parts(question: GoldQuestion, outcome: Outcome, run: Run) -> list[str]:
    names = [ALL, f"kind:{question.kind}", f"language:{question.language.value}"]
    if pair := language_pair(question, outcome, run):
        names.append(f"matrix:{pair}")
    return [*names, CROSS] if pair in OTHER_LANGUAGE else names


def _rest(share: Estimate) -> Estimate:
    return Estimate(1 - share.value, 1 - share.high, 1 - share.low, share.n)


def _latencies(stages: Iterable[Stage]) -> dict[str, Estimate]:
    """Of the whole time."""
    whole = (stage for stage in stages if stage.name == TOTAL)
    return {
        name: estimate
        for stage in whole
        for name, estimate in (("latency_p50", stage.p50_ms), ("latency_p95", stage.p95_ms))
    }


def _stages(run: Run, seed: int) -> tuple[Stage, ...]:
    """In the order they are run."""
    return tuple(Stage(name, *_percentiles(times, seed)) for name, times in _times(run).items())


def _percentiles(times: FloatArray, seed: int) -> list[Estimate]:
    """Of ``LEVELS``, each question drawn on its own: the machine's load knows no paragraphs."""
    rng = np.random.default_rng(seed)
    drawn = [
        np.quantile(times[rng.integers(times.size, size=times.size)], LEVELS) for _ in range(LATENCY_DRAWS)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return [
        Estimate(float(value), float(min(one, value)), float(max(other, value)), times.size)
        for value, one, other in zip(np.quantile(times, LEVELS), low, high, strict=True)
    ]


def _times(run: Run) -> dict[str, FloatArray]:
    times: dict[str, list[float]] = defaultdict(list)
    for outcome in run.outcomes:
        for name, taken in outcome.timings_ms.items():
            times[name].append(taken)
    return {name: np.array(taken, np.float64) for name, taken in times.items()}
