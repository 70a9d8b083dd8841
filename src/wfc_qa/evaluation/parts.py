"""The parts of a calibration, each fitted on what the parts before it make of the gold questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..answering.disputes import find_disputes
from ..answering.evidence import same_marks
from ..answering.extractive import Composed, compose
from ..answering.selection import Choice, score_sentences
from ..calibration import Calibration, Fusion, Logistic
from ..errors import ConfigError
from ..retrieval.pool import SIGNALS, standardise
from .cases import Case, Sample, read_cases
from .gold import is_right
from .models import (
    FOLDS,
    best_f1,
    best_split,
    choose_stiffness,
    fit_choice,
    fit_logistic,
    score_folds,
    sigmoid,
)


def fit_parts(samples: Sequence[Sample]) -> Calibration:
    """Fusion, twins, sentence choice, disputes, abstention; see each part."""
    blank = Logistic({}, 0.0)
    calibration = Calibration(
        fit_fusion(samples), blank, blank, listed=1.0, risks=(), twin_similarity=1.0, dispute_closeness=1.0
    )
    cases = read_cases(samples, calibration.fusion)
    calibration = replace(calibration, twin_similarity=fit_twins(cases))
    selection, listed = fit_selection(calibration, cases)
    calibration = replace(calibration, selection=selection, listed=listed)
    calibration = replace(calibration, dispute_closeness=fit_disputes(calibration, cases))
    return replace(calibration, abstention=fit_abstention(calibration, cases))


def fit_fusion(samples: Sequence[Sample], signals: Sequence[str] = SIGNALS) -> Fusion:
    """Weights of the z-scored ``signals``, of the others 0; a floor is the tenth percentile of a signal's spread over
    the questions."""
    pools = []
    for sample in samples:
        if sample.gold:
            engine = sample.engine
            pool = engine.retriever.gather(sample.query)[1]
            rows = engine.generation.store.passages([int(row) for row in pool.rows])
            pools.append((pool, [row.paragraph.paragraph_id in sample.gold for row in rows]))
    floors = {
        name: max(float(np.percentile([getattr(pool, name).std() for pool, _ in pools], 10)), 1e-3)
        for name in SIGNALS
    }
    values = np.concatenate(
        [
            np.stack([standardise(getattr(pool, name), floors[name]) for name in signals], 1)
            for pool, _ in pools
        ]
    ).astype(np.float64)
    right = np.concatenate([found for _, found in pools])
    questions = np.repeat(np.arange(len(pools)), [len(found) for _, found in pools])
    best = fit_choice(values, right, questions, positive=True)
    weights = dict.fromkeys(SIGNALS, 0.0)
    weights |= {name: round(float(weight), 4) for name, weight in zip(signals, best, strict=True)}
    return Fusion(**weights, **{f"{name}_floor": round(value, 5) for name, value in floors.items()})


def fit_twins(cases: Sequence[Case]) -> float:
    """Cosine that best tells sentences of both languages that hold the same answer from those that do not, among
    those with the same figures and dates."""
    same: list[float] = []
    other: list[float] = []
    for case in cases:
        engine = case.sample.engine
        evidence = [e for c in case.candidates for e in engine.reader.read(c.row)]
        proving = [e for e in evidence if case.sample.proved_by(e)]
        for one in proving:
            for two in evidence:
                if one.language is not two.language and same_marks(one, two):
                    (same if two in proving else other).append(engine.closeness.sentences(one.row, two.row))
    if not same or not other:
        raise ConfigError("the gold questions hold no evidence in both languages; add some and fit again")
    return best_split(same, other)


def fit_selection(calibration: Calibration, cases: Sequence[Case]) -> tuple[Logistic, float]:
    """What makes a sentence right (it meets a part of the answer and stands in a gold paragraph), and the probability
    from which on one more sentence of a list is."""
    rows: list[dict[str, float]] = []
    right, groups, listed = [], [], []
    for number, case in enumerate(cases):
        if case.sample.gold:
            for choice in _choices(calibration, case):
                rows.append(choice.features)
                right.append(case.sample.proved_by(choice.evidence))
                groups.append(number)
                listed.append(case.sample.question.kind in {"list", "comparison"})
    if len(set(groups)) < FOLDS or not any(right):
        raise ConfigError("too few answerable questions with evidence to fit sentence choice on: add some")
    names, truth, questions, among = list(rows[0]), np.array(right), np.array(groups), np.array(listed)
    values = np.array([[row[name] for name in names] for row in rows])
    weights = fit_choice(values, truth, questions)
    held = score_folds(values, truth, questions)
    (scale,), bias = fit_logistic(held[:, None], truth, stiffness=1.0)
    # Without a list among the questions nothing says how many sentences a list takes: one, then.
    threshold = best_f1(sigmoid(scale * held + bias)[among], truth[among]) if among.any() else 1.0
    fitted = {name: round(float(scale * weight), 4) for name, weight in zip(names, weights, strict=True)}
    return Logistic(fitted, bias), threshold


def fit_disputes(calibration: Calibration, cases: Sequence[Case]) -> float:
    """Closeness that best tells a dispute about the answer from one about something else."""
    about: list[float] = []
    beside: list[float] = []
    for case in cases:
        choices = _choices(calibration, case)
        if not case.sample.gold or not choices:
            continue
        best = [choices[0].evidence]
        reader, closeness = case.sample.engine.reader, case.sample.engine.closeness
        for dispute, near in find_disputes(best, case.candidates, reader, closeness):
            gold = dispute.passage.paragraph.paragraph_id in case.sample.gold
            (about if gold else beside).append(near)
    if not about or not beside:
        raise ConfigError("the gold questions hold no disputed figures; add some and fit again")
    return best_split(about, beside)


def fit_abstention(calibration: Calibration, cases: Sequence[Case]) -> Logistic:
    """Probability that the sentences chosen are right, fitted on what the guard lets through.

    Every answerable question is also asked with its evidence taken away: then nothing is right. Raises ConfigError
    where the questions hold nothing to tell apart.
    """
    rows: list[dict[str, float]] = []
    right, groups = [], []
    for number, case in enumerate(case for case in cases if case.sample.judged):
        for whole in (True, False) if case.sample.gold else (True,):
            left = case if whole else replace(case, candidates=case.without_proof())
            composed = _compose(calibration, left)
            if composed and composed.refusal is None:
                rows.append(composed.features)
                said = "\n".join(evidence.text for evidence in composed.shown)
                right.append(is_right(case.sample.question, said))
                groups.append(number)
    if len(set(groups)) < FOLDS or len(set(right)) < 2:
        raise ConfigError("too few questions to fit abstention on: add answerable and unanswerable ones")
    names, truth = list(rows[0]), np.array(right)
    values = np.array([[row[name] for name in names] for row in rows])
    weights, bias = fit_logistic(values, truth, choose_stiffness(values, truth, np.array(groups)))
    return Logistic(dict(zip(names, weights, strict=True)), bias)


def _compose(calibration: Calibration, case: Case) -> Composed | None:
    engine, choices = case.sample.engine, _choices(calibration, case)
    if not choices:
        return None
    return compose(
        case.asked,
        case.words,
        choices,
        case.candidates,
        engine.reader,
        calibration,
        engine.closeness,
        engine.verifier,
        engine.settings.max_sentences,
    )


def _choices(calibration: Calibration, case: Case) -> list[Choice]:
    return score_sentences(
        case.asked, case.words, case.candidates, case.sample.engine.reader, calibration.selection
    )
