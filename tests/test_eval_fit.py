"""Fitting never sees a test question, gives the same numbers twice, and keeps to the risk asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.calibration import load_calibration, save_calibration
from wfc_qa.config import CHECKOUT, Settings
from wfc_qa.engine import Engine
from wfc_qa.errors import ConfigError
from wfc_qa.evaluation.ablation import FULL, VARIANTS, ablate
from wfc_qa.evaluation.cases import read_samples
from wfc_qa.evaluation.fit import fit_calibration
from wfc_qa.evaluation.gold import load_gold, write_question
from wfc_qa.evaluation.models import lowest_at_risk
from wfc_qa.evaluation.parts import fit_fusion, fit_parts
from wfc_qa.evaluation.record import Run
from wfc_qa.evaluation.runner import run_questions
from wfc_qa.retrieval.pool import SIGNALS

DEV, DIGEST = load_gold(CHECKOUT / "eval" / "dev.jsonl")
SHIPPED = load_calibration(CHECKOUT / "eval" / "calibration.json")


def test_test_questions_are_never_fitted_on(settings: Settings, tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.jsonl"
    rows = [DEV[0], replace(DEV[1], query_id="sealed", split="test")]
    mixed.write_text("".join(f"{write_question(row)}\n" for row in rows), "utf-8")
    target = tmp_path / "calibration.json"
    renamed = tmp_path / "renamed.jsonl"
    sealed = (CHECKOUT / "eval" / "test.jsonl").read_text("utf-8")
    renamed.write_text(sealed.replace('"split": "test"', '"split": "dev"'), "utf-8")
    for path in (mixed, renamed, CHECKOUT / "eval" / "test.jsonl"):
        with pytest.raises(ConfigError, match=r"test questions .* never fitted on"):
            list(fit_calibration(settings, path, [], target))
    assert not target.exists()


def test_what_ships_was_fitted_on_the_dev_split_that_ships() -> None:
    assert dict(SHIPPED.questions) == {"dev": DIGEST}
    assert json.loads((CHECKOUT / "eval" / "calibration.json").read_text("utf-8"))["format"] == 4


def test_fitting_twice_gives_the_same_numbers(engine: Engine) -> None:
    samples = read_samples(engine, DEV)
    once = fit_parts(samples)
    assert once == fit_parts(samples)
    assert (once.fusion, once.selection, once.abstention, once.listed) == (
        SHIPPED.fusion,
        SHIPPED.selection,
        SHIPPED.abstention,
        SHIPPED.listed,
    )


def test_a_lower_risk_is_answered_at_a_higher_confidence_only() -> None:
    risks = [risk for risk, _ in SHIPPED.risks]
    assert risks == sorted(risks)
    marks = [SHIPPED.answer_from(risk) for risk in risks]
    assert marks == sorted(marks, reverse=True)
    assert SHIPPED.answer_from(0.0) == 1.0
    assert SHIPPED.answer_from(risks[-1] + 0.1) == marks[-1]
    assert SHIPPED.answer_from(0.04) == SHIPPED.answer_from(0.03)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60),
    st.sampled_from([0.0, 0.01, 0.05, 0.2]),
)
def test_from_the_fitted_confidence_on_at_most_the_risk_is_wrong(
    judged: list[tuple[float, bool]], risk: float
) -> None:
    scores = np.array([round(score, 4) for score, _ in judged])
    right = np.array([good for _, good in judged])
    mark = lowest_at_risk(scores, right, risk)
    kept = right[scores >= mark]
    assert mark == 1.0 or np.mean(~kept) <= risk


def test_questions_of_one_source_are_never_on_both_sides_of_a_fold(engine: Engine) -> None:
    samples = read_samples(engine, DEV[:200])
    for sample in samples:
        assert sample.source in sample.gold if sample.gold else sample.source == sample.question.query_id


def test_too_few_questions_are_refused_in_one_line(settings: Settings, tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("".join(f"{write_question(row)}\n" for row in DEV[:3]), "utf-8")
    with pytest.raises(ConfigError, match=r"too few|add some"):
        list(fit_calibration(settings, few, [], tmp_path / "calibration.json"))
    assert not (tmp_path / "calibration.json").exists()


def test_fusion_over_some_signals_leaves_the_others_without_weight(engine: Engine) -> None:
    samples = read_samples(engine, DEV[:60])
    fusion = fit_fusion(samples, ("dense", "lexical"))
    assert (fusion.sentence, fusion.cross) == (0.0, 0.0)
    assert fusion.dense > 0


@pytest.fixture(scope="module")
def run(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Run:
    some = [question for question in DEV if question.kind in {"figure", "cross"}][:80]
    return run_questions(engine, some, DIGEST, tmp_path_factory.mktemp("runs") / "run")


def test_every_variant_is_measured_and_held_against_the_full_system(engine: Engine, run: Run) -> None:
    rows = ablate(engine, run, DEV[:200])
    assert [row.variant for row in rows] == [variant.name for variant in VARIANTS]
    assert rows[0].variant == FULL.name
    assert not rows[0].differences
    for row in rows:
        for name, estimate in row.estimates.items():
            assert estimate.low <= estimate.value <= estimate.high
            if row.differences:
                gain = estimate.value - rows[0].estimates[name].value
                assert row.differences[name].value == pytest.approx(gain)


def test_each_signal_is_taken_away_in_some_variant() -> None:
    for name in SIGNALS:
        assert any(name not in variant.signals for variant in VARIANTS)
    assert any(not variant.centring for variant in VARIANTS)
    assert any(not variant.reranked for variant in VARIANTS)


def test_a_calibration_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A target that cannot be written is one clear error, and leaves nothing behind."""
    save_calibration(SHIPPED, tmp_path / "calibration.json")
    assert replace(load_calibration(tmp_path / "calibration.json"), sha256="") == replace(SHIPPED, sha256="")
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "folder", tmp_path / "calibration.json" / "x", tmp_path / "nowhere" / "x"):
        with pytest.raises(ConfigError, match="cannot be written"):
            save_calibration(SHIPPED, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calibration.json", "folder"]
