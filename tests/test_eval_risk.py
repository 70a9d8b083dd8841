"""Risk against coverage: the curve and its measures, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measure_support import answer, ask, decline, make_run
from wfc_qa.evaluation.record import Outcome, Run
from wfc_qa.evaluation.risk import (
    BINS,
    NAMES,
    POINTS,
    bin_confidence,
    draw_curve,
    estimate_risk,
    measure_risk,
    read_trials,
)

RIGHT, WRONG = "8641亿元", "8642亿元"
# Confidence, right or not, answerable or not; few confidences, so that ties occur.
TRIALS = st.lists(
    st.tuples(st.sampled_from((0.1, 0.3, 0.5, 0.7, 0.9)), st.booleans(), st.booleans()),
    min_size=1,
    max_size=25,
)


def run_of(trials: list[tuple[float, bool, bool]], refused: int = 0) -> Run:
    """Each trial shown from 0.5 up and withheld below, and then ``refused`` answerable questions."""
    questions, outcomes = [], []
    for place, (confidence, right, answerable) in enumerate(trials):
        query_id, said = f"q{place}", RIGHT if right else WRONG
        questions.append(ask(query_id, answerable=answerable))
        outcomes.append(
            answer(query_id, (said, ["a.zh"]), confidence=confidence)
            if confidence >= 0.5
            else decline(query_id, said, confidence=confidence)
        )
    for place in range(refused):
        questions.append(ask(f"r{place}"))
        outcomes.append(decline(f"r{place}", confidence=0.99, why="missing_date"))
    return make_run(questions, outcomes)


def measured(run: Run) -> dict[str, float]:
    values = measure_risk(read_trials(run), np.ones((1, len(run.questions))))[0]
    return dict(zip(NAMES, map(float, values), strict=True))


def groups_of(run: Run) -> np.ndarray:
    return np.arange(len(run.questions))


HAND = [(0.9, True, True), (0.7, False, True), (0.5, True, True), (0.3, False, False)]


def test_the_measures_are_as_worked_out_by_hand() -> None:
    """Risks 0/1, 1/2, 1/3, 2/4 as the four are answered, then the refused fifth at the last risk."""
    found = measured(run_of(HAND, refused=1))
    assert found["aurc"] == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4 + 2 / 4) / 5)
    assert found["coverage@1%"] == found["coverage@5%"] == pytest.approx(1 / 4)
    assert found["auroc"] == pytest.approx(3 / 4)  # 0.9 beats both wrong ones, 0.5 beats one of two
    assert found["ece"] == pytest.approx((0.1 + 0.7 + 0.5 + 0.3) / 4)  # four bins of one


def test_coverage_is_the_greatest_at_which_the_risk_is_borne_even_after_a_bad_start() -> None:
    trials = [(0.9, False, True), *[(0.7, True, True)] * 50]
    found = measured(run_of(trials))
    assert (found["coverage@1%"], found["coverage@2%"]) == (0.0, 1.0)  # 1 wrong of 51 is 1.96 %


def test_the_curve_starts_with_the_surest_and_ends_with_all_that_can_be_answered() -> None:
    run = run_of(HAND, refused=1)
    points = draw_curve(read_trials(run), groups_of(run))
    assert [(p.threshold, p.coverage, p.risk.value, p.risk.n) for p in points] == [
        (0.9, 1 / 4, 0.0, 1),
        (0.7, 2 / 4, 1 / 2, 2),
        (0.5, 3 / 4, pytest.approx(1 / 3), 3),
        (0.3, 3 / 4, 2 / 4, 4),
    ]
    assert all(point.risk.low <= point.risk.value <= point.risk.high for point in points)


def test_questions_of_one_confidence_enter_together() -> None:
    run = run_of([(0.7, True, True), (0.7, False, True)])
    assert len(draw_curve(read_trials(run), groups_of(run))) == 1
    found = measured(run)
    assert (found["aurc"], found["auroc"]) == (1 / 2, 1 / 2)


def test_who_was_refused_by_the_guard_or_failed_is_answered_at_no_threshold() -> None:
    questions = [ask("a"), ask("b"), ask("c"), ask("d"), ask("e", [])]
    outcomes = [
        decline("a", RIGHT, confidence=0.9, why="missing_date"),
        decline("b", confidence=0.9),
        Outcome("c", failed="broken", confidence=0.9),
        decline("d", RIGHT, confidence=0.2),
        answer("e", (RIGHT, ["a.zh"])),
    ]
    trials = read_trials(make_run(questions, outcomes))
    assert trials.places.tolist() == [3]
    assert trials.judged.tolist() == [1, 1, 1, 1, 0]


@given(TRIALS)
def test_auroc_is_that_of_scikit_learn(trials: list[tuple[float, bool, bool]]) -> None:
    from sklearn.metrics import roc_auc_score

    right = [right and answerable for _, right, answerable in trials]
    found = measured(run_of(trials))["auroc"]
    if len(set(right)) < 2:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(roc_auc_score(right, [confidence for confidence, _, _ in trials]))


@given(TRIALS, st.integers(0, 3), st.data())
def test_a_question_drawn_twice_counts_as_two_questions(
    trials: list[tuple[float, bool, bool]], refused: int, data: st.DataObject
) -> None:
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(trials), max_size=len(trials)).filter(any))
    run = run_of(trials, refused)
    weights = np.array([[*times, *[1] * refused]], float)
    drawn = dict(zip(NAMES, measure_risk(read_trials(run), weights)[0], strict=True))
    expected = measured(
        run_of([one for one, n in zip(trials, times, strict=True) for _ in range(n)], refused)
    )
    for name in NAMES:
        if name != "ece":  # its bins stay those of the run
            assert drawn[name] == pytest.approx(expected[name], nan_ok=True), name


@settings(deadline=None, max_examples=30)
@given(TRIALS, st.integers(0, 3))
def test_every_measure_lies_within_its_interval_and_0_and_1(
    trials: list[tuple[float, bool, bool]], refused: int
) -> None:
    run = run_of(trials, refused)
    estimates = estimate_risk(read_trials(run), groups_of(run), 200)
    assert {"aurc", "ece"} <= set(estimates) <= set(NAMES)
    for one in estimates.values():
        assert 0 <= one.low <= one.value <= one.high <= 1
    assert estimates["aurc"].n == len(trials) + refused
    assert estimates["ece"].n == len(trials)


def test_confidence_that_keeps_its_word_has_no_calibration_error() -> None:
    trials = [(0.5, place % 2 == 0, True) for place in range(40)]
    assert measured(run_of(trials))["ece"] == pytest.approx(0.0)


def test_bins_hold_as_many_questions_each_from_the_least_sure_up() -> None:
    rng = np.random.default_rng(2)
    run = run_of(
        [(float(c), bool(r), True) for c, r in zip(rng.random(95), rng.random(95) < 0.5, strict=True)]
    )
    bins = bin_confidence(read_trials(run), groups_of(run))
    assert len(bins) == BINS
    assert {one.right.n for one in bins} == {9, 10}
    assert sum(one.right.n for one in bins) == 95
    assert [one.confidence for one in bins] == sorted(one.confidence for one in bins)


def test_a_curve_of_thousands_is_thinned_and_keeps_its_ends() -> None:
    run = run_of([(place / 3000, True, True) for place in range(1, 3001)])
    points = draw_curve(read_trials(run), groups_of(run))
    assert len(points) == POINTS
    assert (points[0].threshold, points[-1].threshold) == (1.0, 1 / 3000)
    assert points[-1].coverage == 1.0


def test_a_run_that_answers_nothing_at_any_threshold_has_no_curve() -> None:
    run = run_of([], refused=2)
    trials = read_trials(run)
    assert draw_curve(trials, groups_of(run)) == bin_confidence(trials, groups_of(run)) == ()
    assert estimate_risk(trials, groups_of(run)) == {}
