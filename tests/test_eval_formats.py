"""Data sets as they are found: SQuAD 1.1 and 2.0, CMRC 2018 in both shapes, DRCD, BEIR; and TREC out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import ir_measures
import pytest

from report_support import make_run
from wfc_qa.errors import StorageError
from wfc_qa.evaluation.bundle import PROBLEMS_FILE, Bundle, bundle_collection, export_set, import_set
from wfc_qa.evaluation.formats.trec import write_trec_qrels, write_trec_run
from wfc_qa.evaluation.gold import is_right, load_gold
from wfc_qa.evaluation.ranking import find_proofs, is_ranked
from wfc_qa.evaluation.record import Ranked, Run
from wfc_qa.types import GoldQuestion, Language


def imported(
    tmp_path: Path, data: Any, form: str = "squad"
) -> tuple[Bundle, list[GoldQuestion], list[dict[str, str]]]:
    source = tmp_path / "set.json"
    source.write_text(json.dumps(data), "utf-8")
    bundle = import_set(form, source, tmp_path / "bundle")
    lines = (bundle.folder / PROBLEMS_FILE).read_text("utf-8").splitlines()
    return bundle, load_gold(bundle.folder / "questions.jsonl")[0], [json.loads(line) for line in lines]


def qa(query_id: str, question: str, *answers: str, **other: Any) -> dict[str, Any]:
    listed = [{"text": answer, "answer_start": 0} for answer in answers]
    return {"id": query_id, "question": question, "answers": listed} | other


def article(*contexts: tuple[str, list[dict[str, Any]]], **other: Any) -> dict[str, Any]:
    return {
        "title": "Super_Bowl_50",
        "paragraphs": [{"context": text, "qas": qas} for text, qas in contexts],
    } | other


def test_squad_reads_an_article_as_a_document_and_contexts_as_paragraphs(tmp_path: Path) -> None:
    own = [qa("1", "Who won?", "Denver", "Denver", "the Broncos"), qa("2", "谁赢了？", "Broncos")]
    bundle, (first, second), problems = imported(
        tmp_path, {"data": [article(("Denver won: the Broncos.", own), ("It was Super Bowl 50.", []))]}
    )
    [document] = bundle_collection(bundle).documents
    assert (document.doc_id, document.title) == ("Super_Bowl_50".replace("_", "-"), "Super Bowl 50")
    assert (first.answers, first.answerable, first.kind) == ((("Denver", "the Broncos"),), True, "span")
    assert (first.language, second.language) == (Language.EN, Language.ZH)
    assert [place.paragraph_id for place in first.evidence] == [
        bundle_collection(bundle).paragraphs[0].paragraph_id
    ]
    assert not problems


def test_squad_2_keeps_the_context_of_an_impossible_question_as_near_but_no_proof(tmp_path: Path) -> None:
    asked = qa("1", "Who lost in 2049?", is_impossible=True, plausible_answers=[{"text": "Denver"}])
    _, [question], problems = imported(tmp_path, {"data": [article(("Denver won.", [asked]))]})
    assert (question.answerable, question.answers) == (False, ())
    assert [place.grade for place in question.evidence] == [1]
    assert not problems


def test_a_context_keeps_its_line_breaks_and_answers_are_found_across_them(tmp_path: Path) -> None:
    data = {
        "data": [
            article(
                (
                    "  重庆\r\n银行\u2028贷款 5% \u0000",
                    [qa("1", "哪家？", "重庆银行"), qa("2", "多少？", "5%")],
                )
            )
        ]
    }
    bundle, questions, problems = imported(tmp_path, data)
    [paragraph] = bundle_collection(bundle).paragraphs
    assert paragraph.text == "重庆\n银行\n贷款 5%"
    assert all(is_right(question, paragraph.text) for question in questions)
    assert (len(questions), problems) == (2, [])


def test_an_offset_that_differs_does_not_matter_and_is_right_on_the_way_out(tmp_path: Path) -> None:
    asked = {"id": "1", "question": "Who?", "answers": [{"text": "Denver", "answer_start": 77}]}
    bundle, questions, problems = imported(tmp_path, {"data": [article(("In 2016 Denver won.", [asked]))]})
    target = tmp_path / "out.json"
    export_set(bundle_collection(bundle), questions, "squad", target)
    [out] = json.loads(target.read_text("utf-8"))["data"][0]["paragraphs"][0]["qas"]
    assert out["answers"] == [{"text": "Denver", "answer_start": 8}]
    assert not problems


def test_answers_that_do_not_stand_in_their_context_are_left_out_and_told(tmp_path: Path) -> None:
    asked = [
        qa("1", "Who?", "Denver", "Dallas"),
        qa("2", "Who?", "Dallas"),
        qa("3", "How many?", "5"),
        qa("4", "Who?"),
    ]
    _, questions, problems = imported(tmp_path, {"data": [article(("Denver won 50 times.", asked))]})
    assert [(one.query_id, one.answers) for one in questions] == [("1", (("Denver",),))]
    assert [row["id"] for row in problems] == ["1", "2", "3", "4"]
    assert [row["place"].rpartition(" ")[2] for row in problems] == ["1", "2", "3", "4"]


def test_a_context_said_twice_proves_in_both_places(tmp_path: Path) -> None:
    contexts = [("Denver won.", []), ("Other.", []), ("Denver won.", [qa("1", "Who?", "Denver")])]
    bundle, [question], _ = imported(tmp_path, {"data": [article(*contexts)]})
    twins = {one.paragraph_id for one in bundle_collection(bundle).paragraphs if one.text == "Denver won."}
    assert {place.paragraph_id for place in question.evidence} == twins
    assert len(twins) == 2


def test_articles_of_one_title_are_documents_of_their_own(tmp_path: Path) -> None:
    data = {"data": [article((f"Text {name}.", [qa(name, "Who?", name)])) for name in "abc"]}
    bundle, _, problems = imported(tmp_path, data)
    names = [document.doc_id for document in bundle_collection(bundle).documents]
    assert (names, problems) == (["Super-Bowl-50", "Super-Bowl-50-2", "Super-Bowl-50-3"], [])


def test_every_record_that_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    good = ("Denver won.", [qa("1", "Who?", "Denver")])
    half = ("Half \ud800.", [qa("2", "Who?", "Half"), qa("3", "Who?", "Half")])
    asked = [
        qa("", "Who?", "Dallas"),
        qa("4", " ", "Dallas"),
        qa("1", "Who?", "Dallas"),
        "five",
        qa("6", None, "Dallas"),
    ]
    data = {
        "data": [article(good, half, ("", [])), 7, article(title=3.5, id=[]), article(("Dallas.", asked))]
    }
    bundle, questions, problems = imported(tmp_path, data)
    assert [one.query_id for one in questions] == ["1"]
    assert [row["place"] for row in problems] == [
        "article 1 paragraph 2",
        "article 1 paragraph 2 question 1",
        "article 1 paragraph 2 question 2",
        "article 1 paragraph 3",
        "article 2",
        "article 3",
        *(f"article 4 paragraph 1 question {number}" for number in range(1, 6)),
    ]
    assert bundle.counts["left_out"] == len(problems)


def test_cmrc_is_read_in_both_its_shapes(tmp_path: Path) -> None:
    text, asked = "范廷颂是越南罗马天主教枢机。", ("DEV_0_QUERY_0", "范廷颂是何国人？", "越南")
    nested = {"context": text, "id": "DEV_0", "qas": [qa(*asked)]}
    flat = {
        "context_id": "DEV_0",
        "context_text": text,
        "title": "范廷颂",
        "qas": [{"query_id": asked[0], "query_text": asked[1], "answers": [asked[2], asked[2]]}],
    }
    results = []
    for name, data in (
        ("nested", {"data": [{"id": "DEV_0", "title": "范廷颂", "paragraphs": [nested]}]}),
        ("flat", [flat]),
    ):
        folder = tmp_path / name
        folder.mkdir()
        bundle, questions, problems = imported(folder, data)
        results.append((questions, bundle_collection(bundle).documents, problems))
    assert results[0] == results[1]
    assert results[0][0][0].answers == (("越南",),)


def test_drcd_keeps_its_traditional_characters(tmp_path: Path) -> None:
    asked = [qa("1001-10-1", "廣州的快速公交運輸系統在多久開通？", "2010年2月10日")]
    data = {
        "version": "1.3",
        "data": [article(("廣州快速公交運輸系統於2010年2月10日開通。", asked), title="廣州", id="1001")],
    }
    bundle, [question], _ = imported(tmp_path, data)
    assert bundle_collection(bundle).documents[0].doc_id == "1001"
    assert question.text == "廣州的快速公交運輸系統在多久開通？"
    assert is_right(question, "2010 年 2 月 10 日")


def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": "d 1", "title": "A", "text": "Loans."},
        {"_id": "d2", "title": "Only a title", "text": ""},
    ]
    corpus += [{"_id": "d3", "text": " "}, {"_id": "d2", "title": "", "text": "Again."}]
    queries = [
        {"_id": "q1", "text": "loans?"},
        {"_id": "q2", "text": "unjudged?"},
        {"_id": "q3", "text": "lost?"},
    ]
    queries += [{"_id": "q5", "text": "title?"}]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    lines = [
        "query-id\tcorpus-id\tscore",
        "q1\td 1\t1",
        "q1\td2\t0",
        "q3\td9\t1",
        "q4\td2\t1",
        "q5\td2\t3",
        "bad",
    ]
    (folder / "qrels" / "test.tsv").write_text("\n".join(lines))
    (folder / "qrels" / "dev.tsv").write_text("q5\td 1\t1\n")
    return folder


def test_beir_questions_are_judged_by_their_ranking_only(tmp_path: Path) -> None:
    bundle = import_set("beir", beir(tmp_path), tmp_path / "bundle")
    questions = {one.query_id: one for one in load_gold(bundle.folder / "questions.jsonl")[0]}
    documents = {one.doc_id: one for one in bundle_collection(bundle).documents}
    assert {name: one.text for name, one in documents.items()} == {"d 1": "Loans.", "d2": "Only a title"}
    assert {
        name: {place.doc_id: place.grade for place in one.evidence} for name, one in questions.items()
    } == {
        "q1": {"d 1": 1},
        "q5": {"d2": 3, "d 1": 1},
    }
    assert {name: one.split for name, one in questions.items()} == {"q1": "test", "q5": "dev"}
    assert all(one.answerable and not one.answers and one.kind == "ranking" for one in questions.values())


def test_beir_judgements_in_a_file_of_another_name_are_of_the_split_dev(tmp_path: Path) -> None:
    folder = beir(tmp_path)
    (folder / "qrels" / "dev.tsv").rename(folder / "qrels" / "heldout.tsv")
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "train.tsv")
    bundle = import_set("beir", folder, tmp_path / "bundle")
    questions, _ = load_gold(bundle.folder / "questions.jsonl")
    assert {one.query_id: one.split for one in questions} == {"q1": "train", "q5": "dev"}


def test_beir_tells_every_line_left_out(tmp_path: Path) -> None:
    bundle = import_set("beir", beir(tmp_path), tmp_path / "bundle")
    rows = [json.loads(line) for line in (bundle.folder / PROBLEMS_FILE).read_text("utf-8").splitlines()]
    assert [(row["place"], row["id"]) for row in rows] == [
        ("corpus.jsonl line 3", "d3"),
        ("corpus.jsonl line 4", "d2"),
        ("qrels/test.tsv line 4", "q3"),
        ("qrels/test.tsv line 7", "bad"),
        ("queries.jsonl line 2", "q2"),
        ("queries.jsonl line 3", "q3"),
        ("qrels", "q4"),
    ]


def spaced(run: Run) -> Run:
    """With a blank in its ids, and hits of one score whose order is that of no tool's own."""

    def hits(outcome: Any) -> tuple[Ranked, ...]:
        return tuple(Ranked(f"{hit.paragraph_id} x", 0.5) for hit in reversed(outcome.hits))

    outcomes = [
        replace(one, hits=hits(one), qrels={f"{name} x": grade for name, grade in one.qrels.items()})
        for one in run.outcomes
    ]
    return replace(run, outcomes=tuple(outcomes))


@pytest.mark.parametrize("run", [make_run(), spaced(make_run())], ids=["plain", "spaced"])
def test_trec_files_read_back_in_our_order_with_our_grades(tmp_path: Path, run: Run) -> None:
    write_trec_run(run, tmp_path / "run.txt")
    write_trec_qrels(run, tmp_path / "qrels.txt")
    hits = list(ir_measures.read_trec_run(str(tmp_path / "run.txt")))
    qrels = list(ir_measures.read_trec_qrels(str(tmp_path / "qrels.txt")))
    for question, outcome in zip(run.questions, run.outcomes, strict=True):
        ours = [hit.paragraph_id.replace(" ", "%20") for hit in outcome.hits]
        theirs = sorted((hit for hit in hits if hit.query_id == outcome.query_id), key=lambda hit: -hit.score)
        assert [hit.doc_id for hit in theirs] == ours
        assert len({hit.score for hit in theirs}) == len(ours)
        judged = {one.doc_id: one.relevance for one in qrels if one.query_id == outcome.query_id}
        wanted = {name.replace(" ", "%20"): grade for name, grade in outcome.qrels.items()}
        assert judged == (wanted if is_ranked(question, outcome) else {})
        assert set(find_proofs(outcome)) <= set(outcome.qrels)
    assert hits
    assert qrels


def test_trec_files_make_their_folder_and_are_whole_or_not_at_all(tmp_path: Path) -> None:
    run, folder = make_run(), tmp_path / "made" / "for" / "them"
    write_trec_run(run, folder / "run.trec")
    write_trec_qrels(run, folder / "qrels.trec")
    before = (folder / "run.trec").read_bytes()
    broken = replace(run, outcomes=(*run.outcomes[:-1], replace(run.outcomes[-1], hits=(None,))))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        write_trec_run(broken, folder / "run.trec")
    assert (folder / "run.trec").read_bytes() == before
    (folder / "taken").mkdir()
    with pytest.raises(StorageError, match=r"taken cannot be written: .*; free space or give another folder"):
        write_trec_run(run, folder / "taken")
    assert sorted(path.name for path in folder.iterdir()) == ["qrels.trec", "run.trec", "taken"]
