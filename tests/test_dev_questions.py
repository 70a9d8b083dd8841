"""The fitting questions are well formed, and each answer stands in the paragraphs named as its evidence."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = {path.stem: path for path in (ROOT / "index/documents").iterdir()}
QUESTIONS: list[dict[str, Any]] = [
    json.loads(line) for line in (ROOT / "eval/dev.jsonl").read_text("utf-8").splitlines()
]
FIELDS = {"query_id", "text", "language", "kind", "answerable", "answers", "evidence", "split", "note"}
NEAR_MISSES = {"near_miss_year", "near_miss_entity", "near_miss_measure", "false_premise"}
UNANSWERABLE = NEAR_MISSES | {"absent", "off_topic"}
ANSWERABLE = {
    *("fact", "figure", "date", "list", "comparison", "definition"),
    *("yesno", "paraphrase", "cross", "conflict", "followup"),
}
KINDS = Counter(question["kind"] for question in QUESTIONS)


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def paragraphs(doc_id: str) -> list[str]:
    """Lines of a written document; the ``-`` items of the user's document, which is one line."""
    _, _, body = DOCUMENTS[doc_id].read_text("utf-8").split("---\n", 2)
    return [item for line in body.splitlines() if line for item in line.split(" - ")]


def language(doc_id: str) -> str:
    fields = yaml.safe_load(DOCUMENTS[doc_id].read_text("utf-8").split("---\n", 2)[1])
    return str(fields["language"])


def shown(question: dict[str, Any]) -> str:
    return str(question["query_id"])


@pytest.mark.parametrize("question", QUESTIONS, ids=shown)
def test_every_question_has_its_fields_and_a_kind_that_fits(question: dict[str, Any]) -> None:
    assert set(question) - {"history"} == FIELDS
    assert question["language"] in ("zh", "en")
    assert question["split"] == "dev"
    assert question["text"].strip() == question["text"] != ""
    assert question["kind"] in (ANSWERABLE if question["answerable"] else UNANSWERABLE)
    assert bool(question["answers"]) == bool(question["evidence"]) == question["answerable"]
    assert question["answerable"] or question["note"], "an unanswerable question says why"
    assert question["kind"] != "followup" or question["history"]
    assert all(earlier.strip() for earlier in question.get("history", ["-"]))


@pytest.mark.parametrize("question", QUESTIONS, ids=shown)
def test_every_piece_of_evidence_is_one_paragraph_that_holds_an_accepted_answer(
    question: dict[str, Any],
) -> None:
    for evidence in question["evidence"]:
        found = [text for text in paragraphs(evidence["doc_id"]) if evidence["contains"] in text]
        assert len(found) == 1, evidence
        assert any(fold(answer) in fold(found[0]) for answer in question["answers"]), evidence


@pytest.mark.parametrize("question", QUESTIONS, ids=shown)
def test_every_accepted_answer_stands_in_the_evidence(question: dict[str, Any]) -> None:
    texts = [
        fold(text)
        for evidence in question["evidence"]
        for text in paragraphs(evidence["doc_id"])
        if evidence["contains"] in text
    ]
    for answer in question["answers"]:
        assert any(fold(answer) in text for text in texts), answer


@pytest.mark.parametrize(
    "question", [question for question in QUESTIONS if question["kind"] == "cross"], ids=shown
)
def test_a_cross_language_question_has_no_evidence_in_its_own_language(question: dict[str, Any]) -> None:
    assert question["language"] not in {language(evidence["doc_id"]) for evidence in question["evidence"]}


def test_ids_and_texts_are_unique() -> None:
    assert len({question["query_id"] for question in QUESTIONS}) == len(QUESTIONS)
    assert len({fold(question["text"]) for question in QUESTIONS}) == len(QUESTIONS)


def test_languages_and_kinds_have_their_shares() -> None:
    assert len(QUESTIONS) >= 220
    chinese = sum(question["language"] == "zh" for question in QUESTIONS)
    assert 0.45 <= chinese / len(QUESTIONS) <= 0.55
    declined = sum(not question["answerable"] for question in QUESTIONS)
    assert declined / len(QUESTIONS) >= 0.35
    assert sum(KINDS[kind] for kind in NEAR_MISSES) > declined / 2
    assert set(KINDS) == ANSWERABLE | UNANSWERABLE
    assert KINDS["cross"] >= 30
    assert KINDS["paraphrase"] >= 30
    assert KINDS["list"] + KINDS["comparison"] >= 20
    assert KINDS["followup"] >= 20
