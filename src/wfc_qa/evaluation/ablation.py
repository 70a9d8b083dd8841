"""What each part of retrieval is worth: the same questions ranked without it, its other weights fitted anew."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..answering.selection import rank_hits, score_sentences
from ..builder import build_collection
from ..calibration import Calibration
from ..config import Settings
from ..engine import Engine, open_engine
from ..retrieval.pool import SIGNALS
from ..types import GoldQuestion
from .cases import Case, Sample, read_cases, read_samples
from .parts import fit_fusion, fit_selection
from .ranking import rank_scores
from .record import Outcome, Ranked, Run
from .runner import rank_paragraphs
from .statistics import (
    DRAWS,
    SEED,
    Tally,
    compare_tallies,
    estimate_shares,
    find_clusters,
    permutation_p,
    tally,
)
from .summary import in_part
from .tables import ABLATED, Ablation


@dataclass(frozen=True, slots=True)
class Variant:
    """A name and what is left of retrieval: its signals, whether vectors lose their language's mean, and whether the
    sentence model ranks the candidates again."""

    name: str
    signals: tuple[str, ...] = SIGNALS
    centring: bool = True
    reranked: bool = True


FULL = Variant("full, fitted anew")
VARIANTS = (
    FULL,
    Variant("dense only", ("dense",), reranked=False),
    Variant("lexical only", ("lexical",), reranked=False),
    Variant("fused, not ranked again by sentence", reranked=False),
    Variant("without centring", centring=False),
    Variant("without cross-language terms", tuple(name for name in SIGNALS if name != "cross")),
    Variant("without sentence match", tuple(name for name in SIGNALS if name != "sentence")),
)


def ablate(engine: Engine, run: Run, fitted_on: Sequence[GoldQuestion]) -> list[Ablation]:
    """``run`` as each variant ranks it, the full one first; each variant's weights are fitted on ``fitted_on``."""
    ranked = dict(_rank(engine, run, fitted_on, [one for one in VARIANTS if one.centring]))
    with tempfile.TemporaryDirectory(prefix="wfc-qa-ablation-") as folder:
        bare = _without_centring(engine.settings, Path(folder))
        ranked |= _rank(bare, run, fitted_on, [one for one in VARIANTS if not one.centring])
        bare.close()
    full = _tally(ranked[FULL])
    return [_judge(variant, _tally(ranked[variant]), full) for variant in VARIANTS]


def _judge(variant: Variant, tallies: Mapping[str, Tally], full: Mapping[str, Tally]) -> Ablation:
    estimates = dict(zip(tallies, estimate_shares(list(tallies.values()), DRAWS, SEED), strict=True))
    if variant is FULL:
        return Ablation(variant.name, estimates, {})
    return Ablation(
        variant.name,
        estimates,
        {name: compare_tallies(one, full[name], DRAWS, SEED) for name, one in tallies.items()},
        {name: permutation_p(one, full[name], DRAWS, SEED) for name, one in tallies.items()},
    )


def _tally(run: Run) -> dict[str, Tally]:
    """The columns of the table for which there are questions."""
    scores, clusters = rank_scores(run), find_clusters(run)
    tallies = {}
    for column in ABLATED:
        asked = {
            question.query_id
            for question, outcome in zip(run.questions, run.outcomes, strict=True)
            if in_part(column.part, question, outcome, run)
        }
        values = {
            score.query_id: score.value
            for score in scores
            if score.measure == column.measure and score.query_id in asked
        }
        if values:
            tallies[column.name] = tally(values, clusters)
    return tallies


def _without_centring(settings: Settings, folder: Path) -> Engine:
    settings = settings.model_copy(update={"index_dir": folder, "centring": False})
    # Every text is in the embedding cache: nothing is embedded again.
    build_collection(settings, lambda step, done, total: None)
    return open_engine(settings)


def _rank(
    engine: Engine, run: Run, fitted_on: Sequence[GoldQuestion], variants: Sequence[Variant]
) -> Iterator[tuple[Variant, Run]]:
    known = read_samples(engine, fitted_on)
    asked = [
        _as_asked(sample, outcome)
        for sample, outcome in zip(read_samples(engine, run.questions), run.outcomes, strict=True)
    ]
    for variant in variants:
        calibration = replace(engine.calibration, fusion=fit_fusion(known, variant.signals))
        if variant.reranked:
            selection, _ = fit_selection(calibration, read_cases(known, calibration.fusion))
            calibration = replace(calibration, selection=selection)
        cases = read_cases(asked, calibration.fusion)
        outcomes = [
            replace(outcome, hits=_hits(calibration, case, variant))
            for outcome, case in zip(run.outcomes, cases, strict=True)
        ]
        yield variant, replace(run, outcomes=tuple(outcomes))


def _as_asked(sample: Sample, outcome: Outcome) -> Sample:
    """The question as the run understood it, so that only retrieval differs between variants."""
    if outcome.understood in {"", sample.question.text}:
        return sample
    return replace(sample, query=replace(sample.query, text=outcome.understood))


def _hits(calibration: Calibration, case: Case, variant: Variant) -> tuple[Ranked, ...]:
    engine = case.sample.engine
    hits = tuple(candidate.hit for candidate in case.candidates)
    if variant.reranked:
        choices = score_sentences(
            case.asked, case.words, case.candidates, engine.reader, calibration.selection
        )
        hits = rank_hits(case.candidates, choices)
    return rank_paragraphs(hits[: engine.settings.hits])
