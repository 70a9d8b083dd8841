"""Fits how much of a claim's wording the cited paragraphs must bear out, and says how well it does on other claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..calibration import Logistic, Verification, load_calibration, save_calibration
from ..config import Settings
from ..engine import Engine, open_engine
from ..errors import ConfigError
from ..types import Support
from ..verification.checks import find_doubts
from .claims import CitedClaim, cite_claims, load_claims
from .models import FOLDS, Array, Flags, Numbers, choose_stiffness, fit_logistic, predict_folds

FITTED_ON = "dev"
# Of true claims, the share that rules and wording together may doubt.
FALSE_ALARMS = 0.025


def fit_claims(settings: Settings, path: Path, output: Path | None) -> Iterator[str]:
    """Fit the wording model on the claims of ``path``, write it beside what else is fitted, and yield what was found.
    Raises ConfigError for claims that are not for fitting."""
    claims, digest = load_claims(path)
    if kept := [claim.claim_id for claim in claims if claim.split != FITTED_ON]:
        raise ConfigError(
            f"{path.name} holds {len(kept)} claims that are not of the dev split (first: {kept[0]}); they are never "
            "fitted on"
        )
    engine = open_engine(settings)
    verification, told = fit_verification(engine, cite_claims(engine, claims))
    engine.close()
    yield from told
    target = output or settings.calibration_file
    calibration = load_calibration(settings.calibration_file)
    save_calibration(replace(calibration, verification=replace(verification, claims=digest)), target)
    yield f"written to {target}"


def fit_verification(engine: Engine, claims: Sequence[CitedClaim]) -> tuple[Verification, list[str]]:
    """The model and its threshold, and how both do on claims of paragraphs that they were not fitted on.

    Claims with a wrong figure say nothing about wording and are left out of the fit.
    """
    rows, ruled = read_claims(engine, claims)
    truth = np.array([one.claim.truth for one in claims])
    right = truth == Support.SUPPORTED
    clusters = np.array([one.cluster for one in claims], np.int_)
    if len(set(clusters)) < FOLDS or right.all() or not right.any():
        raise ConfigError(f"too few claims to fit on: they need {FOLDS} paragraphs, true ones and wrong ones")
    names = list(rows[0])
    values = np.array([[row[name] for name in names] for row in rows])
    worded = truth != Support.NUMBER_MISMATCH
    stiffness = choose_stiffness(values[worded], right[worded], clusters[worded])
    held = _predict_held(values, right, clusters, worded, stiffness)
    threshold = find_threshold(held, right, ruled)
    weights, bias = fit_logistic(values[worded], right[worded], stiffness)
    doubted = ruled | (held < threshold)
    wording = Logistic(dict(zip(names, weights, strict=True)), bias)
    told = [
        "wording     " + ", ".join(f"{name} {weight:+.2f}" for name, weight in wording.weights.items()),
        f"threshold   {threshold:.3f}",
        f"held out    {_share(doubted, truth == Support.NUMBER_MISMATCH)} figure errors and "
        f"{_share(doubted, truth == Support.UNSUPPORTED)} other errors caught, {_share(doubted, right)} true claims "
        f"doubted; {FOLDS} folds by paragraph",
    ]
    return Verification(wording, threshold), told


def read_claims(engine: Engine, claims: Sequence[CitedClaim]) -> tuple[list[dict[str, float]], Flags]:
    """Of each claim what the wording model sees, and whether a rule doubts it already."""
    rows, ruled = [], []
    for one in claims:
        proofs = engine.verifier.proofs(one.cited)
        read = engine.verifier.read(one.claim.text, one.claim.language)
        rows.append(engine.verifier.features(read, proofs))
        ruled.append(any(True for _ in find_doubts(read, proofs)))
    return rows, np.array(ruled, np.bool_)


def find_threshold(held: Array, right: Flags, ruled: Flags) -> float:
    """The highest probability below which true claims may be doubted at ``FALSE_ALARMS``, those that a rule doubts
    counted in."""
    allowed = int(FALSE_ALARMS * right.sum()) - int((right & ruled).sum())
    free = np.sort(held[right & ~ruled])
    return round(float(free[max(0, min(allowed, len(free) - 1))]), 4) if len(free) else 0.0


def _predict_held(values: Array, right: Flags, clusters: Numbers, worded: Flags, stiffness: float) -> Array:
    """Probability of each claim under a model fitted on the other folds; the claims left out of the fit are told by
    the model of their own fold's others."""
    held = predict_folds(values[worded], right[worded], clusters[worded], stiffness)
    predicted = np.zeros(len(values))
    predicted[worded] = held
    weights, bias = fit_logistic(values[worded], right[worded], stiffness)
    rest = values[~worded] @ np.array(weights) + bias
    predicted[~worded] = 1 / (1 + np.exp(-rest))
    return predicted


def _share(doubted: Flags, among: Flags) -> str:
    caught, all_of = int((doubted & among).sum()), int(among.sum())
    return f"{caught} of {all_of} ({caught / max(all_of, 1):.1%})"
