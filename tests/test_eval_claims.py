"""Claims are resolved, verified and told; the verifier that ships was fitted on the dev claims that ship."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from wfc_qa.calibration import load_calibration
from wfc_qa.config import CHECKOUT, Settings
from wfc_qa.engine import Engine
from wfc_qa.errors import ConfigError, DocumentError
from wfc_qa.evaluation.claims import (
    cite_claims,
    judge_claims,
    load_claims,
    load_splits,
    tell_misses,
    tell_rates,
)
from wfc_qa.evaluation.fit_claims import FALSE_ALARMS, find_threshold, fit_claims
from wfc_qa.types import Place, Support

FILE = CHECKOUT / "eval" / "claims.dev.jsonl"
CLAIMS, DIGEST = load_claims(FILE)


def test_the_verifier_that_ships_was_fitted_on_the_claims_that_ship() -> None:
    assert load_calibration(CHECKOUT / "eval" / "calibration.json").verification.claims == DIGEST


def test_every_dev_claim_cites_a_paragraph_that_is_there(engine: Engine) -> None:
    assert all(one.cited for one in cite_claims(engine, CLAIMS))


def test_a_claim_whose_paragraph_is_gone_is_told_in_one_line(engine: Engine) -> None:
    lost = replace(CLAIMS[0], evidence=(Place("action-plan.zh", "没有这句话"),))
    with pytest.raises(DocumentError, match="holds '没有这句话'; mend the claim"):
        cite_claims(engine, [lost])


def test_rates_count_what_is_doubted(engine: Engine) -> None:
    judged = judge_claims(engine, cite_claims(engine, CLAIMS[:60]), lambda done, total: None)
    rates = {rate.name: rate.doubted for rate in tell_rates(judged)}
    true = [one for one in judged if one.cited.claim.truth is Support.SUPPORTED]
    assert rates["true claims doubted"].n == len(true)
    assert rates["true claims doubted"].value == sum(one.doubted for one in true) / len(true)
    assert len(tell_misses(judged)) == sum(not one.right for one in judged)


def test_misses_of_sealed_claims_are_not_listed(engine: Engine) -> None:
    sealed = [replace(claim, split="test", truth=Support.UNSUPPORTED) for claim in CLAIMS[:3]]
    judged = judge_claims(engine, cite_claims(engine, sealed), lambda done, total: None)
    assert not tell_misses(judged)


def test_sealed_claims_are_never_fitted_on(settings: Settings, tmp_path: Path) -> None:
    lines = FILE.read_text("utf-8").splitlines()
    first = {**json.loads(lines[0]), "split": "test"}
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_text("\n".join([json.dumps(first, ensure_ascii=False), *lines[1:3]]), "utf-8")
    with pytest.raises(ConfigError, match="never fitted on"):
        list(fit_claims(settings, mixed, tmp_path / "calibration.json"))


def test_a_line_that_is_no_claim_is_named(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_text('{"claim_id": "a"}\n', "utf-8")
    with pytest.raises(DocumentError, match=r"claims.jsonl line 1 is no claim"):
        load_claims(path)
    with pytest.raises(DocumentError, match="no claim is of split 'train'"):
        load_splits([FILE], "train")


def test_the_threshold_keeps_false_alarms_at_what_is_allowed() -> None:
    import numpy as np

    held = np.linspace(0, 1, 201)
    right, ruled = np.ones(201, np.bool_), np.zeros(201, np.bool_)
    assert np.mean(held < find_threshold(held, right, ruled)) <= FALSE_ALARMS
    ruled[-3:] = True
    assert np.mean(ruled | (held < find_threshold(held, right, ruled))) <= FALSE_ALARMS
