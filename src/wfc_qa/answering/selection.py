"""Which sentences answer: every sentence of the best passages, scored by a fitted model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..calibration import Logistic
from ..retrieval.retriever import Candidate
from .asked import Asked, Want
from .coverage import Weighed, cover
from .evidence import Evidence, Reader
from .guard import missing_figures, says_date, says_name, says_ordinal, says_quantity

# Passages whose sentences may answer, and those that may dispute the answer.
READ = 12
NEAR = 30


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
    verdict = Want.VERDICT in asked.wants
    foreign = evidence.language is not asked.query.language
    said = cover(words, own.spoken(foreign=foreign))
    near = cover(words, around.spoken(foreign=foreign))
    return {
        "cosine": candidate.spoken[place],
        "dense": candidate.dense,
        "behind": top.hit.score - candidate.hit.score,
        "covered": said.covered,
        "covered_around": near.covered,
        "gap": said.gap,
        "elsewhere": 0.0 if foreign else said.elsewhere,
        "elsewhere_foreign": said.elsewhere if foreign else 0.0,
        "elsewhere_around": near.elsewhere,
        "unknown": said.unknown,
        "date_missing": float(
            bool(asked.dates) and not any(says_date(evidence, date) for date in asked.dates)
        ),
        "name_missing": _share([name for name in asked.names if not says_name(evidence, name)], asked.names),
        "figure_missing": _share(missing_figures(asked, [evidence]), asked.figures),
        "place_missing": _share(
            [p for p in asked.ordinals if not says_ordinal(evidence, p, verdict=verdict)], asked.ordinals
        ),
        "quantity_missing": float(Want.QUANTITY in asked.wants and not says_quantity(evidence, asked)),
        "when_missing": float(Want.DATE in asked.wants and not own.dates),
        "other_language": float(foreign),
    }


def _share(absent: Sequence[object], asked: Sequence[object]) -> float:
    return len(absent) / len(asked) if asked else 0.0


def weigh_confidence(
    asked: Asked, words: tuple[Weighed, ...], chosen: Sequence[Choice], best: Choice
) -> dict[str, float]:
    """What is left to doubt once the guard has let ``chosen`` through together: what the sentences say between them."""
    language = asked.query.language
    own: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()
    for evidence in (choice.evidence for choice in chosen):
        foreign = evidence.language is not language
        own |= evidence.own.spoken(foreign=foreign)
        around |= evidence.around.spoken(foreign=foreign)
    foreign = all(choice.evidence.language is not language for choice in chosen)
    said, near = cover(words, own), cover(words, around)
    return {
        "cosine": max(choice.features["cosine"] for choice in chosen),
        "dense": max(choice.features["dense"] for choice in chosen),
        "covered": said.covered,
        "covered_around": near.covered,
        "elsewhere": 0.0 if foreign else said.elsewhere,
        "elsewhere_foreign": said.elsewhere if foreign else 0.0,
        "elsewhere_around": near.elsewhere,
        "unknown": near.unknown,
        "other_language": float(foreign),
        "score": max(choice.score for choice in chosen),
        "weakest": min(choice.score for choice in chosen),
        "best": best.score,
        "how": float(Want.HOW in asked.wants),
        "guarded": float(bool(asked.dates or asked.names or asked.figures or asked.units or asked.counted)),
        "several": float(len(chosen) > 1),
    }
