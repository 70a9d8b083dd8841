"""An answer without a language model: one to three sentences, quoted word for word, or a reasoned refusal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..calibration import Calibration
from ..retrieval.retriever import Candidate
from ..retrieval.terms import Word
from ..text.figures import Bound, Figure, same_figure
from ..text.measures import QUALIFIERS
from ..types import Abstention, Hit, Language, Note, Sentence, Support
from ..verification.coverage import Weighed
from ..verification.verifier import Verifier
from .asked import Asked
from .citing import cite
from .closeness import Closeness
from .disputes import find_disputes, prefer_own
from .doubting import weigh_doubts
from .evidence import Evidence, Reader, same_marks
from .facets import find_facets
from .guard import Refusal, find_refusal
from .parity import find_counterparts
from .saying import says_words
from .selection import Choice, rank_hits, score_sentences, weigh_confidence
from .wants import Want

# From so many things on, one sentence may not say them all.
SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Quoted:
    """``sentences`` in reading order, or why there are none; ``withheld`` are those that a doubt kept back. ``hits``
    are the candidates by the best of their sentences, ``evidence`` what each sentence was taken from, and its twin."""

    sentences: tuple[Sentence, ...]
    hits: tuple[Hit, ...] = ()
    confidence: float = 0.0
    abstention: Abstention | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    withheld: tuple[Sentence, ...] = ()
    evidence: tuple[tuple[Evidence, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """The sentences chosen, those that dispute a chosen figure, why they may not answer, and what says the same as
    they do in the other language, by row; ``asked`` are the figures that the question states."""

    chosen: tuple[Evidence, ...]
    disputed: tuple[Evidence, ...]
    refusal: Refusal | None
    features: dict[str, float]
    twins: Mapping[int, Evidence]
    asked: tuple[Figure, ...] = ()

    @property
    def shown(self) -> list[Evidence]:
        return _in_reading_order(list(dict.fromkeys((*self.chosen, *self.disputed))), self.asked)

    def cited(self, evidence: Evidence) -> tuple[Evidence, ...]:
        """What proves it: itself, and its twin unless that is shown by itself."""
        twin = self.twins.get(evidence.row)
        return (evidence, twin) if twin and twin not in self.shown else (evidence,)


def quote(
    asked: Asked,
    words: tuple[Weighed, ...],
    candidates: Sequence[Candidate],
    reader: Reader,
    calibration: Calibration,
    closeness: Closeness,
    verifier: Verifier,
    *,
    max_sentences: int,
    answer_from: float,
) -> Quoted:
    """Answer from ``candidates``, best first, at a confidence of ``answer_from`` or more; ``closeness`` compares two
    sentences or passages by their rows."""
    choices = score_sentences(asked, words, candidates, reader, calibration.selection)
    quoted = Quoted((), rank_hits(candidates, choices), abstention=Abstention.NOT_IN_COLLECTION)
    if not choices:
        return quoted
    composed = compose(
        asked, words, choices, candidates, reader, calibration, closeness, verifier, max_sentences
    )
    confidence = calibration.abstention.probability(composed.features)
    quoted = replace(quoted, confidence=confidence, evidence=tuple(map(composed.cited, composed.shown)))
    if composed.refusal:
        return replace(quoted, abstention=composed.refusal.reason, missing=composed.refusal.missing)
    if quoted.confidence < answer_from:
        missing = _unstated(asked, choices)
        return replace(
            quoted,
            abstention=Abstention.MISSING_FIGURE if missing else Abstention.UNSURE,
            missing=missing,
            withheld=cite([composed.cited(one) for one in composed.shown]),
        )
    notes = []
    if all(evidence.language is not asked.query.wanted for evidence in composed.shown):
        notes.append(Note.OTHER_LANGUAGE_ONLY)
    if composed.disputed:
        notes.append(Note.FIGURES_DIFFER)
    return replace(
        quoted,
        sentences=cite([composed.cited(one) for one in composed.shown]),
        abstention=None,
        notes=tuple(notes),
    )


def compose(
    asked: Asked,
    words: tuple[Weighed, ...],
    choices: Sequence[Choice],
    candidates: Sequence[Candidate],
    reader: Reader,
    calibration: Calibration,
    closeness: Closeness,
    verifier: Verifier,
    limit: int,
) -> Composed:
    """Choose among ``choices`` (best first, not empty), look among ``candidates`` for what disputes the choice, and
    hold both against the question."""
    chosen = choose_sentences(asked, choices, calibration, limit)
    evidence = [choice.evidence for choice in chosen]
    question, proofs = reader.read_question(asked.query), reader.proofs(evidence)
    unsaid = reader.unsaid(question, asked.query.language, proofs)
    disputes = (
        dispute
        for dispute, near in find_disputes(evidence, candidates, reader, closeness)
        if near >= calibration.dispute_closeness
    )
    disputed = prefer_own(disputes, asked.query.wanted)
    refusal = _refusal(asked, evidence, disputed)
    told = [
        _prefer_language(one, choices, asked.query.wanted, calibration, closeness, verifier)
        for one in evidence
    ]
    if told != evidence and not refusal and _refusal(asked, told, disputed):
        told = evidence
    chosen_told = tuple(dict.fromkeys(told))
    held = [candidate.row for candidate in candidates] if asked.query.filters else None
    counterparts = list(
        find_counterparts((*chosen_told, *disputed), held, reader, closeness, calibration.twin_similarity)
    )
    rivals = (one.other for one in counterparts if not one.agrees)
    return Composed(
        chosen=chosen_told,
        disputed=tuple(dict.fromkeys((*disputed, *rivals))),
        twins={one.quoted.row: one.other for one in counterparts if one.agrees},
        refusal=refusal,
        features={
            **weigh_confidence(asked, words, chosen, choices, unsaid),
            **weigh_doubts(asked, question, words, proofs, calibration.verification.margins),
        },
        asked=asked.figures,
    )


def _refusal(asked: Asked, evidence: Sequence[Evidence], disputed: Sequence[Evidence]) -> Refusal | None:
    """What proves the answer is held against the question. A dispute may supply a figure or a reason, never the date
    or the measure."""
    refusal = find_refusal(asked, evidence)
    if refusal and disputed and refusal.reason in {Abstention.MISSING_FIGURE, Abstention.NOT_IN_COLLECTION}:
        return find_refusal(asked, (*evidence, *disputed))
    return refusal


def _unstated(asked: Asked, choices: Sequence[Choice]) -> tuple[str, ...]:
    """The figures of the question that no sentence read gives."""
    said = [figure for choice in choices for figure in choice.evidence.own.figures]
    exact = (figure for figure in asked.figures if figure.bound is Bound.EXACT)
    return tuple(figure.text for figure in exact if not any(same_figure(figure, one) for one in said))


def choose_sentences(
    asked: Asked, choices: Sequence[Choice], calibration: Calibration, limit: int
) -> list[Choice]:
    """The best sentence; for a comparison the best for each thing compared; for a list up to ``limit`` good ones."""
    chosen: list[Choice] = []
    for facet in find_facets(asked):
        if not any(find_refusal(facet, [choice.evidence]) is None for choice in chosen):
            fitting = (choice for choice in choices if find_refusal(facet, [choice.evidence]) is None)
            best = next(fitting, None)
            chosen.append(_latest(asked, best, fitting) if best else choices[0])
    chosen += [best for side in asked.sides if (best := _best_said(side, asked, choices))]
    chosen = _complete(asked, chosen, choices)
    if Want.LIST in asked.wants:
        documents = {choice.evidence.passage.paragraph.doc_id for choice in chosen}
        more = [
            choice
            for choice in choices
            if calibration.selection.probability(choice.features) >= calibration.listed
            and choice.evidence.passage.paragraph.doc_id in documents
        ]
        chosen += more[: max(0, limit - len(chosen))]
    return list(dict.fromkeys(chosen))


def _complete(asked: Asked, chosen: list[Choice], choices: Sequence[Choice]) -> list[Choice]:
    """``chosen`` with the best sentence that supplies what they lack, where more than one thing is asked for; it must
    answer to all that the things share."""
    several = max(len(asked.sides), len(asked.joined), asked.amounts, asked.moments)
    if several < SEVERAL or find_refusal(asked, [choice.evidence for choice in chosen]) is None:
        return chosen
    shared = replace(
        asked,
        wants=asked.wants - {Want.MORE},
        joined=(),
        sides=(),
        amounts=0,
        moments=0,
        listed=0,
        measures=asked.measures - QUALIFIERS,
    )
    if any(find_refusal(shared, [choice.evidence]) for choice in chosen):
        return chosen
    for more in choices:
        together = [*(choice.evidence for choice in chosen), more.evidence]
        if find_refusal(shared, [more.evidence]) is None and find_refusal(asked, together) is None:
            return [*chosen, more]
    return chosen


def _best_said(side: tuple[Word, ...], asked: Asked, choices: Sequence[Choice]) -> Choice | None:
    """The best choice that says all the words of ``side``, as long as nothing else of the question is amiss in it."""
    return next(
        (
            choice
            for choice in choices
            if says_words(choice.evidence, side, asked.query.language)
            and find_refusal(replace(asked, joined=()), [choice.evidence]) is None
        ),
        None,
    )


def _latest(asked: Asked, best: Choice, others: Iterable[Choice]) -> Choice:
    """``best``; where a quantity is asked of no date, the latest of ``others`` that says no less of what is asked."""
    if asked.dates or not asked.wants & {Want.QUANTITY, Want.LATEST}:
        return best
    equal = [
        choice
        for choice in others
        if choice.features["covered"] >= best.features["covered"]
        and choice.evidence.language is best.evidence.language
    ]
    return max([best, *equal], key=lambda choice: (_last_date(choice.evidence), choice.score))


def _last_date(evidence: Evidence) -> tuple[int, int, int]:
    """Year, month and day of the latest date a sentence states; zeros where it states none."""
    dates = [(date.year or 0, date.month or 0, date.day or 0) for date in evidence.own.dates]
    return max(dates, default=(0, 0, 0))


def _prefer_language(
    evidence: Evidence,
    choices: Sequence[Choice],
    wanted: Language,
    calibration: Calibration,
    closeness: Closeness,
    verifier: Verifier,
) -> Evidence:
    """The same fact in the language wanted, where the collection holds it and the paragraph chosen proves it."""
    if evidence.language is wanted:
        return evidence
    twins = [
        (closeness.sentences(evidence.row, other.row), other)
        for other in (choice.evidence for choice in choices)
        if other.language is wanted and same_marks(evidence, other)
    ]
    nearest, twin = max(twins, key=lambda pair: pair[0], default=(-1.0, evidence))
    if nearest < calibration.twin_similarity:
        return evidence
    verdict = verifier.verify(twin.text, twin.language, [evidence.passage], twin.row)
    return twin if verdict.support is Support.SUPPORTED else evidence


def _in_reading_order(shown: Sequence[Evidence], asked: Sequence[Figure]) -> list[Evidence]:
    """What gives a figure asked about, then the rest: documents as first chosen, sentences within a document as they
    stand in it."""
    first: dict[str, int] = {}
    for place, evidence in enumerate(shown):
        first.setdefault(evidence.passage.paragraph.doc_id, place)

    def key(evidence: Evidence) -> tuple[bool, int, int]:
        gives = any(same_figure(figure, said) for figure in asked for said in evidence.own.figures)
        return not gives, first[evidence.passage.paragraph.doc_id], evidence.row

    return sorted(shown, key=key)
