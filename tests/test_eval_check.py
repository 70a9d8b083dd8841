"""The check finds what makes a gold set wrong, and finds nothing in the gold set we ship."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from wfc_qa.config import load_settings
from wfc_qa.evaluation.check import check_gold, count_kinds
from wfc_qa.evaluation.check_balance import ANSWERABLE, UNANSWERABLE, check_balance
from wfc_qa.evaluation.check_leaks import hash_questions
from wfc_qa.evaluation.finding import Severity
from wfc_qa.evaluation.places import load_splits
from wfc_qa.reading.collection import Collection, read_collection
from wfc_qa.reading.metadata import Metadata
from wfc_qa.reading.records import Stated, make_record
from wfc_qa.types import GoldQuestion, Language, Place

DOCUMENTS = {
    "loans.zh": ["贷款余额为6.25万亿元，增长8%。", "存款余额为5.6万亿元。", "科技贷款见下文。"],
    "loans.en": ["Loans stood at 6.25 trillion yuan.", "Deposits stood at 5.6 trillion yuan."],
}
LOANS = GoldQuestion(
    query_id="a",
    text="贷款余额是多少？",
    language=Language.ZH,
    kind="figure",
    answerable=True,
    answers=(("6.25万亿元", "6.25 trillion yuan"),),
    figures=("6250000000000 yuan",),
    evidence=(Place("loans.zh", "6.25万亿元"), Place("loans.en", "6.25 trillion")),
)
DEPOSITS = replace(
    LOANS,
    query_id="b",
    text="How large were deposits at the year's end?",
    language=Language.EN,
    answers=(("5.6万亿元", "5.6 trillion yuan"),),
    figures=("5600000000000 yuan",),
    evidence=(Place("loans.zh", "5.6万亿元"), Place("loans.en", "5.6 trillion")),
)
NOWHERE = GoldQuestion(
    "c", "上海的呢？", Language.ZH, "near_miss_entity", False, note="Only Chongqing is told of."
)


def collection() -> Collection:
    records = [make_record(name, map(Stated, texts), Metadata()) for name, texts in DOCUMENTS.items()]
    return Collection(
        tuple(record.document for record in records),
        tuple(paragraph for record in records for paragraph in record.paragraphs),
    )


def found(splits: Mapping[str, Sequence[GoldQuestion]], severity: Severity = Severity.ERROR) -> list[str]:
    return [str(one) for one in check_gold(splits, collection()) if one.severity is severity]


def errors(*questions: GoldQuestion) -> list[str]:
    return found({"dev": questions})


def test_a_right_set_has_no_error() -> None:
    assert not found({"dev": [LOANS], "test": [DEPOSITS, NOWHERE]})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda q: replace(q, evidence=(Place("loans.zh", "7万亿"), *q.evidence)), "vanished"),
        (lambda q: replace(q, evidence=(*q.evidence, Place("gone", paragraph_id="gone:1"))), "vanished"),
        (lambda q: replace(q, evidence=(Place("loans.zh", "余额为"), *q.evidence)), "matches 2 paragraphs"),
        (lambda q: replace(q, evidence=(Place("loans.zh", "科技"), *q.evidence)), "holds no accepted answer"),
        (lambda q: replace(q, evidence=q.evidence[:1]), "'6.25 trillion yuan' (part 1) stands in no gold paragraph"),
        (lambda q: replace(q, answers=(*q.answers, ("9%",)), figures=(*q.figures, "9 %")), "(part 2) stands in no"),
        (lambda q: replace(q, figures=("6250000000 yuan",)), "declared as figure '6250000000 yuan'"),
        (lambda q: replace(q, evidence=()), "names no evidence"),
        (lambda q: replace(q, answers=(), figures=()), "accepts no answer"),
        (lambda q: replace(q, answerable=False), "cannot be answered, but accepts an answer"),
        (lambda q: replace(q, answerable=False), "evidence of grade 2"),
        (lambda q: replace(q, answerable=False), "no note says why"),
        (lambda q: replace(q, kind="followup"), "follow-up without history"),
        (lambda q: replace(q, history=("存款？",)), "has history and is no follow-up"),
        (lambda q: replace(q, kind="cross"), "evidence in its own language"),
    ],
)  # fmt: skip
def test_each_fault_of_a_question_is_an_error(
    change: Callable[[GoldQuestion], GoldQuestion], message: str
) -> None:
    assert [
        one
        for one in errors(change(LOANS), DEPOSITS, NOWHERE)
        if message in one and one.startswith("error: a ")
    ]


def test_a_ranking_question_needs_no_answer() -> None:
    assert not errors(replace(LOANS, kind="ranking", answers=(), figures=()))


def test_an_id_used_twice_is_an_error_across_splits_too() -> None:
    assert "id of an earlier" in found({"dev": [LOANS], "test": [replace(DEPOSITS, query_id="a")]})[0]


@pytest.mark.parametrize("text", ["贷款余额是多少？", "貸款余額，是多少", "贷款余额是 多少?"])
def test_the_same_question_is_a_duplicate_within_and_a_leak_across_splits(text: str) -> None:
    again = replace(LOANS, query_id="z", text=text)
    assert errors(LOANS, again) == ["error: z is a duplicate: it asks what a asks"]
    assert found({"dev": [LOANS], "test": [again]}) == ["error: z leaks from dev: test asks what a asks"]


def test_the_same_question_with_another_answer_is_a_contradiction() -> None:
    other = replace(DEPOSITS, query_id="z", text=LOANS.text)
    assert "error: z contradicts a: same question, other answer" in errors(LOANS, other)
    refused = replace(NOWHERE, query_id="z", text=LOANS.text)
    assert "error: z contradicts a: same question, other answer" in errors(LOANS, refused)


def test_a_question_nearly_the_same_leaks_across_splits_only() -> None:
    near = replace(DEPOSITS, query_id="z", text="How large were the deposits at the year's end?")
    assert not errors(DEPOSITS, near)
    [message] = found({"dev": [DEPOSITS], "test": [near]})
    assert "leaks from dev: test asks nearly what b asks" in message


def test_a_follow_up_is_the_same_only_after_the_same_questions() -> None:
    def after(name: str, turn: str) -> GoldQuestion:
        return replace(NOWHERE, query_id=name, kind="followup", history=(turn,))

    assert not found({"dev": [after("x", "重庆的贷款余额？")], "test": [after("y", "法官有多少？")]})
    assert len(found({"dev": [after("x", "重庆的贷款余额？")], "test": [after("y", "重庆的貸款余额")]})) == 1


def test_a_file_of_two_splits_is_an_error() -> None:
    assert "mixes questions of the splits dev, test" in errors(LOANS, replace(DEPOSITS, split="test"))[0]


def test_paragraphs_that_prove_and_are_not_listed_and_documents_without_questions_are_warnings() -> None:
    question = replace(
        LOANS, answers=(("6.25 trillion yuan", "6.25万亿元"),), evidence=(Place("loans.zh", "6.25万亿元"),)
    )
    warnings = found({"dev": [question]}, Severity.WARNING)
    assert any("paragraph loans.en:" in one and "not listed" in one for one in warnings)
    assert any("no question is about document loans.en" in one for one in warnings)


def balanced() -> list[GoldQuestion]:
    kinds = [*sorted(ANSWERABLE) * 6, *["followup"] * 60, *sorted(UNANSWERABLE) * 8]
    return [
        replace(
            LOANS,
            query_id=f"{number}",
            kind=kind,
            language=list(Language)[number % 2],
            answerable=kind not in UNANSWERABLE,
        )
        for number, kind in enumerate(kinds)
    ]


def test_a_balanced_set_has_no_warning() -> None:
    assert not list(check_balance(balanced()))


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        (lambda q: q.language is Language.ZH, "100% of the questions are zh"),
        (lambda q: q.answerable, "0% of the questions are unanswerable, under 25%"),
        (
            lambda q: not q.kind.startswith(("near", "false")),
            "0 of 16 unanswerable questions are near misses",
        ),
        (lambda q: q.kind != "followup", "0 questions are follow-ups, fewer than 60"),
        (lambda q: q.kind != "conflict", "no question is of kind conflict"),
    ],
)
def test_each_imbalance_is_a_warning(kept: Callable[[GoldQuestion], bool], message: str) -> None:
    told = [finding.message for finding in check_balance([one for one in balanced() if kept(one)])]
    assert [one for one in told if message in one]


def test_the_table_counts_every_question_once() -> None:
    table = count_kinds({"dev": [LOANS], "test": [DEPOSITS, NOWHERE]}).splitlines()
    assert table[0].split() == ["kind", "dev", "zh", "dev", "en", "test", "zh", "test", "en", "all"]
    assert table[1].split() == ["figure", "1", "0", "0", "1", "2"]
    assert table[-1].split() == ["all", "1", "0", "1", "1", "3"]


def test_the_gold_set_we_ship_has_no_error_and_its_splits_share_no_question() -> None:
    splits = load_splits([])
    findings = check_gold(splits, read_collection(load_settings().documents_dir))
    assert not [str(one) for one in findings if one.severity is Severity.ERROR]
    assert set(splits) == {"dev", "test"}
    assert not hash_questions(splits["dev"]) & hash_questions(splits["test"])
