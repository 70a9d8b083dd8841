"""Fits everything that weighs one thing against another: fusion, sentence choice, abstention, twins.

Ranking weights maximise the conditional likelihood of the gold passage among the candidates (McFadden's conditional
logit); sentence choice and abstention are L2-regularised logistic regressions. Thresholds come from predictions on
questions that the model was not fitted on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..answering.asked import Asked
from ..answering.coverage import Weighed
from ..answering.evidence import Evidence
from ..answering.extractive import compose, same_marks
from ..answering.selection import NEAR, Choice, score_sentences
from ..calibration import Calibration, Fusion, Logistic, save_calibration
from ..config import CHECKOUT, Settings
from ..engine import Engine, open_engine
from ..errors import ConfigError
from ..retrieval.pool import Pool
from ..retrieval.retriever import Candidate, Retrieved, Retriever
from ..types import Filters
from .gold import GoldItem, load_gold, resolve

Array = npt.NDArray[np.float64]

SIGNALS = ("dense", "sentence", "lexical", "cross")
TARGET_RISK = 0.05
FOLDS = 10
RIDGE = 0.05
STIFFNESS = 0.3


@dataclass(frozen=True, slots=True)
class Case:
    """A gold item as the engine sees it: ``gold`` are ids of paragraphs that prove the answer."""

    item: GoldItem
    retrieved: Retrieved
    asked: Asked
    words: tuple[Weighed, ...]
    gold: frozenset[str]


def fit_calibration(settings: Settings, questions: Path | None, output: Path | None) -> Iterator[str]:
    """Fit on ``questions`` against the serving generation, write the calibration, yield what was found."""
    path = questions or CHECKOUT / "eval" / "dev.jsonl"
    items, digest = load_gold(path)
    engine = open_engine(settings)
    paragraphs = {document.doc_id: engine.paragraphs(document.doc_id) for document in engine.documents()}
    gold = [resolve(item, paragraphs) for item in items]
    calibration = replace(
        engine.calibration,
        fusion=fit_fusion(engine, items, gold),
        questions=digest,
        model=engine.encoder.model_id,
        centres={
            language.value: tuple(round(float(value), 5) for value in mean)
            for language, mean in engine.generation.centres.items()
        },
    )
    yield f"fusion      {calibration.fusion}"
    cases = read_cases(engine, calibration, items, gold)
    yield f"passages    gold first for {_first(cases):.1%} of answerable questions, among 5 for {_first(cases, 5):.1%}"
    calibration = replace(calibration, twin_similarity=fit_twins(engine, cases))
    calibration = replace(calibration, selection=fit_selection(engine, calibration, cases))
    yield f"selection   {_show(calibration.selection)}"
    abstention, report = fit_abstention(engine, calibration, cases)
    yield f"abstention  {_show(abstention)}"
    yield report
    target = output or settings.calibration_file
    save_calibration(replace(calibration, abstention=abstention), target)
    yield f"written to {target}; run `wfc-qa index build`"


def understand(engine: Engine, item: GoldItem) -> str:
    """The question as understood after its history."""
    told: list[str] = []
    for question in (*item.history, item.question.text):
        told.append(engine.understand(question, told, Filters()).text)
    return told[-1]


def fit_fusion(engine: Engine, items: Sequence[GoldItem], gold: Sequence[frozenset[str]]) -> Fusion:
    """Weights of the z-scored signals; a floor is the tenth percentile of a signal's spread over the questions."""
    from scipy.optimize import minimize

    pools = []
    for item, wanted in zip(items, gold, strict=True):
        if wanted:
            query = engine.understand(understand(engine, item), (), Filters())
            pool = engine.retriever.gather(query)[1]
            rows = engine.generation.store.passages([int(row) for row in pool.rows])
            pools.append((pool, np.array([row.paragraph.paragraph_id in wanted for row in rows])))
    spreads = {name: [float(getattr(pool, name).std()) for pool, _ in pools] for name in SIGNALS}
    floors = {name: max(float(np.percentile(values, 10)), 1e-3) for name, values in spreads.items()}
    stacked = [(_signals(pool, floors), found) for pool, found in pools if found.any()]

    def loss(weights: Array) -> float:
        total = 0.0
        for signals, found in stacked:
            scores = signals @ weights
            total -= _log_sum(scores[found]) - _log_sum(scores)
        return total / len(stacked) + RIDGE * float(weights @ weights) / len(weights)

    best = minimize(loss, np.ones(len(SIGNALS)), bounds=[(0.0, None)] * len(SIGNALS)).x
    weights = dict(zip(SIGNALS, (round(float(weight), 4) for weight in best), strict=True))
    return Fusion(**weights, **{f"{name}_floor": round(value, 5) for name, value in floors.items()})


def read_cases(
    engine: Engine, calibration: Calibration, items: Sequence[GoldItem], gold: Sequence[frozenset[str]]
) -> list[Case]:
    """Every item retrieved with the weights of ``calibration``."""
    retriever = Retriever(
        engine.generation, engine.encoder, engine.dictionary, calibration.fusion, engine.settings.candidates
    )
    cases = []
    for item, wanted in zip(items, gold, strict=True):
        query = engine.understand(understand(engine, item), (), Filters())
        retrieved = retriever.retrieve(query, NEAR)
        cases.append(Case(item, retrieved, *engine.read(retrieved), wanted))
    return cases


def fit_selection(engine: Engine, calibration: Calibration, cases: Sequence[Case]) -> Logistic:
    """A sentence is right when it holds an accepted answer and stands in a gold paragraph."""
    rows, right, groups, listed = [], [], [], []
    for number, case in enumerate(cases):
        if case.gold:
            for choice in score_sentences(
                case.asked, case.words, case.retrieved.candidates, engine.reader, calibration.selection
            ):
                rows.append(choice.features)
                right.append(_proves(choice, case))
                groups.append(number)
                listed.append(case.item.question.kind in {"list", "comparison"})
    names = list(rows[0])
    values, truth, questions = _table(rows, names), np.array(right), np.array(groups)
    weights = _fit_choice(values, truth, questions)
    held = np.concatenate(
        [
            values[questions % FOLDS == fold]
            @ _fit_choice(*(part[questions % FOLDS != fold] for part in (values, truth, questions)))
            for fold in range(FOLDS)
        ]
    )
    order = np.concatenate([np.flatnonzero(questions % FOLDS == fold) for fold in range(FOLDS)])
    scores = np.empty(len(values))
    scores[order] = held
    (scale,), bias = _fit_logistic(scores[:, None], truth)
    among = np.array(listed)
    threshold = _best_f1(1 / (1 + np.exp(-(scale * scores + bias)))[among], truth[among])
    fitted = {name: round(float(scale * weight), 4) for name, weight in zip(names, weights, strict=True)}
    return Logistic(fitted, bias, threshold)


def fit_abstention(engine: Engine, calibration: Calibration, cases: Sequence[Case]) -> tuple[Logistic, str]:
    """Probability that the sentences chosen are right, fitted on what the guard lets through.

    Every answerable question is also asked with its evidence taken away: then nothing is right. The threshold is the
    lowest that keeps the risk at ``TARGET_RISK``, on questions not fitted on.
    """
    rows, right, groups, passed, asked = [], [], [], [], []
    for number, case in enumerate(cases):
        for candidates in (case.retrieved.candidates, _without(case)):
            if candidates is None:
                continue
            choices = score_sentences(
                case.asked, case.words, candidates, engine.reader, calibration.selection
            )
            if not choices:
                continue
            near = [evidence for candidate in candidates for evidence in engine.reader.read(candidate.row)]
            limit = engine.settings.max_sentences
            composed = compose(case.asked, case.words, choices, near, calibration, engine.similarity, limit)
            rows.append(composed.features)
            right.append(case.item.right("".join(evidence.text for evidence in composed.shown)))
            groups.append(number)
            passed.append(composed.refusal is None)
            asked.append(candidates is case.retrieved.candidates)
    names = list(rows[0])
    values = _table(rows, names)
    truth, real, let = np.array(right), np.array(asked), np.array(passed)
    weights, bias = _fit_logistic(values[let], truth[let])
    scores = _predict_folds(values, truth, np.array(groups), let)
    threshold = _lowest_at_risk(scores[let & real], truth[let & real])
    answered = let & real & (scores >= threshold)
    answerable = sum(bool(case.gold) for case in cases)
    wrong = int((answered & ~truth).sum())
    report = (
        f"on questions held out: {int((answered & truth).sum())} of {answerable} answerable answered right "
        f"({(answered & truth).sum() / answerable:.1%}), {wrong} of {int(answered.sum())} answers wrong"
    )
    return Logistic(dict(zip(names, weights, strict=True)), bias, round(threshold, 4)), report


def fit_twins(engine: Engine, cases: Sequence[Case]) -> float:
    """Cosine that best tells sentences of both languages that hold the same answer from those that do not, among
    those with the same figures and dates."""
    same: list[float] = []
    other: list[float] = []
    for case in cases:
        evidence = [e for c in case.retrieved.candidates for e in engine.reader.read(c.row)]
        proving = [e for e in evidence if _paragraph(e) in case.gold and case.item.right(e.text)]
        for one in proving:
            for two in evidence:
                if one.language is not two.language and same_marks(one, two):
                    (same if two in proving else other).append(engine.similarity(one.row, two.row))
    if not same or not other:
        raise ConfigError("the gold questions hold no evidence in both languages; add some and fit again")
    marks = np.sort(np.array(same + other))
    balanced = [(np.mean(np.array(same) >= mark) + np.mean(np.array(other) < mark)) / 2 for mark in marks]
    return round(float(marks[int(np.argmax(balanced))]), 4)


def _paragraph(evidence: Evidence) -> str:
    return evidence.passage.paragraph.paragraph_id


def _proves(choice: Choice, case: Case) -> bool:
    return _paragraph(choice.evidence) in case.gold and case.item.right(choice.evidence.text)


def _without(case: Case) -> tuple[Candidate, ...] | None:
    """The candidates left when every paragraph that holds an accepted answer is taken away."""
    if not case.gold:
        return None
    return tuple(
        candidate
        for candidate in case.retrieved.candidates
        if candidate.row.paragraph.paragraph_id not in case.gold
        and not case.item.right(candidate.row.passage.text)
    )


def _first(cases: Sequence[Case], k: int = 1) -> float:
    asked = [case for case in cases if case.gold]
    found = [
        any(c.row.paragraph.paragraph_id in case.gold for c in case.retrieved.candidates[:k])
        for case in asked
    ]
    return float(np.mean(found))


def _signals(pool: Pool, floors: dict[str, float]) -> Array:
    columns = []
    for name in SIGNALS:
        values = np.asarray(getattr(pool, name), np.float64)
        columns.append((values - values.mean()) / max(float(values.std()), floors[name]))
    return np.stack(columns, 1)


def _log_sum(scores: Array) -> float:
    top = float(scores.max())
    return top + float(np.log(np.exp(scores - top).sum()))


def _table(rows: Sequence[dict[str, float]], names: Sequence[str]) -> Array:
    return np.array([[row[name] for name in names] for row in rows], np.float64)


def _fit_choice(values: Array, right: npt.NDArray[np.bool_], questions: npt.NDArray[np.int_]) -> Array:
    """Weights under which the right sentences of a question outweigh its others; conditional logit."""
    from scipy.optimize import minimize

    spread = np.maximum(values.std(0), 1e-6)
    scaled = values / spread
    parts = [(scaled[rows], right[rows]) for q in np.unique(questions) if right[rows := questions == q].any()]

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = 0.0, np.zeros_like(weights)
        for part, good in parts:
            scores = part @ weights
            total += _log_sum(scores) - _log_sum(scores[good])
            slope += part.T @ np.exp(scores - _log_sum(scores))
            slope -= part[good].T @ np.exp(scores[good] - _log_sum(scores[good]))
        ridge = RIDGE * len(parts) / len(weights)
        return total + ridge * float(weights @ weights), slope + 2 * ridge * weights

    found: Array = minimize(loss, np.zeros(values.shape[1]), jac=True).x
    weights: Array = found / spread
    return weights


def _fit_logistic(values: Array, right: npt.NDArray[np.bool_]) -> tuple[list[float], float]:
    from sklearn.linear_model import LogisticRegression

    mean, spread = values.mean(0), np.maximum(values.std(0), 1e-6)
    model = LogisticRegression(C=STIFFNESS, max_iter=5000).fit((values - mean) / spread, right)
    weights = model.coef_[0] / spread
    bias = float(model.intercept_[0] - weights @ mean)
    return [round(float(weight), 4) for weight in weights], round(bias, 4)


def _predict_folds(
    values: Array, right: npt.NDArray[np.bool_], groups: npt.NDArray[np.int_], used: npt.NDArray[np.bool_]
) -> Array:
    """Probability of each row from a model fitted on the ``used`` rows of the other folds; a question stays in one
    fold."""
    predicted = np.zeros(len(values))
    for fold in range(FOLDS):
        held = groups % FOLDS == fold
        weights, bias = _fit_logistic(values[used & ~held], right[used & ~held])
        predicted[held] = 1 / (1 + np.exp(-(values[held] @ np.array(weights) + bias)))
    return predicted


def _best_f1(scores: Array, right: npt.NDArray[np.bool_]) -> float:
    marks = np.unique(scores)
    f1 = [2 * (right & (scores >= m)).sum() / max((scores >= m).sum() + right.sum(), 1) for m in marks]
    return round(float(marks[int(np.argmax(f1))]), 4)


def _lowest_at_risk(scores: Array, right: npt.NDArray[np.bool_]) -> float:
    """The lowest score from which on, upwards, at most ``TARGET_RISK`` of the answers are wrong."""
    for mark in np.unique(scores):
        if np.mean(~right[scores >= mark]) <= TARGET_RISK:
            return float(mark)
    return 1.0


def _show(model: Logistic) -> str:
    weights = ", ".join(f"{name} {weight:+.2f}" for name, weight in model.weights.items())
    return f"{weights}, bias {model.bias:+.2f}, threshold {model.threshold:.3f}"
