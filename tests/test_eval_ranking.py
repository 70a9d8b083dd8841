"""Ranking measures agree with a second, independent library, and leave no question out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from measure_support import ask, make_run, ranked
from wfc_qa.evaluation.ranking import (
    BINARY,
    GRADED,
    balance_scores,
    find_proofs,
    is_ranked,
    language_pair,
    rank_scores,
)
from wfc_qa.evaluation.record import Outcome, Run

RANX = {
    "success@1": "hit_rate@1",
    "success@5": "hit_rate@5",
    "success@10": "hit_rate@10",
    "recall@5": "recall@5",
    "recall@10": "recall@10",
    "rr@10": "mrr@10",
    "ndcg@10": "ndcg@10",
}
# Blanks, colons and letters beyond ASCII, as paragraph ids have; sorted otherwise than ranked.
NAMES = [f"文 档:{letter}.zh" for letter in "nmlkjihgfedcba"]
OUTCOMES = st.builds(
    lambda hits, grades: Outcome("", hits=ranked(*hits), qrels=grades),
    st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=14),
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3), min_size=1).filter(
        lambda one: any(one.values())
    ),
)


def run_of(*outcomes: Outcome) -> Run:
    asked = [replace(outcome, query_id=f"问 {place}") for place, outcome in enumerate(outcomes)]
    return make_run([ask(one.query_id) for one in asked], asked, dict.fromkeys(NAMES, ""))


def values(run: Run) -> dict[tuple[str, str], float]:
    return {(score.query_id, score.measure): score.value for score in rank_scores(run)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(OUTCOMES, min_size=1, max_size=6))
def test_every_ranking_measure_is_what_ranx_makes_of_it(outcomes: list[Outcome]) -> None:
    import ranx

    run = run_of(*outcomes)
    grades = {one.query_id: {name: g for name, g in one.qrels.items() if g} for one in run.outcomes}
    proofs = {
        query_id: {name: 1 for name, grade in own.items() if grade >= min(2, max(own.values()))}
        for query_id, own in grades.items()
    }
    hits = {
        one.query_id: {hit.paragraph_id: 100.0 - rank for rank, hit in enumerate(one.hits)}
        for one in run.outcomes
    }
    found = values(run)
    assert set(found) == {(one.query_id, name) for one in run.outcomes for name in RANX}
    for name, theirs in RANX.items():
        qrels = ranx.Qrels(grades if name in GRADED else proofs)
        expected = ranx.evaluate(qrels, ranx.Run(hits), theirs, return_mean=False, make_comparable=True)
        # ranx sorts questions by name.
        for query_id, value in zip(sorted(hits), expected, strict=True):
            assert found[query_id, name] == pytest.approx(value, abs=1e-6)


def test_a_question_without_hits_scores_0_in_every_measure_and_is_not_left_out() -> None:
    run = run_of(Outcome("", qrels={NAMES[0]: 2}), Outcome("", hits=ranked(NAMES[1]), qrels={NAMES[1]: 2}))
    found = values(run)
    assert len(found) == 2 * len(RANX)
    assert {found["问 0", name] for name in RANX} == {0.0}
    assert {found["问 1", name] for name in RANX} == {1.0}


def test_gold_that_vanished_from_the_collection_scores_0() -> None:
    found = values(run_of(Outcome("", hits=ranked(NAMES[0]))))
    assert len(found) == len(RANX) and not any(found.values())


def test_unanswerable_questions_are_not_ranked() -> None:
    run = make_run([ask(answerable=False)], [Outcome("q1", hits=ranked("a.zh"), qrels={"a.zh": 1})])
    assert rank_scores(run) == balance_scores(run) == []


def test_equal_scores_are_ranked_as_they_are_listed() -> None:
    """Whatever library breaks ties by name, the run's own order holds."""
    for names in (("b.zh", "a.zh"), ("a.zh", "b.zh")):
        hits = tuple(replace(hit, score=1.0) for hit in ranked(*names))
        run = make_run([ask()], [Outcome("q1", hits=hits, qrels={names[1]: 2})])
        assert values(run)["q1", "rr@10"] == 1 / 2


def test_a_proof_has_grade_2_or_the_best_where_none_has() -> None:
    assert find_proofs(Outcome("q", qrels={"a": 1, "b": 2, "c": 3, "d": 0})) == {"b": 2, "c": 3}
    assert find_proofs(Outcome("q", qrels={"a": 1, "d": 0})) == {"a": 1}
    assert find_proofs(Outcome("q", qrels={"d": 0})) == find_proofs(Outcome("q")) == {}


def test_finding_what_is_on_the_matter_without_proof_is_no_success() -> None:
    run = make_run([ask()], [Outcome("q1", hits=ranked("a.zh"), qrels={"a.zh": 1, "a.en": 2})])
    found = values(run)
    assert {found["q1", name] for name in BINARY} == {0.0}
    assert found["q1", "ndcg@10"] > 0


def test_a_question_is_paired_with_the_languages_of_all_its_proofs() -> None:
    for qrels, pair in (
        ({"a.zh": 2}, "zh>zh"),
        ({"a.en": 2, "c.en": 2}, "zh>en"),
        ({"a.en": 2, "b.zh": 2}, "zh>both"),
        ({"a.en": 2, "b.zh": 1}, "zh>en"),
        ({}, ""),
    ):
        outcome = Outcome("q1", qrels=qrels)
        assert language_pair(ask(), outcome, make_run([ask()], [outcome])) == pair


def test_the_balance_is_the_share_of_the_other_language_among_the_first_five_hits() -> None:
    outcome = Outcome("q1", hits=ranked("a.en", "a.zh", "b.zh", "c.en"), qrels={"a.zh": 2})
    run = make_run([ask()], [outcome])
    assert [score.value for score in balance_scores(run)] == [2 / 4]
    assert is_ranked(ask(), outcome)
