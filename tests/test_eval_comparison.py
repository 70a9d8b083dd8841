"""Two runs over the same questions are held against each other; over different ones they are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from measure_support import answer, ask, decline, make_run, ranked
from wfc_qa.errors import ConfigError
from wfc_qa.evaluation.comparison import Change, Difference, compare
from wfc_qa.evaluation.record import Run
from wfc_qa.evaluation.results import Verdict

QUESTIONS = [ask(f"q{place}") for place in range(30)] + [ask("n1", answerable=False)]
DRAWS = 1000


def run_of(right: int, name: str) -> Run:
    """The first ``right`` of thirty questions answered right, the rest missed."""
    outcomes = [
        answer(f"q{place}", ("8641亿元", ["a.zh"]), hits=ranked("a.zh"), qrels={f"p{place}": 2, "a.zh": 1})
        if place < right
        else decline(f"q{place}", hits=ranked("b.zh"), qrels={f"p{place}": 2, "a.zh": 1})
        for place in range(30)
    ]
    return make_run(QUESTIONS, [*outcomes, decline("n1")], name=name)


def difference(run_a: Run, run_b: Run, measure: str) -> Difference:
    return next(one for one in compare(run_a, run_b, DRAWS).differences if one.measure == measure)


def test_a_run_does_not_differ_from_itself() -> None:
    run = run_of(10, "one")
    comparison = compare(run, run, DRAWS)
    assert comparison.changed == ()
    for one in comparison.differences:
        assert (one.difference.value, one.difference.low, one.difference.high) == (0, 0, 0)
        assert one.p == one.p_holm == 1.0


def test_the_gain_of_the_second_run_is_told_with_its_interval_and_p() -> None:
    one = difference(run_of(10, "before"), run_of(25, "after"), "answer_right")
    assert (one.a, one.b, one.difference.value) == (10 / 30, 25 / 30, 15 / 30)
    assert 0.25 < one.difference.low < 0.5 < one.difference.high < 0.75
    assert one.p == 1 / (DRAWS + 1) < one.p_holm <= 0.05


def test_turned_around_it_is_a_loss() -> None:
    gain = difference(run_of(10, "before"), run_of(25, "after"), "coverage")
    loss = difference(run_of(25, "after"), run_of(10, "before"), "coverage")
    assert loss.difference.value == -gain.difference.value
    assert loss.p == gain.p


def test_one_question_more_proves_nothing() -> None:
    one = difference(run_of(10, "before"), run_of(11, "after"), "answer_right")
    assert one.p == one.p_holm == 1.0
    assert one.difference.low == 0.0


def test_the_f1_of_declining_is_compared_too() -> None:
    """Declined 20 of which 1 rightly, then 5 of which 1 rightly: F1 2/22, then 2/7."""
    one = difference(run_of(10, "before"), run_of(25, "after"), "abstention_f1")
    assert (one.a, one.b) == pytest.approx((2 / 22, 2 / 7))


def test_risk_is_not_compared_beside_what_it_mirrors() -> None:
    compared = [one.measure for one in compare(run_of(10, "before"), run_of(25, "after"), DRAWS).differences]
    assert "correct_when_answered" in compared
    assert "risk" not in compared


def test_questions_whose_verdict_changed_are_listed_with_both() -> None:
    comparison = compare(run_of(10, "before"), run_of(12, "after"), DRAWS)
    assert comparison.changed == tuple(
        Change(query_id, Verdict.MISSED, Verdict.RIGHT) for query_id in ("q10", "q11")
    )
    assert (comparison.a.name, comparison.b.name) == ("before", "after")


def test_runs_on_different_gold_sets_are_refused_naming_both_and_the_mend() -> None:
    one, two = run_of(10, "before"), run_of(10, "after")
    other = replace(two, stamp=replace(two.stamp, questions="e" * 64))
    with pytest.raises(
        ConfigError, match=r"before asked .*ffff.*after asked .*eeee.*wfc-qa eval run"
    ) as caught:
        compare(one, other)
    assert "\n" not in str(caught.value)


def test_runs_on_parts_of_one_gold_set_are_refused() -> None:
    one = run_of(10, "before")
    part = replace(one, questions=one.questions[:5], outcomes=one.outcomes[:5])
    with pytest.raises(ConfigError, match=r"31 questions.* 5 of the same file.*wfc-qa eval run"):
        compare(one, part)
