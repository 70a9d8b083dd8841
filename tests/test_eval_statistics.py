"""Intervals hold what they promise, and tests are as careful as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measure_support import ask, make_run
from wfc_qa.evaluation import statistics
from wfc_qa.evaluation.record import Outcome
from wfc_qa.evaluation.results import Estimate
from wfc_qa.evaluation.statistics import (
    Tally,
    compare_tallies,
    effective_size,
    estimate_rate,
    estimate_shares,
    find_clusters,
    holm,
    paired_difference,
    permutation_p,
    pool,
    resample,
    tally,
    wilson,
)

DRAWS = 500
SHARES = st.floats(0, 1, allow_nan=False) | st.sampled_from((0.0, 1.0))
# Values of questions and the cluster each stands in.
SAMPLES = st.lists(st.tuples(SHARES, st.integers(0, 5)), min_size=1, max_size=30)


def tally_of(sample: list[tuple[float, int]]) -> Tally:
    values = {f"q{place}": value for place, (value, _) in enumerate(sample)}
    return tally(values, {f"q{place}": cluster for place, (_, cluster) in enumerate(sample)})


def clustered(rng: np.random.Generator, clusters: int, rate: bool) -> list[tuple[float, int]]:
    """Questions about paragraphs, hard or easy as a whole; the expected score is 0.6, whatever a cluster's size."""
    sample = []
    for cluster in range(clusters):
        ease = rng.beta(3, 2)
        for _ in range(rng.integers(1, 6)):
            value = float(rng.random() < ease) if rate else float(rng.beta(4 * ease, 4 * (1 - ease)))
            sample.append((value, cluster))
    return sample


@given(st.integers(1, 400), st.floats(0, 1))
def test_wilson_is_the_interval_of_scipy(n: int, share: float) -> None:
    from scipy.stats import binomtest

    k = round(share * n)
    expected = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k / n, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.lists(SAMPLES, min_size=1, max_size=3))
def test_an_interval_holds_its_estimate_and_stays_within_0_and_1(
    samples: list[list[tuple[float, int]]],
) -> None:
    size = 6
    tallies = []
    for one in map(tally_of, samples):
        grown = [np.pad(part, (0, size - len(part))) for part in (one.sums, one.counts)]
        tallies.append(Tally(*grown, one.questions, one.rate))
    for sample, estimate in zip(samples, estimate_shares(tallies, DRAWS), strict=True):
        assert estimate.value == pytest.approx(np.mean([value for value, _ in sample]))
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1 + 1e-12
        assert estimate.n == len(sample)


@pytest.mark.parametrize("rate", [True, False])
def test_sixteen_times_the_paragraphs_make_the_interval_about_four_times_narrower(rate: bool) -> None:
    few = clustered(np.random.default_rng(7), 30, rate)
    many = [(value, cluster + 30 * copy) for copy in range(16) for value, cluster in few]
    wide, narrow = (estimate_shares([tally_of(sample)], 2000)[0] for sample in (few, many))
    assert 3 < (wide.high - wide.low) / (narrow.high - narrow.low) < 5


@pytest.mark.parametrize("rate", [True, False])
def test_the_interval_covers_the_truth_about_95_times_in_100(rate: bool) -> None:
    """Over 400 simulated sets of 40 paragraphs; between 91.5 and 98 % are what chance allows such a method."""
    rng, covered = np.random.default_rng(11), 0
    for _ in range(400):
        estimate = estimate_shares([tally_of(clustered(rng, 40, rate))], DRAWS)[0]
        covered += estimate.low <= 0.6 <= estimate.high
    assert 0.915 <= covered / 400 <= 0.98


def test_taking_questions_of_a_paragraph_for_independent_would_promise_too_much() -> None:
    """The truth that clusters are for: ten questions a paragraph that all go alike tell as much as one."""
    sample = [(float(cluster % 2), cluster) for cluster in range(40) for _ in range(10)]
    assert effective_size(tally_of(sample)) == pytest.approx(39)
    alone = [(value, place) for place, (value, _) in enumerate(sample)]
    assert effective_size(tally_of(alone)) == pytest.approx(400, rel=0.01)


def test_a_perfect_score_still_has_an_interval() -> None:
    for value, questions in ((1.0, 20), (0.0, 20), (1.0, 1), (0.5, 1)):
        estimate = estimate_shares([tally_of([(value, place) for place in range(questions)])], DRAWS)[0]
        assert (estimate.low, estimate.high) == pytest.approx(wilson(value, questions))
        assert estimate.high - estimate.low > 0.1


def test_pooled_precision_and_recall_are_the_f1() -> None:
    """Three rightly declined, one wrongly, two unanswerable answered: F1 is 6 / (4 + 5)."""
    clusters = {name: place for place, name in enumerate("abcdef")}
    precision = tally({"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.0}, clusters)
    recall = tally({"a": 1.0, "b": 1.0, "c": 1.0, "e": 0.0, "f": 0.0}, clusters)
    one = pool(precision, recall)
    assert one.value == pytest.approx(6 / 9)
    assert estimate_shares([one], DRAWS)[0].n == 6


def test_the_same_seed_draws_the_same_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = tally_of(clustered(np.random.default_rng(3), 20, rate=False))
    other = tally_of(clustered(np.random.default_rng(4), 20, rate=False))
    first = estimate_shares([sample], DRAWS), permutation_p(sample, other, DRAWS)
    monkeypatch.setattr(statistics, "BLOCK_CELLS", 97)
    assert (estimate_shares([sample], DRAWS), permutation_p(sample, other, DRAWS)) == first
    assert estimate_shares([sample], DRAWS, seed=1) != first[0]


@settings(deadline=None, max_examples=40)
@given(SAMPLES)
def test_identical_runs_differ_by_nothing_with_p_1(sample: list[tuple[float, int]]) -> None:
    one = tally_of(sample)
    assert compare_tallies(one, one, DRAWS) == Estimate(0.0, 0.0, 0.0, len(sample))
    assert permutation_p(one, one, DRAWS) == 1.0


@settings(deadline=None, max_examples=40)
@given(SAMPLES, st.randoms(use_true_random=False))
def test_a_difference_turns_its_sign_with_the_sides_and_keeps_its_p(
    sample: list[tuple[float, int]], random: object
) -> None:
    one = tally_of(sample)
    other = tally_of([(1 - value, cluster) for value, cluster in sample])
    there, back = compare_tallies(one, other, DRAWS), compare_tallies(other, one, DRAWS)
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))
    assert 1 / (DRAWS + 1) <= permutation_p(one, other, DRAWS) <= 1


def test_a_difference_counts_the_questions_that_either_run_speaks_of() -> None:
    clusters = {"a": 0, "b": 1, "c": 2}
    difference = paired_difference({"a": 1.0, "b": 1.0}, {"b": 1.0, "c": 0.0}, clusters, DRAWS)
    assert (difference.value, difference.n) == (0.5, 3)


def test_pairing_sees_a_small_steady_gain_that_two_intervals_hide() -> None:
    sample = clustered(np.random.default_rng(5), 60, rate=False)
    better = [(min(1.0, value + 0.05), cluster) for value, cluster in sample]
    one, other = tally_of(sample), tally_of(better)
    before, after = estimate_shares([one, other], DRAWS)
    assert before.high > after.low
    assert compare_tallies(other, one, DRAWS).low > 0
    assert permutation_p(other, one, DRAWS) == 1 / (DRAWS + 1)


def test_p_is_exact_where_every_toss_can_be_counted() -> None:
    """Four clusters that all gain: 2 of 16 tosses differ as much, so p is about 2 / 16."""
    one, other = tally_of([(1.0, c) for c in range(4)]), tally_of([(0.0, c) for c in range(4)])
    assert permutation_p(one, other, 20_000) == pytest.approx(2 / 16, abs=0.01)


def test_where_nothing_differs_p_below_a_twentieth_is_as_rare_as_it_should_be() -> None:
    rng, false_alarms = np.random.default_rng(13), 0
    for _ in range(300):
        sample = clustered(rng, 30, rate=True)
        again = [(float(rng.random() < 0.6), cluster) for _, cluster in sample]
        swap = rng.random(30) < 0.5
        one = [b if swap[a[1]] else a for a, b in zip(sample, again, strict=True)]
        other = [a if swap[a[1]] else b for a, b in zip(sample, again, strict=True)]
        false_alarms += permutation_p(tally_of(one), tally_of(other), DRAWS) <= 0.05
    assert 0.01 <= false_alarms / 300 <= 0.085


def test_holm_is_as_worked_out_by_hand() -> None:
    """Sorted .005 x 4, .01 x 3, .03 x 2, and .04 x 1 raised to the one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(1e-4, 1), max_size=20))
def test_holm_never_lowers_a_p_and_keeps_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= other <= 1 for p, other in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    assert [adjusted[place] for place in order] == sorted(adjusted)


def test_resampling_a_mean_agrees_with_the_bootstrap_of_shares() -> None:
    sample = clustered(np.random.default_rng(9), 40, rate=False)
    values, groups = np.array([v for v, _ in sample]), np.array([c for _, c in sample])
    told, silent = resample(
        lambda weights: np.stack(
            [(weights @ values) / weights.sum(axis=1), np.full(len(weights), np.nan)], axis=1
        ),
        groups,
        DRAWS,
    )
    assert silent is None and told is not None
    shares = estimate_shares([tally_of(sample)], DRAWS)[0]
    assert (told.value, told.low, told.high, told.n) == pytest.approx(
        (shares.value, shares.low, shares.high, shares.n)
    )


def test_a_rate_by_arrays_is_the_rate_by_questions() -> None:
    sample = clustered(np.random.default_rng(9), 40, rate=True)
    values, groups = np.array([v for v, _ in sample]), np.array([c * 7 for _, c in sample])
    assert estimate_rate(values, groups) == estimate_shares([tally_of(sample)], DRAWS)[0]


def test_questions_of_one_proof_form_a_cluster_and_all_others_stand_alone() -> None:
    questions = [
        ask("a"),
        ask("b"),
        ask("c"),
        ask("d", answerable=False),
        ask("e", answerable=False),
        ask("f"),
    ]
    outcomes = [
        Outcome("a", qrels={"p": 2, "q": 2}),
        Outcome("b", qrels={"q": 2, "p": 2, "a": 1}),
        Outcome("c", qrels={"q": 2}),
        Outcome("d", qrels={"p": 1}),
        Outcome("e", qrels={"p": 1}),
        Outcome("f"),
    ]
    clusters = find_clusters(make_run(questions, outcomes))
    assert clusters == {"a": 0, "b": 0, "c": 1, "d": 2, "e": 3, "f": 4}
