"""A file of many documents, one a line of JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.errors import DocumentError
from wfc_qa.reading.metadata import parse_metadata
from wfc_qa.reading.records import Stated, make_record, parse_object, read_record, read_records, write_record

NAMES = st.text(alphabet="银行Loan 1.-", min_size=1).filter(str.strip)
TEXTS = st.text(alphabet="银行贷款ab1 。\t\r\n\u2028\x00", max_size=40).map(lambda text: f"款{text}")
PARAGRAPHS = st.lists(
    st.builds(Stated, TEXTS, st.lists(NAMES, max_size=3).map(tuple)), min_size=1, max_size=8
)
GOOD = {"doc_id": "a", "paragraphs": ["Green loans grew.", {"text": "Deposits fell.", "headings": ["Money"]}]}


@given(NAMES, PARAGRAPHS)
def test_paragraphs_stay_as_many_and_spans_are_exact(title: str, paragraphs: list[Stated]) -> None:
    record = make_record("d", paragraphs, parse_metadata({"title": title}))
    assert len(record.paragraphs) == len(paragraphs)
    assert len({one.paragraph_id for one in record.paragraphs}) == len(paragraphs)
    for ordinal, (stated, laid) in enumerate(zip(paragraphs, record.paragraphs, strict=True), 1):
        assert laid.ordinal == ordinal
        assert laid.span.of(record.document.text) == laid.text
        assert "".join(laid.text.split()) == "".join(stated.text.replace("\0", "").split())
        assert laid.headings == tuple(" ".join(heading.split()) for heading in stated.headings)
        assert all(heading in record.document.text[: laid.span.start] for heading in laid.headings)


@given(NAMES, PARAGRAPHS, st.dates())
def test_a_record_that_was_written_reads_back_the_same(
    title: str, paragraphs: list[Stated], day: object
) -> None:
    stated = {"title": title, "publisher": "p", "source": "s", "published": day, "language": "en"}
    record = make_record("d", paragraphs, parse_metadata(stated))
    assert read_record(parse_object(write_record(record).encode())) == record


def test_bad_lines_are_problems_by_number_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [
        json.dumps(GOOD),
        "",
        "{not json",
        "[1]",
        json.dumps({"doc_id": "b"}),
        json.dumps({"doc_id": "c", "paragraphs": ["x", " \n "]}),
        json.dumps({"paragraphs": ["x"]}),
        json.dumps({"doc_id": "d", "paragraphs": ["half \ud800"]}),
        json.dumps({"doc_id": "e", "paragraphs": ["x"], "published": "someday"}),
        json.dumps({"doc_id": "f", "paragraphs": [7]}),
        json.dumps({"doc_id": "g", "paragraphs": ["。"]}),
        json.dumps(GOOD),
        json.dumps({"doc_id": "h", "paragraphs": ["最后"]}),
    ]
    path = tmp_path / "documents.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    collection = read_records(path)
    assert [document.doc_id for document in collection.documents] == ["a", "h"]
    told = [problem.message for problem in collection.problems]
    assert [message.split()[2] for message in told] == [str(number) for number in range(3, 13)]
    reasons = [
        "no JSON",
        "no JSON object",
        "no list",
        "empty (number 2)",
        "no doc_id",
        "surrogate",
        "no date",
    ]
    reasons += ["neither text", "no text", "earlier document"]
    for message, reason in zip(told, reasons, strict=True):
        assert reason in message
        assert "\n" not in message


@pytest.mark.parametrize("text", [None, "", "nothing\n"])
def test_a_file_of_which_nothing_can_be_read_is_named_in_one_line(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "documents.jsonl"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DocumentError, match=r"documents\.jsonl") as caught:
        read_records(path)
    assert "\n" not in str(caught.value)
