"""The form of our own: a JSONL file whose lines are documents and questions (docs/data-sets.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from ...errors import DocumentError
from ...reading.collection import Collection
from ...reading.records import (
    Record,
    clean_text,
    one_line,
    parse_object,
    read_lines,
    read_record,
    text_of,
    write_record,
)
from ...text.language import detect_language
from ...types import GoldQuestion, Paragraph
from ..gold import read_question, write_question
from .item import RANKING, SPAN, Flaw, Item, listed, mapped, write_lines

Held = dict[str, tuple[Paragraph, ...]]


def read_jsonl(source: Path) -> Iterator[Item]:
    """Documents first, then questions, wherever their lines stand."""
    held: Held = {}
    for number, line in read_lines(source):
        item = _read_document(f"line {number}", line)
        if item and isinstance(item.found, Record):
            held.setdefault(item.found.document.doc_id, item.found.paragraphs)
        if item:
            yield item
    for number, line in read_lines(source):
        if item := _read_asked(f"line {number}", line, held):
            yield item


def write_jsonl(collection: Collection, questions: Sequence[GoldQuestion], target: Path) -> list[Flaw]:
    """Write ``target``; nothing is left out."""
    held = {doc_id: tuple(own) for doc_id, own in groupby(collection.paragraphs, attrgetter("doc_id"))}

    def lines() -> Iterator[str]:
        for document in collection.documents:
            yield f'{{"document": {write_record(Record(document, held[document.doc_id]))}}}'
        for question in questions:
            yield f'{{"question": {write_question(question)}}}'

    write_lines(target, lines())
    return []


def _read_document(place: str, line: bytes) -> Item | None:
    """``None`` for a question; what is neither is told of here."""
    doc_id = ""
    try:
        data = parse_object(line)
        if "question" in data and "document" not in data:
            return None
        if "document" not in data or "question" in data:
            raise DocumentError("is not one of a document and a question")
        stated = mapped(data["document"])
        doc_id = one_line(text_of(stated, "doc_id"))
        return Item(place, read_record(stated))
    except DocumentError as error:
        return Item(place, Flaw(doc_id, str(error)))


def _read_asked(place: str, line: bytes, held: Held) -> Item | None:
    """``None`` for a document and for what ``_read_document`` told of."""
    query_id = ""
    try:
        data = parse_object(line)
    except DocumentError:
        return None
    if "question" not in data or "document" in data:
        return None
    try:
        stated = mapped(data["question"])
        query_id = one_line(text_of(stated, "query_id"))
        return Item(place, _question(stated, query_id, held))
    except (DocumentError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        return Item(place, Flaw(query_id, reason))


def _question(stated: Mapping[str, Any], query_id: str, held: Held) -> GoldQuestion:
    """The question with what it may leave out, and its evidence by paragraph id."""
    text = one_line(text_of(stated, "text"))
    if not query_id or not any(char.isalnum() for char in text):
        raise DocumentError("has no query_id" if not query_id else "asks nothing")
    answers = [
        [clean_text(str(wording)).strip() for wording in listed(part, "parts of answers")]
        for part in listed(stated.get("answers"), "answers")
    ]
    if not all(part and all(part) for part in answers):
        raise DocumentError("has an answer that is empty")
    evidence = [_place(mapped(place), held) for place in listed(stated.get("evidence"), "evidence")]
    if stated.get("answerable") is True and not answers and not evidence:
        raise DocumentError("is answerable, but has neither answers nor evidence")
    kind = SPAN if answers or not stated.get("answerable") else RANKING
    clean = {
        "query_id": query_id,
        "text": text,
        "language": stated.get("language") or detect_language(text).value,
        "kind": one_line(text_of(stated, "kind")) or kind,
        "answerable": stated.get("answerable"),
        "answers": answers,
        "figures": [one_line(str(figure)) for figure in listed(stated.get("figures"), "figures")],
        "evidence": evidence,
        "history": [one_line(str(turn)) for turn in listed(stated.get("history"), "turns of history")],
        "split": one_line(text_of(stated, "split")) or "dev",
        "note": one_line(text_of(stated, "note")),
    }
    return read_question(clean)


def _place(stated: Mapping[str, Any], held: Held) -> dict[str, Any]:
    doc_id = one_line(text_of(stated, "doc_id"))
    if doc_id not in held:
        raise DocumentError(f"has evidence in {doc_id!r}, which is no document that can be read")
    number, name = stated.get("paragraph"), text_of(stated, "paragraph_id")
    contains = text_of(stated, "contains").strip()
    found = [
        paragraph
        for paragraph in held[doc_id]
        if paragraph.ordinal == number
        or paragraph.paragraph_id == name
        or (contains and contains in paragraph.text)
    ]
    if len(found) != 1:
        told = f"paragraph {number}" if number is not None else repr((contains or name)[:60])
        raise DocumentError(f"has evidence {told}, which is {len(found)} paragraphs of {doc_id}")
    grade = stated.get("grade", 2)
    if not isinstance(grade, int) or grade < 1:
        raise DocumentError(f"has evidence of grade {grade!r}; 1 or more is wanted")
    return {
        "doc_id": doc_id,
        "grade": grade,
        "paragraph_id": found[0].paragraph_id,
    }
