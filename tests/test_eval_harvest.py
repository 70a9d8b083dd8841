"""What readers did not like becomes a candidate, and never gold by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from wfc_qa.errors import DocumentError, StorageError
from wfc_qa.evaluation.gold import load_gold
from wfc_qa.evaluation.harvest import harvest
from wfc_qa.feedback import Feedback, FeedbackStore, Verdict, read_feedback
from wfc_qa.types import GoldQuestion, Language

DOWN = Feedback(
    "f1", "a1", "g1", "那存款呢？", "2025年重庆存款余额是多少？", "不知道。", Verdict.DOWN, "答非所问"
)
GOLD = GoldQuestion(
    "g", "贷款余额是多少？", Language.ZH, "figure", True, (("6万亿元",),), ("6000000000000 yuan",)
)


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    store = FeedbackStore(tmp_path / "feedback.sqlite")
    store.save(DOWN)
    store.save(replace(DOWN, feedback_id="f2", question="Good?", understood="Good?", verdict=Verdict.UP))
    store.save(replace(DOWN, feedback_id="f3", question="貸款餘額是多少", understood="貸款餘額是多少？"))
    return store


def test_feedback_reads_back_as_saved_and_the_file_stays_as_it_is(store: FeedbackStore) -> None:
    before = store.path.read_bytes()
    kept = read_feedback(store.path)
    assert [one.feedback_id for one in kept] == ["f1", "f2", "f3"]
    assert kept[0] == DOWN
    assert store.path.read_bytes() == before


def test_only_thumbs_down_that_are_not_gold_become_candidates(store: FeedbackStore, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "candidates.jsonl"
    harvested = harvest(store.path, [GOLD], target)
    assert (harvested.added, harvested.known, harvested.gold) == (1, 0, 1)
    [row] = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert (row["query_id"], row["status"], row["text"]) == ("chat-f1", "candidate", "那存款呢？")
    assert (row["answerable"], row["answers"], row["evidence"]) == (None, [], [])
    assert row["chat"]["shown"] == "不知道。"
    assert row["chat"]["reason"] == "答非所问"
    assert row["chat"]["understood"] == "2025年重庆存款余额是多少？"


def test_a_second_harvest_adds_only_what_is_new_and_keeps_a_reviewers_words(
    store: FeedbackStore, tmp_path: Path
) -> None:
    target = tmp_path / "candidates.jsonl"
    harvest(store.path, [GOLD], target)
    reviewed = (
        target.read_text("utf-8").replace('"note": ""', '"note": "look at the 2025 report"').rstrip("\n")
    )
    target.write_text(reviewed, "utf-8")
    store.save(replace(DOWN, feedback_id="f4"))
    store.save(replace(DOWN, feedback_id="f5", question="Deposits?", understood="Deposits?"))
    harvested = harvest(store.path, [GOLD], target)
    assert (harvested.added, harvested.known) == (1, 2)
    first, second = target.read_text("utf-8").splitlines()
    assert first == reviewed
    assert json.loads(second)["text"] == "Deposits?"
    again = target.read_bytes()
    assert harvest(store.path, [GOLD], target).added == 0
    assert target.read_bytes() == again


def test_the_gold_loader_refuses_a_candidate(store: FeedbackStore, tmp_path: Path) -> None:
    target = tmp_path / "candidates.jsonl"
    harvest(store.path, [], target)
    with pytest.raises(DocumentError, match=r"line 1 is no gold question \(answerable is true or false\)"):
        load_gold(target)


def test_feedback_that_is_not_there_or_is_no_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no feedback"):
        harvest(tmp_path / "feedback.sqlite", [], tmp_path / "candidates.jsonl")
    (tmp_path / "feedback.sqlite").write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StorageError, match="cannot be read"):
        harvest(tmp_path / "feedback.sqlite", [], tmp_path / "candidates.jsonl")


def test_a_target_that_holds_other_things_is_left_alone(store: FeedbackStore, tmp_path: Path) -> None:
    target = tmp_path / "notes.txt"
    target.write_text("my notes\n")
    with pytest.raises(DocumentError, match=r"notes\.txt line 1 is no candidate"):
        harvest(store.path, [], target)
    assert target.read_text() == "my notes\n"
