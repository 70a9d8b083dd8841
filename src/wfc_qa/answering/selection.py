"""Which sentences answer: every sentence of the best passages, scored by a fitted model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..calibration import Logistic
from ..retrieval.retriever import Candidate
from ..text.measures import QUALIFIERS, find_measures
from ..types import Hit
from ..verification.coverage import Weighed, cover
from ..verification.unsaid import Unsaid
from .asked import Asked
from .evidence import Evidence, Reader, same_marks
from .saying import (
    missing_figures,
    said_measures,
    says_date,
    says_name,
    says_ordinal,
    says_quantity,
    says_word,
    says_words,
)
from .wants import Want

# Passages whose sentences are read: those that may answer, or dispute the answer.
READ = 20
# More words left unsaid doubt an answer no further.
MOST_COUNTED = 3
# Log-odds beyond which a sentence is no surer to stand before all others.
FAR = 3.0


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


def rank_hits(candidates: Sequence[Candidate], choices: Sequence[Choice]) -> tuple[Hit, ...]:
    """The candidates as hits, by the score of their best sentence; those without one follow as they came."""
    best: dict[int, float] = {}
    for choice in choices:
        best.setdefault(choice.candidate.row.row, choice.score)
    ranked = sorted(candidates, key=lambda candidate: -best.get(candidate.row.row, -math.inf))
    return tuple(
        replace(candidate.hit, rank=rank, score=best.get(candidate.row.row, candidate.hit.score))
        for rank, candidate in enumerate(ranked, 1)
    )


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
    measures, qualified = said_measures(evidence), find_measures(evidence.text) & QUALIFIERS
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
        "measure_missing": _share([m for m in asked.measures if m not in measures], tuple(asked.measures)),
        "qualified": float(bool(asked.measures) and bool(qualified - asked.measures)),
        "topic_missing": _share(
            [w for w in asked.topic if not says_word(evidence, w, asked.query.language)], asked.topic
        ),
        "other_language": float(foreign),
    }


def _share(absent: Sequence[object], asked: Sequence[object]) -> float:
    return len(absent) / len(asked) if asked else 0.0


def _ranks(asked: Asked, chosen: Sequence[Choice], choices: Sequence[Choice]) -> dict[str, float]:
    """Best reciprocal ranks by meaning, by the best sentence and by words; what agrees is seldom wrong.

    Passages that say the same, in another language or of another date, push each other down: any of them counts.
    """
    first = chosen[0]
    kin = [choice for choice in choices if choice in chosen or _is_kin(asked, choice, first)]
    sources = [choice.candidate.hit.sources for choice in kin]
    worded = [rank for one in sources for rank in (one.lexical, one.cross) if rank]
    return {
        "first_dense": 1 / min((one.dense for one in sources if one.dense), default=math.inf),
        "first_sentence": 1 / min((one.sentence for one in sources if one.sentence), default=math.inf),
        "first_worded": 1 / min(worded, default=math.inf),
    }


def _is_kin(asked: Asked, choice: Choice, first: Choice) -> bool:
    if first.evidence.marked and same_marks(choice.evidence, first.evidence):
        return True
    return not asked.dates and _same_series(choice, first)


def _margin(asked: Asked, first: Choice, chosen: Sequence[Choice], choices: Sequence[Choice]) -> float:
    """How far ``first`` stands before the best sentence that says something else; where no date is asked, the same
    quantity of another date is not something else."""
    others = (
        choice.score
        for choice in choices
        if choice not in chosen
        and not same_marks(choice.evidence, first.evidence)
        and (asked.dates or not _same_series(choice, first))
    )
    return min(first.score - max(others, default=first.score), FAR)


def _left_unsaid(unsaid: Unsaid) -> dict[str, float]:
    """How many words of the question the passages do not say, by how firmly that is known; each counted up to 3."""
    kinds = {
        "unsaid_things": unsaid.things,
        "unsaid_words": unsaid.words,
        "unsaid_loose": unsaid.loose,
        "unsaid_akin": unsaid.akin,
    }
    return {name: float(min(len(words), MOST_COUNTED)) for name, words in kinds.items()}


def _same_series(one: Choice, other: Choice) -> bool:
    return (
        one.evidence.passage.paragraph.doc_id == other.evidence.passage.paragraph.doc_id
        and one.features["covered"] == other.features["covered"]
    )


def _agreed(first: Choice, choices: Sequence[Choice]) -> float:
    """Whether the best sentence of the other language states the same figures and dates."""
    others = (c.evidence for c in choices if c.evidence.language is not first.evidence.language)
    other = next(others, None)
    return float(other is not None and first.evidence.marked and same_marks(other, first.evidence))


def weigh_confidence(
    asked: Asked,
    words: tuple[Weighed, ...],
    chosen: Sequence[Choice],
    choices: Sequence[Choice],
    unsaid: Unsaid,
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
        "best": choices[0].score,
        **_ranks(asked, chosen, choices),
        "margin": _margin(asked, chosen[0], chosen, choices),
        "agreed": _agreed(chosen[0], choices),
        "least": min(choice.features["covered_around"] for choice in chosen),
        "qualified": max(choice.features["qualified"] for choice in chosen),
        **_left_unsaid(unsaid),
        "unheard": float(asked.unheard),
        "how": float(Want.HOW in asked.wants),
        "guarded": float(bool(asked.dates or asked.names or asked.figures or asked.units or asked.counted)),
        "several": float(len(chosen) > 1),
        "side_missing": _share(
            [s for s in asked.sides if not any(says_words(c.evidence, s, language) for c in chosen)],
            asked.sides,
        ),
    }
