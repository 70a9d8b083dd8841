"""Which sentences answer: every sentence of the best passages, scored by a fitted model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..calibration import Logistic
from ..retrieval.retriever import Candidate
from .asked import Asked, Want
from .coverage import Weighed, coverage, heaviest_gap
from .evidence import Evidence, Reader
from .guard import says_date, says_figure, says_name

# Passages whose sentences are read for an answer.
READ = 12


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A sentence with its features, its log-odds of answering, and the candidate it stands in."""

    evidence: Evidence
    candidate: Candidate
    features: dict[str, float]
    score: float


def score_sentences(
    asked: Asked, words: tuple[Weighed, ...], candidates: Sequence[Candidate], reader: Reader, model: Logistic
) -> list[Choice]:
    """Every quotable sentence of the first ``READ`` candidates, best first; ties keep the reading order."""
    choices = []
    for candidate in candidates[:READ]:
        for place, evidence in enumerate(reader.read(candidate.row)):
            features = read_features(asked, words, candidates[0], candidate, place, evidence)
            choices.append(Choice(evidence, candidate, features, model.score(features)))
    return sorted(choices, key=lambda choice: (-choice.score, choice.evidence.row))


def read_features(
    asked: Asked,
    words: tuple[Weighed, ...],
    top: Candidate,
    candidate: Candidate,
    place: int,
    evidence: Evidence,
) -> dict[str, float]:
    """What the models see; cosines in [-1, 1], shares in [0, 1], flags 0 or 1."""
    own, around = evidence.own, evidence.around
    return {
        "cosine": candidate.spoken[place],
        "dense": candidate.dense,
        "behind": top.hit.score - candidate.hit.score,
        "covered": coverage(words, own.terms),
        "covered_around": coverage(words, around.terms),
        "gap": heaviest_gap(words, own.terms),
        "gap_around": heaviest_gap(words, around.terms),
        "date_missing": _share([date for date in asked.dates if not says_date(evidence, date)], asked.dates),
        "name_missing": _share([name for name in asked.names if not says_name(evidence, name)], asked.names),
        "figure_missing": _share([f for f in asked.figures if not says_figure(evidence, f)], asked.figures),
        "quantity_missing": float(Want.QUANTITY in asked.wants and not own.figures),
        "when_missing": float(Want.DATE in asked.wants and not own.dates),
        "other_language": float(evidence.language is not asked.query.language),
        "later": float(place > 0),
    }


def _share(absent: Sequence[object], asked: Sequence[object]) -> float:
    return len(absent) / len(asked) if asked else 0.0
