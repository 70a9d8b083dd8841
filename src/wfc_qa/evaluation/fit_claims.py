"""Fits how much of a claim's wording the cited paragraphs must bear out, and says how well it does on other claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..calibration import Logistic, Margins, Verification, load_calibration, save_calibration
from ..config import Settings
from ..engine import Engine, open_engine
from ..errors import ConfigError
from ..types import Support
from .claims import CitedClaim, cite_claims, load_claims
from .fit_margins import Ruled, choose_margins
from .models import FOLDS, Array, Flags, Numbers, choose_stiffness, fit_logistic, sigmoid

FITTED_ON = "dev"
Truths = npt.NDArray[np.str_]
# Of wrong claims, the share that may pass; of true ones, the share that may be doubted.
GOALS = {Support.NUMBER_MISMATCH: 0.01, Support.UNSUPPORTED: 0.1}
GOAL_DOUBTED = 0.03
STEP = 0.01


def fit_claims(settings: Settings, paths: Sequence[Path], output: Path | None) -> Iterator[str]:
    """Fit the wording model on the claims of ``paths``, each file by another writer, write it beside what else is
    fitted, and yield what was found. Raises ConfigError for claims that are not for fitting."""
    read = {path.stem: load_claims(path) for path in paths}
    for name, (claims, _) in read.items():
        if kept := [claim.claim_id for claim in claims if claim.split != FITTED_ON]:
            raise ConfigError(
                f"{name} holds {len(kept)} claims that are not of the dev split (first: {kept[0]}); they are never "
                "fitted on"
            )
    engine = open_engine(settings)
    cited = cite_claims(engine, [claim for claims, _ in read.values() for claim in claims])
    writers = [name for name, (claims, _) in read.items() for _ in claims]
    verification, told = fit_verification(engine, cited, writers)
    engine.close()
    yield from told
    target = output or settings.calibration_file
    calibration = load_calibration(settings.calibration_file)
    digests = {name: digest for name, (_, digest) in read.items()}
    save_calibration(replace(calibration, verification=replace(verification, claims=digests)), target)
    yield f"written to {target}"


def fit_verification(
    engine: Engine, claims: Sequence[CitedClaim], writers: Sequence[str]
) -> tuple[Verification, list[str]]:
    """The model and its threshold, and how both do on claims of paragraphs, and by writers, that they were not fitted
    on.

    Claims with a wrong figure say nothing about wording and are left out of the fit.
    """
    truth = np.array([one.claim.truth for one in claims])
    right = truth == Support.SUPPORTED
    clusters = np.array([one.cluster for one in claims], np.int_)
    if len(set(clusters)) < FOLDS or right.all() or not right.any():
        raise ConfigError(f"too few claims to fit on: they need {FOLDS} paragraphs, true ones and wrong ones")
    verifier = engine.verifier
    reads = [
        (verifier.read(one.claim.text, one.claim.language), verifier.proofs(one.cited)) for one in claims
    ]
    rows = [verifier.features(read, proofs) for read, proofs in reads]
    names = list(rows[0])
    values = np.array([[row[name] for name in names] for row in rows])
    worded = truth != Support.NUMBER_MISMATCH
    strange, homes = _read_strange(engine, claims, names)
    stiffness = choose_stiffness(values[worded], right[worded], clusters[worded])
    held = _predict_held(values, right, clusters, worded, stiffness, strange, homes)

    def rule(place: int, margins: Margins) -> bool:
        read, proofs = reads[place]
        return bool(verifier.rule(replace(read, margins=margins), proofs))

    ruled = Ruled(rule, len(claims))
    margins, threshold = _choose(ruled, held, truth, np.ones(len(claims), np.bool_))
    weights, bias = _fit(values[worded], right[worded], strange, stiffness)
    wording = Logistic(dict(zip(names, weights, strict=True)), bias)
    doubted = ruled.at(margins) | (held < threshold)
    told = [
        "wording     " + ", ".join(f"{name} {weight:+.2f}" for name, weight in wording.weights.items()),
        "margins     " + ", ".join(f"{name} {value}" for name, value in asdict(margins).items()),
        f"threshold   {threshold:.3f}",
        f"held out    {_rates(doubted, truth)}; {FOLDS} folds by paragraph, for the wording",
    ]
    authors = np.array(writers)
    for writer in dict.fromkeys(writers):
        own = authors == writer
        others = worded & ~own
        if right[others].any() and not right[others].all():
            fitted, base = _fit(values[others], right[others], strange, stiffness)
            judged = sigmoid(values @ np.array(fitted) + base)
            bounds, mark = _choose(ruled, judged, truth, ~own)
            doubted = ruled.at(bounds) | (judged < mark)
            told.append(f"held out    {_rates(doubted[own], truth[own])}; {writer}, fitted without")
    return Verification(margins, wording, threshold), told


def _choose(ruled: Ruled, held: Array, truth: Truths, among: Flags) -> tuple[Margins, float]:
    """The margins and the mark at which the goals are missed least on the claims ``among`` all."""

    def at(flags: Flags) -> tuple[float, float]:
        return find_mark(held[among], truth[among], flags[among])

    margins = choose_margins(ruled, lambda flags: at(flags)[0])
    return margins, at(ruled.at(margins))[1]


def _read_strange(
    engine: Engine, claims: Sequence[CitedClaim], names: Sequence[str]
) -> tuple[Array, Numbers]:
    """True claims held against another claim's paragraph, and the cluster of each: whatever has nothing to do with what
    it cites. Perturbed claims never are that far off, and a model fitted on them alone would let it pass."""
    true = [one for one in claims if one.claim.truth is Support.SUPPORTED]
    rows, homes = [], []
    for place, one in enumerate(true):
        other = true[(place + len(true) // 2) % len(true)]
        if other.cluster != one.cluster:
            proofs = engine.verifier.proofs(other.cited)
            rows.append(
                engine.verifier.features(engine.verifier.read(one.claim.text, one.claim.language), proofs)
            )
            homes.append(one.cluster)
    return np.array([[row[name] for name in names] for row in rows]), np.array(homes, np.int_)


def _fit(values: Array, right: Flags, strange: Array, stiffness: float) -> tuple[list[float], float]:
    whole = np.concatenate([values, strange])
    return fit_logistic(whole, np.concatenate([right, np.zeros(len(strange), np.bool_)]), stiffness)


def find_mark(held: Array, truth: Truths, ruled: Flags) -> tuple[float, float]:
    """How far the goals are missed, and the lowest probability not to doubt at which that is least, with what rules
    doubt counted in; each miss weighs as its share of its goal."""
    wrong, right = {kind: truth == kind for kind in GOALS}, truth == Support.SUPPORTED

    def cost(mark: float) -> float:
        doubted = ruled | (held < mark)
        missed = sum(
            float((~doubted)[wrong[kind]].mean()) / goal for kind, goal in GOALS.items() if wrong[kind].any()
        )
        return missed + float(doubted[right].mean()) / GOAL_DOUBTED

    if not right.any() or right.all():
        return 0.0, 0.0
    marks: list[float] = [round(mark, 2) for mark in np.arange(0.0, 1.0, STEP).tolist()]
    return min((cost(mark), mark) for mark in marks)


def _predict_held(
    values: Array,
    right: Flags,
    clusters: Numbers,
    worded: Flags,
    stiffness: float,
    strange: Array,
    homes: Numbers,
) -> Array:
    """Probability of each claim under a model fitted without the claims of its paragraph's fold."""
    predicted = np.zeros(len(values))
    places = {cluster: place for place, cluster in enumerate(dict.fromkeys(clusters.tolist()))}
    folds = np.array([places[cluster] % FOLDS for cluster in clusters.tolist()])
    away = np.array([places[cluster] % FOLDS for cluster in homes.tolist()])
    for fold in range(FOLDS):
        fitted = worded & (folds != fold)
        weights, bias = _fit(values[fitted], right[fitted], strange[away != fold], stiffness)
        own = folds == fold
        predicted[own] = sigmoid(values[own] @ np.array(weights) + bias)
    return predicted


def _rates(doubted: Flags, truth: Truths) -> str:
    return (
        f"{_share(doubted, truth == Support.NUMBER_MISMATCH)} figure errors and "
        f"{_share(doubted, truth == Support.UNSUPPORTED)} other errors caught, "
        f"{_share(doubted, truth == Support.SUPPORTED)} true claims doubted"
    )


def _share(doubted: Flags, among: Flags) -> str:
    caught, all_of = int((doubted & among).sum()), int(among.sum())
    return f"{caught} of {all_of} ({caught / max(all_of, 1):.1%})"
