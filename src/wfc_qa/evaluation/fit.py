"""Fits everything that weighs one thing against another: fusion, sentence choice, abstention, twins, disputes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..answering.extractive import compose, find_disputes, quote, same_marks
from ..answering.selection import Choice, score_sentences
from ..calibration import Calibration, Fusion, Logistic, save_calibration
from ..config import CHECKOUT, Settings
from ..engine import Engine, open_engine
from ..errors import ConfigError
from ..retrieval.pool import SIGNALS, standardise
from .cases import Case, Sample, read_cases, read_samples
from .gold import load_gold
from .models import (
    best_f1,
    best_split,
    fit_choice,
    fit_logistic,
    lowest_at_risk,
    predict_folds,
    score_folds,
    sigmoid,
)

TARGET_RISK = 0.05
HELD_OUT = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """How many questions can be answered, were answered, and were answered right."""

    answerable: int
    answered: int
    right: int

    def __str__(self) -> str:
        wrong, share = self.answered - self.right, self.right / max(self.answerable, 1)
        return (
            f"{self.right} of {self.answerable} answerable questions answered right ({share:.1%}), "
            f"{wrong} of {self.answered} answers wrong ({wrong / max(self.answered, 1):.1%})"
        )


def fit_calibration(settings: Settings, questions: Path | None, output: Path | None) -> Iterator[str]:
    """Fit on ``questions`` against the serving generation, write the calibration, yield what was found."""
    items, digest = load_gold(questions or CHECKOUT / "eval" / "dev.jsonl")
    engine = open_engine(settings)
    samples = read_samples(engine, items)
    calibration = fit_parts(engine, samples)
    yield f"fusion      {calibration.fusion}"
    yield f"selection   {_show(calibration.selection)}"
    yield f"abstention  {_show(calibration.abstention)}"
    yield f"held out    {judge_held_out(engine, samples)}; every part fitted without them, {HELD_OUT} folds"
    target = output or settings.calibration_file
    centres = {
        language.value: tuple(round(float(value), 5) for value in mean)
        for language, mean in engine.generation.centres.items()
    }
    model = engine.encoder.model_id
    save_calibration(replace(calibration, questions=digest, model=model, centres=centres), target)
    yield f"written to {target}; run `wfc-qa index build`"


def fit_parts(engine: Engine, samples: Sequence[Sample]) -> Calibration:
    """Each part fitted on what the parts before it make of ``samples``."""
    blank = Logistic({}, 0.0, 0.0)
    calibration = Calibration(
        fit_fusion(engine, samples), blank, blank, twin_similarity=1.0, dispute_closeness=1.0
    )
    cases = read_cases(engine, calibration, samples)
    calibration = replace(calibration, twin_similarity=fit_twins(engine, cases))
    calibration = replace(calibration, selection=fit_selection(engine, calibration, cases))
    calibration = replace(calibration, dispute_closeness=fit_disputes(engine, calibration, cases))
    return replace(calibration, abstention=fit_abstention(engine, calibration, cases))


def judge_held_out(engine: Engine, samples: Sequence[Sample]) -> Judged:
    """Answers to each fold of questions with everything, thresholds included, fitted on the other folds."""
    answerable = answered = right = 0
    for fold in range(HELD_OUT):
        kept = [sample for i, sample in enumerate(samples) if i % HELD_OUT != fold]
        held = [sample for i, sample in enumerate(samples) if i % HELD_OUT == fold]
        calibration = fit_parts(engine, kept)
        for case in read_cases(engine, calibration, held):
            quoted = quote(
                case.asked,
                case.words,
                case.candidates,
                engine.reader,
                calibration,
                engine.closeness,
                max_sentences=engine.settings.max_sentences,
                abstain_below=None,
            )
            answerable += case.sample.item.question.answerable
            answered += bool(quoted.sentences)
            right += case.sample.item.right("".join(sentence.text for sentence in quoted.sentences))
    return Judged(answerable, answered, right)


def fit_fusion(engine: Engine, samples: Sequence[Sample]) -> Fusion:
    """Weights of the z-scored signals; a floor is the tenth percentile of a signal's spread over the questions."""
    pools = []
    for sample in samples:
        if sample.gold:
            pool = engine.retriever.gather(sample.query)[1]
            rows = engine.generation.store.passages([int(row) for row in pool.rows])
            pools.append((pool, [row.paragraph.paragraph_id in sample.gold for row in rows]))
    floors = {
        name: max(float(np.percentile([getattr(pool, name).std() for pool, _ in pools], 10)), 1e-3)
        for name in SIGNALS
    }
    values = np.concatenate(
        [
            np.stack([standardise(getattr(pool, name), floors[name]) for name in SIGNALS], 1)
            for pool, _ in pools
        ]
    ).astype(np.float64)
    right = np.concatenate([found for _, found in pools])
    questions = np.repeat(np.arange(len(pools)), [len(found) for _, found in pools])
    best = fit_choice(values, right, questions, positive=True)
    weights = {name: round(float(weight), 4) for name, weight in zip(SIGNALS, best, strict=True)}
    return Fusion(**weights, **{f"{name}_floor": round(value, 5) for name, value in floors.items()})


def fit_twins(engine: Engine, cases: Sequence[Case]) -> float:
    """Cosine that best tells sentences of both languages that hold the same answer from those that do not, among
    those with the same figures and dates."""
    same: list[float] = []
    other: list[float] = []
    for case in cases:
        evidence = [e for c in case.candidates for e in engine.reader.read(c.row)]
        proving = [e for e in evidence if case.sample.proved_by(e)]
        for one in proving:
            for two in evidence:
                if one.language is not two.language and same_marks(one, two):
                    (same if two in proving else other).append(engine.closeness.sentences(one.row, two.row))
    if not same or not other:
        raise ConfigError("the gold questions hold no evidence in both languages; add some and fit again")
    return best_split(same, other)


def fit_selection(engine: Engine, calibration: Calibration, cases: Sequence[Case]) -> Logistic:
    """A sentence is right when it holds an accepted answer and stands in a gold paragraph."""
    rows: list[dict[str, float]] = []
    right, groups, listed = [], [], []
    for number, case in enumerate(cases):
        if case.sample.gold:
            for choice in _choices(engine, calibration, case):
                rows.append(choice.features)
                right.append(case.sample.proved_by(choice.evidence))
                groups.append(number)
                listed.append(case.sample.item.question.kind in {"list", "comparison"})
    names, truth, questions, among = list(rows[0]), np.array(right), np.array(groups), np.array(listed)
    values = np.array([[row[name] for name in names] for row in rows])
    weights = fit_choice(values, truth, questions)
    held = score_folds(values, truth, questions)
    (scale,), bias = fit_logistic(held[:, None], truth)
    threshold = best_f1(sigmoid(scale * held + bias)[among], truth[among])
    fitted = {name: round(float(scale * weight), 4) for name, weight in zip(names, weights, strict=True)}
    return Logistic(fitted, bias, threshold)


def fit_disputes(engine: Engine, calibration: Calibration, cases: Sequence[Case]) -> float:
    """Closeness that best tells a dispute about the answer from one about something else."""
    about: list[float] = []
    beside: list[float] = []
    for case in cases:
        choices = _choices(engine, calibration, case)
        if not case.sample.gold or not choices:
            continue
        best = [choices[0].evidence]
        for dispute, near in find_disputes(best, case.candidates, engine.reader, engine.closeness):
            gold = dispute.passage.paragraph.paragraph_id in case.sample.gold
            (about if gold else beside).append(near)
    if not about or not beside:
        raise ConfigError("the gold questions hold no disputed figures; add some and fit again")
    return best_split(about, beside)


def fit_abstention(engine: Engine, calibration: Calibration, cases: Sequence[Case]) -> Logistic:
    """Probability that the sentences chosen are right, fitted on what the guard lets through.

    Every answerable question is also asked with its evidence taken away: then nothing is right. The threshold is the
    lowest that keeps the risk at ``TARGET_RISK``, on questions not fitted on.
    """
    rows: list[dict[str, float]] = []
    right, groups, real = [], [], []
    for number, case in enumerate(cases):
        for whole in (True, False) if case.sample.gold else (True,):
            left = case if whole else replace(case, candidates=case.without_proof())
            choices = _choices(engine, calibration, left)
            if not choices:
                continue
            composed = compose(
                case.asked,
                case.words,
                choices,
                left.candidates,
                engine.reader,
                calibration,
                engine.closeness,
                engine.settings.max_sentences,
            )
            if composed.refusal is None:
                rows.append(composed.features)
                right.append(case.sample.item.right("".join(evidence.text for evidence in composed.shown)))
                groups.append(number)
                real.append(whole)
    names, truth, asked = list(rows[0]), np.array(right), np.array(real)
    values = np.array([[row[name] for name in names] for row in rows])
    weights, bias = fit_logistic(values, truth)
    held = predict_folds(values, truth, np.array(groups))
    threshold = lowest_at_risk(held[asked], truth[asked], TARGET_RISK)
    return Logistic(dict(zip(names, weights, strict=True)), bias, threshold)


def _choices(engine: Engine, calibration: Calibration, case: Case) -> list[Choice]:
    return score_sentences(case.asked, case.words, case.candidates, engine.reader, calibration.selection)


def _show(model: Logistic) -> str:
    weights = ", ".join(f"{name} {weight:+.2f}" for name, weight in model.weights.items())
    return f"{weights}, bias {model.bias:+.2f}, threshold {model.threshold:.3f}"
