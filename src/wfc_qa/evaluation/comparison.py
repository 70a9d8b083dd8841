"""Two runs over the same questions, side by side: paired differences, and the questions whose verdict changed."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ConfigError
from .judge import give_verdict
from .measures import score_questions
from .record import Run, Stamp
from .results import Estimate, Verdict
from .statistics import DRAWS, SEED, compare_tallies, find_clusters, holm, permutation_p
from .summary import tally_scores


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure in both runs; ``difference`` is b minus a, ``p`` its permutation test, ``p_holm`` the same adjusted for
    all the measures compared."""

    measure: str
    a: float
    b: float
    difference: Estimate
    p: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class Change:
    """A question judged otherwise in the second run."""

    query_id: str
    a: Verdict
    b: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """``b`` is the run whose gain is told, ``a`` the one it is held against."""

    a: Stamp
    b: Stamp
    differences: tuple[Difference, ...]
    changed: tuple[Change, ...]


def compare(run_a: Run, run_b: Run, draws: int = DRAWS, seed: int = SEED) -> Comparison:
    """Every measure that both runs have by question. Raises ConfigError when they asked different questions."""
    _check_same_questions(run_a, run_b)
    clusters = find_clusters(run_a)
    a, b = (tally_scores(score_questions(run), clusters) for run in (run_a, run_b))
    shared = [name for name in a if name in b]
    p_values = [permutation_p(b[name], a[name], draws, seed) for name in shared]
    differences = tuple(
        Difference(
            name, a[name].value, b[name].value, compare_tallies(b[name], a[name], draws, seed), p, adjusted
        )
        for name, p, adjusted in zip(shared, p_values, holm(p_values), strict=True)
    )
    verdicts = [
        (question.query_id, give_verdict(question, one), give_verdict(question, other))
        for question, one, other in zip(run_a.questions, run_a.outcomes, run_b.outcomes, strict=True)
    ]
    changed = tuple(Change(query_id, one, other) for query_id, one, other in verdicts if one is not other)
    return Comparison(run_a.stamp, run_b.stamp, differences, changed)


def _check_same_questions(run_a: Run, run_b: Run) -> None:
    a, b = run_a.stamp, run_b.stamp
    if a.questions != b.questions:
        raise ConfigError(
            f"{a.name} asked gold questions {a.questions[:12]}, {b.name} asked {b.questions[:12]}; "
            "run both on the same file with `wfc-qa eval run --questions`"
        )
    if run_a.questions != run_b.questions:
        raise ConfigError(
            f"{a.name} asked {len(run_a.questions)} questions, {b.name} asked {len(run_b.questions)} of the same file; "
            "run both whole with `wfc-qa eval run`"
        )
