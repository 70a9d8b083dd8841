"""The numerical side of fitting: conditional logit, logistic regression, folds and thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int_]

FOLDS = 10
RIDGE = 0.05
STIFFNESSES = (0.01, 0.03, 0.1, 0.3, 1.0)


def fit_choice(values: Array, right: Flags, questions: Numbers, *, positive: bool = False) -> Array:
    """Weights under which the right rows of a question outweigh its others: McFadden's conditional logit with a ridge.

    ``values`` has shape ``(rows, features)``; ``questions`` says which rows compete; ``positive`` allows no weight
    below zero.
    """
    from scipy.optimize import minimize

    spread = np.maximum(values.std(0), 1e-6)
    scaled = values / spread
    parts = [(scaled[rows], right[rows]) for q in np.unique(questions) if right[rows := questions == q].any()]

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = 0.0, np.zeros_like(weights)
        for part, good in parts:
            scores = part @ weights
            whole, gold = _log_sum(scores), _log_sum(scores[good])
            total += whole - gold
            slope += part.T @ np.exp(scores - whole) - part[good].T @ np.exp(scores[good] - gold)
        ridge = RIDGE * len(parts) / len(weights)
        return total + ridge * float(weights @ weights), slope + 2 * ridge * weights

    bounds = [(0.0, None)] * values.shape[1] if positive else None
    weights: Array = minimize(loss, np.zeros(values.shape[1]), jac=True, bounds=bounds).x / spread
    return weights


def fit_logistic(values: Array, right: Flags, stiffness: float) -> tuple[list[float], float]:
    """Weights and bias of an L2-regularised logistic regression on standardised features, for raw ones.

    ``stiffness`` is the inverse of the ridge: the smaller, the closer the weights stay to zero.
    """
    from sklearn.linear_model import LogisticRegression

    mean, spread = values.mean(0), np.maximum(values.std(0), 1e-6)
    model = LogisticRegression(C=stiffness, max_iter=5000).fit((values - mean) / spread, right)
    weights = model.coef_[0] / spread
    bias = float(model.intercept_[0] - weights @ mean)
    return [round(float(weight), 4) for weight in weights], round(bias, 4)


def choose_stiffness(values: Array, right: Flags, groups: Numbers) -> float:
    """The one of ``STIFFNESSES`` that predicts held-out folds best, by log loss."""

    def loss(stiffness: float) -> float:
        predicted = np.clip(predict_folds(values, right, groups, stiffness), 1e-6, 1 - 1e-6)
        return -float(np.mean(np.log(np.where(right, predicted, 1 - predicted))))

    return min(STIFFNESSES, key=loss)


def predict_folds(values: Array, right: Flags, groups: Numbers, stiffness: float) -> Array:
    """Probability of each row from a model fitted on the other folds; a group stays in one fold."""
    predicted = np.zeros(len(values))
    for fold in range(FOLDS):
        held = groups % FOLDS == fold
        weights, bias = fit_logistic(values[~held], right[~held], stiffness)
        predicted[held] = sigmoid(values[held] @ np.array(weights) + bias)
    return predicted


def score_folds(values: Array, right: Flags, questions: Numbers) -> Array:
    """Score of each row under choice weights fitted on the other folds."""
    scores = np.zeros(len(values))
    for fold in range(FOLDS):
        held = questions % FOLDS == fold
        scores[held] = values[held] @ fit_choice(values[~held], right[~held], questions[~held])
    return scores


def best_f1(scores: Array, right: Flags) -> float:
    """The threshold with the best F1."""
    marks = np.unique(scores)
    f1 = [2 * (right & (scores >= m)).sum() / max((scores >= m).sum() + right.sum(), 1) for m in marks]
    return round(float(marks[int(np.argmax(f1))]), 4)


def best_split(same: Sequence[float], other: Sequence[float]) -> float:
    """The threshold with the best balanced accuracy."""
    marks = np.sort(np.array([*same, *other]))
    balanced = [np.mean(np.array(same) >= mark) + np.mean(np.array(other) < mark) for mark in marks]
    return round(float(marks[int(np.argmax(balanced))]), 4)


def lowest_at_risk(scores: Array, right: Flags, risk: float, weights: Array | None = None) -> float:
    """The lowest score from which on, upwards, at most ``risk`` of the answers are wrong; 1 where there is none.

    The next answer is counted as a wrong one, so that the risk is not only that of the answers seen (conformal risk
    control, Angelopoulos et al. 2022): three right answers promise no risk of 1 %. ``weights`` say how many answers
    each stands for; one by default.
    """
    weights = np.ones(len(scores)) if weights is None else weights
    for mark in np.unique(scores):
        kept = scores >= mark
        if weights[kept & ~right].sum() + 1 <= risk * (weights[kept].sum() + 1):
            return round(float(mark), 4)
    return 1.0


def sigmoid(scores: Array) -> Array:
    probabilities: Array = 1 / (1 + np.exp(-scores))
    return probabilities


def _log_sum(scores: Array) -> float:
    top = float(scores.max())
    return top + float(np.log(np.exp(scores - top).sum()))
