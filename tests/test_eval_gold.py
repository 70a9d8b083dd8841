"""Gold questions are read strictly, written back whole, and judged by their parts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.errors import DocumentError
from wfc_qa.evaluation.gold import (
    canonical_figure,
    is_right,
    load_gold,
    meets,
    read_question,
    resolve,
    states,
    write_question,
)
from wfc_qa.types import GoldQuestion, Language, Paragraph, Place, Span

WORDING = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12)
PLACE = st.builds(
    Place, WORDING, contains=WORDING, grade=st.sampled_from([1, 2]), paragraph_id=st.just("") | WORDING
)
QUESTION = st.builds(
    lambda name, text, language, parts, places, history: GoldQuestion(
        name,
        text,
        language,
        "fact",
        bool(parts),
        parts,
        tuple(canonical_figure(part) for part in parts),
        places,
        history,
        "dev",
        "why",
    ),
    WORDING,
    WORDING,
    st.sampled_from(Language),
    st.lists(st.lists(WORDING, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    st.lists(PLACE, max_size=3).map(tuple),
    st.lists(WORDING, max_size=3).map(tuple),
)


def question(**changes: Any) -> dict[str, Any]:
    return {
        "query_id": "q1",
        "text": "2023年末重庆的存款和贷款各是多少？",
        "language": "zh",
        "kind": "comparison",
        "answerable": True,
        "answers": [["5.36万亿元", "5.36 trillion yuan"], ["5.67万亿元"]],
        "evidence": [{"doc_id": "d", "contains": "存款余额"}],
    } | changes


@given(QUESTION)
def test_a_question_survives_being_written_and_read(gold: GoldQuestion) -> None:
    assert read_question(json.loads(write_question(gold))) == gold


def test_an_answer_is_right_only_when_it_meets_every_part() -> None:
    gold = read_question(question())
    assert meets(gold, "存款余额5.36万亿元") == (True, False)
    assert not is_right(gold, "存款余额5.36万亿元")
    assert is_right(gold, "存款余额5.36万亿元，贷款余额 5.67 万亿元。")
    assert is_right(gold, "Deposits were 5.36 trillion yuan; 贷款５.６７万亿元")


@pytest.mark.parametrize("said", ["15.36万亿元", "5.361万亿元", "5.36亿元", ""])
def test_a_part_of_a_longer_number_is_no_answer(said: str) -> None:
    assert not any(meets(read_question(question()), said))


def test_an_unanswerable_question_has_no_right_answer() -> None:
    gold = read_question(question(answerable=False, answers=[], evidence=[]))
    assert not is_right(gold, "5.36万亿元")


@pytest.mark.parametrize(
    ("wordings", "canonical"),
    [
        (("8.9万亿元", "8.9 trillion yuan", "89,000亿元"), "8900000000000 yuan"),
        (("15.8%", "百分之十五点八"), "15.8 percent"),
        (("32.77万标箱", "327,700 TEU"), "327700 teu"),
        (("8.9万亿元", "8.8 trillion yuan"), ""),
        (("in Chongqing",), ""),
        (("2025年6月30日",), ""),
        (("up 8.3% to 6.25 trillion yuan",), ""),
    ],
)
def test_wordings_of_one_figure_have_one_canonical_form(wordings: tuple[str, ...], canonical: str) -> None:
    assert canonical_figure(wordings) == canonical


def test_a_figure_is_stated_at_any_scale_and_in_either_language() -> None:
    gold = read_question(question(answers=[["8.9万亿元"]]))
    assert states(gold, "assets of 8.9 trillion yuan") == (True,)
    assert states(gold, "89000亿元") == (True,)
    assert states(gold, "8.9亿元") == (False,)


def test_evidence_is_found_by_words_or_by_id_at_its_best_grade() -> None:
    paragraphs = [
        Paragraph(f"d:{n}", "d", n, Span(0, 9), text) for n, text in enumerate(["甲存款余额", "乙", "丙"], 1)
    ]
    places = [
        {"doc_id": "d", "contains": "存款", "grade": 1},
        {"doc_id": "d", "contains": "余额", "grade": 2},
        {"doc_id": "d", "paragraph_id": "d:3", "grade": 1},
        {"doc_id": "elsewhere", "contains": "乙"},
    ]
    assert resolve(read_question(question(evidence=places)), {"d": paragraphs}) == {"d:1": 2, "d:3": 1}


@pytest.mark.parametrize(
    "broken",
    [
        question(language="fr"),
        question(answers="5.36"),
        question(answers=["5.36"]),
        question(answerable=None),
        question(figures=["1 yuan"]),
        question(evidence=[{"doc_id": "d"}]),
        question(query_id=" "),
        question(text="\u3000"),
        question(split="validation"),
        question(split=""),
        {"query_id": "q1"},
    ],
    ids=[
        "language",
        "answers",
        "part",
        "answerable",
        "figures",
        "place",
        "id",
        "text",
        "split",
        "no split",
        "fields",
    ],
)
def test_a_line_that_is_no_gold_question_is_named(tmp_path: Path, broken: dict[str, Any]) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{json.dumps(question())}\n{json.dumps(broken)}\n", "utf-8")
    with pytest.raises(DocumentError, match=r"gold\.jsonl line 2 is no gold question .*; mend the line"):
        load_gold(path)


def test_an_id_given_twice_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    rows = [question(), question(query_id="q2"), question(text="贷款呢？")]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    with pytest.raises(DocumentError, match=r"line 3 is no gold question \(query_id 'q1' is an earlier"):
        load_gold(path)
    path.write_text("\n".join(map(json.dumps, rows[:2])), "utf-8")
    assert [one.query_id for one in load_gold(path)[0]] == ["q1", "q2"]


def test_json_nested_without_end_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{json.dumps(question())}\n{'[' * 200_000}\n", "utf-8")
    with pytest.raises(DocumentError, match=r"gold\.jsonl line 2 is no gold question"):
        load_gold(path)


@pytest.mark.parametrize("split", ["dev", "train", "test"])
def test_a_question_keeps_its_split_and_is_for_fitting_where_it_names_none(split: str) -> None:
    assert read_question(question(split=split)).split == split
    assert read_question(question()).split == "dev"


def test_a_file_without_questions_or_without_a_file_names_the_mend(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    for name in ("empty.jsonl", "absent.jsonl"):
        with pytest.raises(DocumentError, match="give another --questions"):
            load_gold(tmp_path / name)
