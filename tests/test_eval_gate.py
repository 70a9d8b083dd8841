"""The gate lets through what is as good as the baseline, and nothing that is surely worse."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_support import make_question, make_run, part_of
from wfc_qa.errors import ConfigError
from wfc_qa.evaluation.gate import (
    GATED,
    MARGINS,
    GateLine,
    check_gate,
    fast_subset,
    gated_scores,
    gold_hash,
    load_baseline,
    write_baseline,
)
from wfc_qa.evaluation.record import Outcome
from wfc_qa.evaluation.results import Estimate
from wfc_qa.evaluation.tables import CATALOGUE
from wfc_qa.types import Place

SIZE = 80


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a run that had three questions wrong and one missed."""
    return write_baseline(
        make_run(SIZE, wrong=(1, 2, 7), missed=(4,)), tmp_path_factory.mktemp("gate") / "baseline.json"
    )


def test_a_baseline_holds_what_the_run_scored(baseline: Path) -> None:
    run = make_run(SIZE, wrong=(1, 2, 7), missed=(4,))
    held = load_baseline(baseline)
    assert held.scores == gated_scores(run)
    assert (held.stamp, held.margins) == (run.stamp, MARGINS)
    assert all(held.scores[name] for name in GATED)


def test_a_run_passes_against_itself_without_a_difference(baseline: Path) -> None:
    result = check_gate(make_run(SIZE, wrong=(1, 2, 7), missed=(4,)), baseline)
    assert result.passed
    assert {line.measure.name for line in result.lines} == set(MARGINS)
    assert {(line.difference.value, line.difference.low, line.difference.high) for line in result.lines} == {
        (0.0, 0.0, 0.0)
    }


def test_a_better_run_passes(baseline: Path) -> None:
    assert check_gate(make_run(SIZE), baseline).passed


@pytest.mark.parametrize(
    ("worse", "fallen"),
    [
        (
            {"wrong": range(0, 80, 2)},
            {"answer_right", "correct_when_answered", "citation_precision", "wrong_figure"},
        ),
        ({"missed": range(0, 80, 4)}, {"answer_right", "coverage"}),
        (
            {"wrong": range(3, 80, 4)},
            {"correct_when_answered", "citation_precision", "wrong_figure", "abstention_recall"},
        ),
    ],
    ids=["wrong answers", "declined too much", "answered the unanswerable"],
)
def test_a_run_that_is_surely_worse_fails_by_the_measures_that_fell(
    worse: dict[str, range], fallen: set[str], baseline: Path
) -> None:
    result = check_gate(make_run(SIZE, **worse), baseline)
    assert not result.passed
    assert {line.measure.name for line in result.lines if not line.passed} == fallen
    assert str(result).count("FAIL") == len(fallen) + 1


def test_a_loss_that_chance_explains_passes(baseline: Path) -> None:
    assert check_gate(make_run(SIZE, wrong=(1, 2, 7, 8), missed=(4,)), baseline).passed


def test_questions_that_got_nothing_count_as_lost(baseline: Path) -> None:
    run = make_run(SIZE)
    failed = tuple(Outcome(one.query_id, qrels=one.qrels, failed="out of memory") for one in run.outcomes)
    result = check_gate(replace(run, outcomes=failed), baseline)
    assert {"success@5", "rr@10", "answer_right", "abstention_recall"} <= {
        line.measure.name for line in result.lines if not line.passed
    }


@given(
    better=st.sampled_from(["higher", "lower"]),
    ends=st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(sorted),
    margin=st.floats(0, 0.2),
)
def test_a_line_fails_only_where_its_whole_interval_lies_beyond_the_margin(
    better: str, ends: list[float], margin: float
) -> None:
    low, high = ends
    measure = replace(CATALOGUE["rr@10"], better=better)
    line = GateLine(measure, 0.5, 0.5, Estimate((low + high) / 2, low, high, 10), margin)
    beyond = high < -margin if better == "higher" else low > margin
    assert line.passed is not beyond


def test_margins_are_the_baselines_and_are_told(baseline: Path, tmp_path: Path) -> None:
    worse = make_run(SIZE, wrong=range(0, 80, 2))
    wide = write_baseline(make_run(SIZE), tmp_path / "wide.json", dict.fromkeys(MARGINS, 1.0))
    assert check_gate(worse, wide).passed
    assert not check_gate(worse, wide, MARGINS).passed
    assert "margin 1.0\N{NO-BREAK SPACE}%" in str(check_gate(worse, baseline))


def test_a_part_of_the_questions_is_held_to_that_part(baseline: Path) -> None:
    run = make_run(SIZE, wrong=(1, 2, 7), missed=(4,))
    ids = [question.query_id for question in fast_subset(run.questions, 30)]
    result = check_gate(part_of(run, ids), baseline)
    assert (result.compared, result.asked, result.passed) == (30, 30, True)
    assert {line.difference.value for line in result.lines} == {0.0}


def test_new_questions_are_counted_and_not_compared(baseline: Path) -> None:
    result = check_gate(make_run(SIZE + 8, wrong=(1, 2, 7, *range(80, 88)), missed=(4,)), baseline)
    assert (result.compared, result.asked, result.passed) == (SIZE, SIZE + 8, True)


def test_a_gold_question_changed_under_its_id_is_refused(baseline: Path) -> None:
    run = make_run(SIZE)
    changed = (replace(run.questions[0], text="Another question?"), *run.questions[1:])
    with pytest.raises(ConfigError, match=r"q000 changed since the baseline; .*--update"):
        check_gate(replace(run, questions=changed), baseline)


def test_a_run_that_shares_no_question_is_refused(baseline: Path) -> None:
    run = make_run(4)
    strangers = tuple(replace(one, query_id=f"x{one.query_id}") for one in run.questions)
    outcomes = tuple(replace(one, query_id=f"x{one.query_id}") for one in run.outcomes)
    with pytest.raises(ConfigError, match="holds none of the run's questions"):
        check_gate(replace(run, questions=strangers, outcomes=outcomes), baseline)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 0}', '{"format": 1, "questions": {}}'])
def test_a_damaged_baseline_is_refused_in_one_line(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(damage)
    with pytest.raises(ConfigError, match="is no baseline that can be read") as caught:
        check_gate(make_run(4), path)
    assert "\n" not in str(caught.value)


def test_no_baseline_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="write a new one from a full run"):
        check_gate(make_run(4), tmp_path / "none.json")


def test_a_question_hash_follows_what_is_judged_and_nothing_else() -> None:
    question = make_question(0)
    same = replace(question, note="another note", split="test")
    others = [
        replace(question, text="x"),
        replace(question, history=("x",)),
        replace(question, answerable=False),
        replace(question, answers=(("x",),)),
        replace(question, figures=("1 yuan",)),
        replace(question, evidence=(Place("x", "y"),)),
        replace(question, kind="x"),
    ]
    assert gold_hash(same) == gold_hash(question)
    assert len({gold_hash(one) for one in [question, *others]}) == len(others) + 1


def test_a_baseline_keeps_one_question_a_line_to_read_changes_by(baseline: Path) -> None:
    lines = baseline.read_text("utf-8").splitlines()
    assert sum(line.strip().startswith('"q0') for line in lines) == SIZE
    assert len(json.loads("\n".join(lines))["questions"]) == SIZE


@given(total=st.integers(0, 120), size=st.integers(0, 130))
def test_a_fast_subset_is_in_order_of_its_size_and_the_same_every_time(total: int, size: int) -> None:
    questions = [make_question(number) for number in range(total)]
    chosen = fast_subset(questions, size)
    assert len(chosen) == min(total, size)
    assert chosen == [question for question in questions if question in chosen]
    assert {one.query_id for one in fast_subset(list(reversed(questions)), size)} == {
        one.query_id for one in chosen
    }
    assert {one.query_id for one in chosen} <= {one.query_id for one in fast_subset(questions, size + 1)}


@given(total=st.integers(40, 160), size=st.integers(8, 40))
def test_a_fast_subset_holds_every_kind_in_every_language_in_proportion(total: int, size: int) -> None:
    questions = [make_question(number) for number in range(total)]
    whole = Counter((one.kind, one.language) for one in questions)
    chosen = Counter((one.kind, one.language) for one in fast_subset(questions, size))
    assert set(chosen) == set(whole)
    assert all(abs(chosen[stratum] - size * whole[stratum] / total) <= 1 for stratum in whole)
