"""A bundle is there when whole, says what it came from, and loses nothing on its way out and in again."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle_support import gold_of, questions_of, sources, write_source
from wfc_qa.errors import ConfigError, DocumentError
from wfc_qa.evaluation.bundle import (
    PROBLEMS_FILE,
    Bundle,
    bundle_collection,
    export_set,
    import_set,
    open_bundle,
)
from wfc_qa.types import GoldQuestion

FORMS = ["squad", "beir", "jsonl"]
DOCUMENT = {"document": {"doc_id": "d", "title": "T", "paragraphs": ["Loans grew by 5% in 2025.", "Other."]}}
QUESTION = {
    "question": {
        "query_id": "q",
        "text": "By how much?",
        "answerable": True,
        "answers": [["5%"]],
        "evidence": [{"doc_id": "d", "contains": "grew"}],
    }
}


def there_and_back(lines: list[dict[str, Any]], form: str, folder: Path) -> tuple[Bundle, Bundle]:
    first = import_set("jsonl", write_source(lines, folder / "set.jsonl"), folder / "first")
    collection, questions = bundle_collection(first), list(questions_of(first).values())
    exported = export_set(collection, questions, form, folder / "exported")
    assert exported.questions == len(questions) - len(exported.left_out)
    return first, import_set(form, exported.target, folder / "second")


@settings(max_examples=30, deadline=None)
@given(sources())
def test_our_own_form_keeps_everything(lines: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = there_and_back(lines, "jsonl", Path(folder))
        assert questions_of(second) == questions_of(first)
        assert bundle_collection(second).documents == bundle_collection(first).documents
        assert gold_of(second) == gold_of(first)
        assert first.counts["left_out"] == second.counts["left_out"] == 0


@settings(max_examples=30, deadline=None)
@given(sources())
def test_squad_keeps_questions_answers_and_gold_paragraphs(lines: list[dict[str, Any]]) -> None:
    def said(question: GoldQuestion) -> tuple[object, ...]:
        return question.text, question.answerable, question.answers, question.figures, question.evidence

    with tempfile.TemporaryDirectory() as folder:
        first, second = there_and_back(lines, "squad", Path(folder))
        before, after = questions_of(first), questions_of(second)
        assert {name: said(one) for name, one in after.items()} == {
            name: said(one) for name, one in before.items()
        }
        assert bundle_collection(second).paragraphs == bundle_collection(first).paragraphs
        assert second.counts["left_out"] == 0


@settings(max_examples=30, deadline=None)
@given(sources())
def test_beir_keeps_answerable_questions_and_what_their_gold_paragraphs_say(
    lines: list[dict[str, Any]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = there_and_back(lines, "beir", Path(folder))
        asked = {name: one for name, one in questions_of(first).items() if one.answerable}
        found = questions_of(second)
        assert {name: (one.text, one.split) for name, one in found.items()} == {
            name: (one.text, one.split) for name, one in asked.items()
        }
        assert all(one.answerable and not one.answers and one.kind == "ranking" for one in found.values())
        before = gold_of(first)
        assert {name: set(texts.values()) for name, texts in gold_of(second).items()} == {
            name: set(before[name].values()) for name in asked
        }
        assert second.counts["paragraphs"] == first.counts["paragraphs"]


@settings(max_examples=20, deadline=None)
@given(sources(), st.randoms())
def test_evidence_is_found_wherever_the_lines_stand(lines: list[dict[str, Any]], random: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = import_set("jsonl", write_source(lines, Path(folder) / "1"), Path(folder) / "one")
        random.shuffle(lines)
        other = import_set("jsonl", write_source(lines, Path(folder) / "2"), Path(folder) / "other")
        assert questions_of(one) == questions_of(other)


NAMES = """data title id paragraphs context qas question answers text answer_start is_impossible context_id context_text
query_id query_text document doc_id headings published language evidence contains grade paragraph answerable history
figures kind note _id""".split()
VALUES = st.sampled_from(["d", "Who?", "银行 5%", "", "\ud800", 1, 2.5, True, False, None])
RECORDS = st.dictionaries(
    st.sampled_from(NAMES),
    st.recursive(
        VALUES,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
        ),
        max_leaves=12,
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["squad", "jsonl"]), st.lists(RECORDS, max_size=3))
def test_whatever_a_record_holds_it_is_read_or_told_of(form: str, records: list[dict[str, Any]]) -> None:
    """Beside one good document and question, nothing stops an import and nothing is lost without a word."""
    good = [DOCUMENT, QUESTION]
    if form == "squad":
        asked = {"id": "q", "question": "By how much?", "answers": [{"text": "5%"}]}
        good = [{"title": "T", "paragraphs": [{"context": "Loans grew by 5%.", "qas": [asked]}]}]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "set"
        lines = [*good, *records]
        source.write_text(
            json.dumps(lines) if form == "squad" else "\n".join(map(json.dumps, lines)), "utf-8"
        )
        bundle = import_set(form, source, Path(folder) / "bundle")
        kept = len(bundle_collection(bundle).documents) + len(questions_of(bundle))
        assert kept == bundle.counts["documents"] + bundle.counts["questions"]
        assert kept + bundle.counts["left_out"] >= len(lines)


def test_a_bundle_opens_as_it_was_made_and_names_its_source(tmp_path: Path) -> None:
    source = write_source([DOCUMENT, QUESTION], tmp_path / "set.jsonl")
    made = import_set("jsonl", source, tmp_path / "deep" / "bundle")
    assert open_bundle(tmp_path / "deep" / "bundle") == made
    assert (made.name, made.form, made.source) == ("bundle", "jsonl", "set.jsonl")
    assert made.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert made.counts == {"documents": 1, "paragraphs": 2, "questions": 1, "left_out": 0}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["bundle"]


def test_what_is_left_out_is_listed_by_line_and_counted(tmp_path: Path) -> None:
    def asked(**other: Any) -> dict[str, Any]:
        return {"question": QUESTION["question"] | other}

    bad = [
        (DOCUMENT, "earlier document"),
        (QUESTION, "earlier question"),
        ({"question": {}}, "no query_id"),
        ({}, "not one of"),
        ({"document": [], "question": {}}, "not one of"),
        (asked(query_id="a", text="？"), "asks nothing"),
        (asked(query_id="b", evidence=[{"doc_id": "e", "contains": "x"}]), "no document that can be read"),
        (asked(query_id="c", evidence=[{"doc_id": "d", "contains": "r"}]), "2 paragraphs"),
        (asked(query_id="d", evidence=[{"doc_id": "d", "paragraph": 3}]), "0 paragraphs"),
        (asked(query_id="e", answerable=None), "answerable is true or false"),
        (asked(query_id="f", answers=["5%"]), "no list"),
        (asked(query_id="g", answers=[[]]), "an answer that is empty"),
        (asked(query_id="h", language="fr"), "fr"),
        (asked(query_id="i", note="\ud800"), "surrogate"),
        (asked(query_id="j", evidence=[{"doc_id": "d", "paragraph": 1, "grade": 0}]), "grade 0"),
        (asked(query_id="k", answers=[], evidence=[]), "neither answers nor evidence"),
        (asked(query_id="l", figures=["1 yuan", "2 yuan"]), "another length"),
    ]  # fmt: skip
    source = tmp_path / "set.jsonl"
    source.write_text(
        "".join(f"{json.dumps(line)}\n" for line in [DOCUMENT, QUESTION, *(one for one, _ in bad)])
    )
    bundle = import_set("jsonl", source, tmp_path / "bundle")
    rows = [json.loads(line) for line in (bundle.folder / PROBLEMS_FILE).read_text("utf-8").splitlines()]
    reasons = {row["place"]: row["reason"] for row in rows}
    assert len(rows) == len(reasons) == bundle.counts["left_out"] == len(bad)
    for number, (_, reason) in enumerate(bad, 3):
        assert reason in reasons[f"line {number}"]
    assert list(questions_of(bundle)) == ["q"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("content", [None, b"", b"\x00\xff", b"[]", b"{}", b'{"data": [{}]}'])
def test_a_source_of_which_nothing_can_be_read_leaves_nothing_behind(
    tmp_path: Path, form: str, content: bytes | None
) -> None:
    source = tmp_path / "source"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(DocumentError, match="source") as caught:
        import_set(form, source, tmp_path / "bundle")
    assert "\n" not in str(caught.value)
    assert set(tmp_path.iterdir()) <= {source}


def test_a_target_that_exists_is_left_alone(tmp_path: Path) -> None:
    source = write_source([DOCUMENT, QUESTION], tmp_path / "set.jsonl")
    bundle = import_set("jsonl", source, tmp_path / "bundle")
    with pytest.raises(ConfigError, match="exists already"):
        import_set("jsonl", source, bundle.folder)
    with pytest.raises(ConfigError, match="exists already"):
        export_set(bundle_collection(bundle), [], "squad", source)
    assert open_bundle(bundle.folder) == bundle


def test_a_form_that_is_not_known_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'csv' is not known; give one of squad, beir, jsonl"):
        import_set("csv", tmp_path, tmp_path / "bundle")


@pytest.mark.parametrize("content", [None, "{}", "[]", '{"format": 0}', '{"format": 1, "x": 2}'])
def test_a_folder_without_a_bundle_is_named(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "bundle.json").write_text(content)
    with pytest.raises(DocumentError, match="bundle"):
        open_bundle(tmp_path)


def test_what_squad_and_beir_cannot_say_is_told(tmp_path: Path) -> None:
    asked = QUESTION["question"]
    lines = [
        DOCUMENT,
        {"question": asked | {"query_id": "parts", "answers": [["5%"], ["2025"]]}},
        {"question": asked | {"query_id": "after", "history": ["Loans?"]}},
        {"question": asked | {"query_id": "elsewhere", "answers": [["six"]]}},
        {"question": asked | {"query_id": "none", "answerable": False, "answers": [], "evidence": []}},
    ]
    bundle = import_set("jsonl", write_source(lines, tmp_path / "set.jsonl"), tmp_path / "bundle")
    collection, questions = bundle_collection(bundle), list(questions_of(bundle).values())
    squad = export_set(collection, questions, "squad", tmp_path / "squad.json")
    assert [one.record_id for one in squad.left_out] == ["parts", "after", "elsewhere"]
    beir = export_set(collection, questions, "beir", tmp_path / "beir")
    assert [one.record_id for one in beir.left_out] == ["after", "none"]
    assert not export_set(collection, questions, "jsonl", tmp_path / "own.jsonl").left_out
