"""An answer without a language model: one to three sentences, quoted word for word, or a reasoned refusal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ..calibration import Calibration, Logistic
from ..retrieval.retriever import Candidate
from ..text.figures import Figure, Unit, same_figure
from ..types import Abstention, Citation, Language, Note, Sentence, Span
from .asked import Asked, Want
from .coverage import Weighed
from .evidence import Evidence, Reader
from .guard import Refusal, find_refusal
from .selection import Choice, score_sentences, weigh_confidence

# "[1][4]" behind a sentence are the source's own marks; beside ours they would mislead.
SOURCE_MARKS = re.compile(r"(?:\s*\[[0-9]{1,3}\])+\s*$")
# Counts up to here number the things a sentence speaks of more often than they state a fact.
SMALL = 10


class Closeness(Protocol):
    """Cosines, across languages too; -1 to 1."""

    def sentences(self, one: int, other: int) -> float: ...
    def passages(self, one: int, other: int) -> float: ...


@dataclass(frozen=True, slots=True)
class Quoted:
    """``sentences`` in reading order, or why there are none."""

    sentences: tuple[Sentence, ...]
    confidence: float
    abstention: Abstention | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """The sentences chosen, those that dispute a chosen figure, and why they may not answer."""

    chosen: tuple[Evidence, ...]
    disputed: tuple[Evidence, ...]
    refusal: Refusal | None
    features: dict[str, float]

    @property
    def shown(self) -> list[Evidence]:
        return _in_reading_order(list(dict.fromkeys((*self.chosen, *self.disputed))))


def quote(
    asked: Asked,
    words: tuple[Weighed, ...],
    candidates: Sequence[Candidate],
    reader: Reader,
    calibration: Calibration,
    closeness: Closeness,
    *,
    max_sentences: int,
    abstain_below: float | None,
) -> Quoted:
    """Answer from ``candidates``, best first; ``closeness`` compares two sentences or passages by their rows."""
    choices = score_sentences(asked, words, candidates, reader, calibration.selection)
    if not choices:
        return Quoted((), 0.0, Abstention.NOT_IN_COLLECTION)
    composed = compose(asked, words, choices, candidates, reader, calibration, closeness, max_sentences)
    confidence = calibration.abstention.probability(composed.features)
    if composed.refusal:
        return Quoted((), confidence, composed.refusal.reason, composed.refusal.missing)
    if confidence < (calibration.abstention.threshold if abstain_below is None else abstain_below):
        return Quoted((), confidence, Abstention.NOT_IN_COLLECTION)
    notes = []
    if all(evidence.language is not asked.query.wanted for evidence in composed.shown):
        notes.append(Note.OTHER_LANGUAGE_ONLY)
    if composed.disputed:
        notes.append(Note.FIGURES_DIFFER)
    return Quoted(_cite(composed.shown), confidence, notes=tuple(notes))


def compose(
    asked: Asked,
    words: tuple[Weighed, ...],
    choices: Sequence[Choice],
    candidates: Sequence[Candidate],
    reader: Reader,
    calibration: Calibration,
    closeness: Closeness,
    limit: int,
) -> Composed:
    """Choose among ``choices`` (best first, not empty), look among ``candidates`` for what disputes the choice, and
    hold both against the question."""
    chosen = choose_sentences(asked, choices, calibration.selection, limit)
    evidence = [choice.evidence for choice in chosen]
    disputes = (
        dispute
        for dispute, near in find_disputes(evidence, candidates, reader, closeness)
        if near >= calibration.dispute_closeness
    )
    disputed = _prefer_own(disputes, asked.query.wanted)
    told = [_prefer_language(one, choices, asked.query.wanted, calibration, closeness) for one in evidence]
    return Composed(
        chosen=tuple(dict.fromkeys(told)),
        disputed=disputed,
        # What proves the answer is held against the question; its twin in the language wanted only says it again.
        refusal=find_refusal(asked, (*evidence, *disputed)),
        features=weigh_confidence(asked, words, chosen, choices[0]),
    )


def choose_sentences(asked: Asked, choices: Sequence[Choice], model: Logistic, limit: int) -> list[Choice]:
    """The best sentence; for a comparison the best for each thing compared; for a list up to ``limit`` good ones."""
    chosen: list[Choice] = []
    for facet in _facets(asked):
        if not any(facet(choice.evidence) for choice in chosen):
            fitting = [choice for choice in choices if facet(choice.evidence)]
            chosen.append(_latest(asked, fitting) if fitting else choices[0])
    if Want.LIST in asked.wants:
        documents = {choice.evidence.passage.paragraph.doc_id for choice in chosen}
        more = [
            choice
            for choice in choices
            if model.probability(choice.features) >= model.threshold
            and choice.evidence.passage.paragraph.doc_id in documents
        ]
        chosen += more[: max(0, limit - len(chosen))]
    return list(dict.fromkeys(chosen))


def _latest(asked: Asked, fitting: Sequence[Choice]) -> Choice:
    """The best choice; where a quantity is asked of no date, the latest that says no less of what is asked."""
    best = fitting[0]
    if asked.dates or not asked.wants & {Want.QUANTITY, Want.LATEST}:
        return best
    equal = [
        choice
        for choice in fitting
        if choice.features["covered"] >= best.features["covered"]
        and choice.evidence.language is best.evidence.language
    ]
    return max(equal, key=lambda choice: (_last_date(choice.evidence), choice.score))


def _last_date(evidence: Evidence) -> tuple[int, int, int]:
    """Year, month and day of the latest date a sentence states; zeros where it states none."""
    dates = [(date.year or 0, date.month or 0, date.day or 0) for date in evidence.own.dates]
    return max(dates, default=(0, 0, 0))


def _facets(asked: Asked) -> list[Callable[[Evidence], bool]]:
    """What must be proved by a sentence of its own: each date or name compared, else the whole question."""
    parts = [asked]
    if len(asked.dates) > 1:
        parts = [replace(asked, dates=(date,)) for date in asked.dates]
    elif len(asked.names) > 1:
        parts = [replace(asked, names=(name,)) for name in asked.names]
    return [lambda evidence, part=part: find_refusal(part, [evidence]) is None for part in parts]  # type: ignore[misc]


def _prefer_language(
    evidence: Evidence,
    choices: Sequence[Choice],
    wanted: Language,
    calibration: Calibration,
    closeness: Closeness,
) -> Evidence:
    """The same fact in the language wanted, where the collection holds it."""
    if evidence.language is wanted:
        return evidence
    twins = [
        (closeness.sentences(evidence.row, other.row), other)
        for other in (choice.evidence for choice in choices)
        if other.language is wanted and same_marks(evidence, other)
    ]
    nearest, twin = max(twins, key=lambda pair: pair[0], default=(-1.0, evidence))
    return twin if nearest >= calibration.twin_similarity else evidence


def telling(figure: Figure) -> bool:
    """Whether a figure says something of its own: "two steps" and "one of them" only count words."""
    return figure.unit is not Unit.COUNT or figure.value > SMALL


def same_marks(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences state the same figures and dates, as translations of each other do."""
    return _marks(one) == _marks(other)


def _marks(evidence: Evidence) -> Counter[tuple[object, ...]]:
    figures = Counter[tuple[object, ...]](
        (figure.value, figure.unit) for figure in evidence.own.figures if telling(figure)
    )
    figures.update((date.year, date.month, date.day) for date in evidence.own.dates)
    return figures


def find_disputes(
    chosen: Sequence[Evidence], candidates: Sequence[Candidate], reader: Reader, closeness: Closeness
) -> Iterator[tuple[Evidence, float]]:
    """Sentences that set a chosen figure against another one of the same unit and say that they disagree, with how
    close their passage is to the question or to a passage chosen."""
    stated = [figure for evidence in chosen for figure in evidence.own.figures if telling(figure)]
    for candidate in candidates:
        for evidence in reader.read(candidate.row):
            if evidence.disagrees and _disputes(evidence, stated):
                kin = (closeness.passages(evidence.passage.row, one.passage.row) for one in chosen)
                yield evidence, max(candidate.dense, *kin)


def _disputes(evidence: Evidence, stated: Sequence[Figure]) -> bool:
    figures = [figure for figure in evidence.own.figures if telling(figure)]
    return any(
        same_figure(figure, other)
        and any(r.unit is figure.unit and not same_figure(r, figure) for r in figures)
        for figure in figures
        for other in stated
    )


def _prefer_own(disputes: Iterable[Evidence], wanted: Language) -> tuple[Evidence, ...]:
    """One dispute, in the language wanted where there is one."""
    found = list(disputes)
    return tuple([one for one in found if one.language is wanted][:1] or found[:1])


def _in_reading_order(shown: Sequence[Evidence]) -> list[Evidence]:
    """Documents as first chosen, sentences within a document as they stand in it."""
    first: dict[str, int] = {}
    for place, evidence in enumerate(shown):
        first.setdefault(evidence.passage.paragraph.doc_id, place)
    return sorted(shown, key=lambda evidence: (first[evidence.passage.paragraph.doc_id], evidence.row))


def _cite(shown: Sequence[Evidence]) -> tuple[Sentence, ...]:
    markers: dict[str, int] = {}
    sentences = []
    for evidence in shown:
        name = evidence.passage.paragraph.paragraph_id
        text = SOURCE_MARKS.sub("", evidence.text)
        span = Span(evidence.span.start, evidence.span.start + len(text))
        marker = markers.setdefault(name, len(markers) + 1)
        sentences.append(Sentence(text, (Citation(marker, name, span),)))
    return tuple(sentences)
