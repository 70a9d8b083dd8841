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
from wfc_qa.evaluation.fit_claims import find_mark, fit_claims
from wfc_qa.types import Place, Support

FILES = [CHECKOUT / "eval" / f"claims.{name}.jsonl" for name in ("dev", "dev2", "dev3", "dev4")]
FILE = FILES[0]
CLAIMS, _ = load_claims(FILE)


def test_the_verifier_that_ships_was_fitted_on_the_claims_that_ship() -> None:
    fitted_on = load_calibration(CHECKOUT / "eval" / "calibration.json").verification.claims
    assert fitted_on == {path.stem: load_claims(path)[1] for path in FILES}


def test_every_dev_claim_cites_a_paragraph_that_is_there(engine: Engine) -> None:
    assert all(one.cited for path in FILES for one in cite_claims(engine, load_claims(path)[0]))


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
        list(fit_claims(settings, [mixed], tmp_path / "calibration.json"))


def test_a_line_that_is_no_claim_is_named(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_text('{"claim_id": "a"}\n', "utf-8")
    with pytest.raises(DocumentError, match=r"claims.jsonl line 1 is no claim"):
        load_claims(path)
    with pytest.raises(DocumentError, match="no claim is of split 'train'"):
        load_splits([FILE], "train")


def test_the_threshold_parts_true_claims_from_wrong_ones_where_it_can() -> None:
    import numpy as np

    held = np.array([0.1] * 50 + [0.9] * 50)
    truth = np.where(held > 0.5, Support.SUPPORTED, Support.UNSUPPORTED)
    cost, mark = find_mark(held, truth, np.zeros(100, np.bool_))
    assert 0.1 < mark <= 0.9
    assert cost == 0


def test_the_threshold_gives_up_a_wrong_claim_among_many_true_ones() -> None:
    import numpy as np

    held = np.array([0.8, *[0.2] * 20, *[0.1] * 20, *[0.7] * 20])
    truth = np.array([*[Support.UNSUPPORTED] * 41, *[Support.SUPPORTED] * 20])
    assert find_mark(held, truth, np.zeros(len(held), np.bool_))[1] < 0.7
