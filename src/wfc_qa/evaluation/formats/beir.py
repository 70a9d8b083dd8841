"""BEIR: a folder of corpus.jsonl, queries.jsonl and qrels/<split>.tsv. It holds no answers: only ranking is measured.

A corpus entry is a document of one paragraph.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from ...errors import DocumentError
from ...reading.collection import Collection
from ...reading.metadata import Metadata
from ...reading.records import Record, Stated, make_record, one_line, parse_object, read_lines, text_of
from ...types import GoldQuestion, Place
from ..gold import SPLITS, resolve
from .item import RANKING, Flaw, Item, make_question, write_lines

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels"
HEADER = "query-id\tcorpus-id\tscore"


def read_beir(source: Path) -> Iterator[Item]:
    """Documents, then the questions that are judged. Raises DocumentError when a file is missing."""
    judged = sorted((source / QRELS).glob("*.tsv"))
    if not judged:
        raise DocumentError(f"{source} has no {QRELS}/*.tsv; give a folder in the form of BEIR")
    paragraphs: dict[str, str] = {}
    for number, line in read_lines(source / CORPUS):
        item = _read_entry(f"{CORPUS} line {number}", line)
        if isinstance(item.found, Record):
            [paragraph] = item.found.paragraphs
            paragraphs.setdefault(paragraph.doc_id, paragraph.paragraph_id)
        yield item
    judgements: dict[str, _Judged] = {}
    for path in judged:
        yield from _read_qrels(path, paragraphs, judgements)
    asked: set[str] = set()
    for number, line in read_lines(source / QUERIES):
        query_id, item = _read_query(f"{QUERIES} line {number}", line, judgements)
        asked.add(query_id)
        yield item
    for query_id in judgements:
        if query_id not in asked:
            yield Item(
                QRELS, Flaw(query_id, f"is judged, but {QUERIES} holds no such query that can be read")
            )


def write_beir(collection: Collection, questions: Sequence[GoldQuestion], target: Path) -> list[Flaw]:
    """Write the folder ``target``: a paragraph is a corpus entry, named by its document where that has no other.

    Return the questions that the form cannot say.
    """
    held = {doc_id: tuple(own) for doc_id, own in groupby(collection.paragraphs, attrgetter("doc_id"))}
    sizes = Counter(paragraph.doc_id for paragraph in collection.paragraphs)
    titles = {document.doc_id: document.title for document in collection.documents}
    names = {
        one.paragraph_id: one.doc_id if sizes[one.doc_id] == 1 else one.paragraph_id
        for one in collection.paragraphs
    }
    corpus = (
        {"_id": names[one.paragraph_id], "title": titles[one.doc_id], "text": one.text}
        for one in collection.paragraphs
    )
    queries, left_out = list[dict[str, str]](), list[Flaw]()
    qrels: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        grades = resolve(question, held) if question.answerable else {}
        if question.history or not grades:
            reason = "follows another question" if question.history else "has no paragraph that proves it"
            left_out.append(Flaw(question.query_id, f"{reason}, which BEIR cannot say"))
            continue
        queries.append({"_id": question.query_id, "text": question.text})
        qrels[question.split] += [
            f"{question.query_id}\t{names[name]}\t{grade}" for name, grade in grades.items()
        ]
    (target / QRELS).mkdir(parents=True)
    write_lines(target / CORPUS, (json.dumps(entry, ensure_ascii=False) for entry in corpus))
    write_lines(target / QUERIES, (json.dumps(query, ensure_ascii=False) for query in queries))
    for split, lines in qrels.items():
        write_lines(target / QRELS / f"{split}.tsv", [HEADER, *lines])
    return left_out


@dataclass(slots=True)
class _Judged:
    """The evidence of a query; ``split`` is the first file that judges it, "dev" where that is named otherwise."""

    split: str
    places: dict[str, Place] = field(default_factory=dict)


def _read_entry(place: str, line: bytes) -> Item:
    doc_id = ""
    try:
        data = parse_object(line)
        doc_id, title = one_line(text_of(data, "_id")), text_of(data, "title")
        text = text_of(data, "text")
        # Some corpora hold entries that are no more than a title.
        return Item(
            place, make_record(doc_id, [Stated(text if text.strip() else title)], Metadata(title=title))
        )
    except DocumentError as error:
        return Item(place, Flaw(doc_id, str(error)))


def _read_qrels(path: Path, paragraphs: dict[str, str], judgements: dict[str, _Judged]) -> Iterator[Item]:
    """Fill ``judgements``; yield the lines left out."""
    for number, line in read_lines(path):
        fields = line.decode("utf-8", "replace").rstrip("\r\n").split("\t")
        if number == 1 and not fields[-1].strip().isdecimal():
            continue
        place = f"{QRELS}/{path.name} line {number}"
        try:
            query_id, doc_id, grade = one_line(fields[0]), one_line(fields[1]), int(fields[2])
        except (IndexError, ValueError, DocumentError):
            yield Item(place, Flaw(fields[0], "is no query, document and score"))
            continue
        judged = judgements.setdefault(query_id, _Judged(path.stem if path.stem in SPLITS else "dev"))
        if doc_id not in paragraphs:
            yield Item(place, Flaw(query_id, f"judges {doc_id}, which {CORPUS} does not hold"))
        elif grade > 0:
            judged.places[doc_id] = Place(doc_id, grade=grade, paragraph_id=paragraphs[doc_id])


def _read_query(place: str, line: bytes, judgements: dict[str, _Judged]) -> tuple[str, Item]:
    """The id of the query, empty where it names none, and what became of it."""
    query_id = ""
    try:
        data = parse_object(line)
        query_id = one_line(text_of(data, "_id"))
        judged = judgements.get(query_id)
        if judged is None or not judged.places:
            raise DocumentError("has no document that is judged relevant")
        text, evidence = text_of(data, "text"), judged.places.values()
        return query_id, Item(place, make_question(query_id, text, RANKING, (), evidence, judged.split))
    except DocumentError as error:
        return query_id, Item(place, Flaw(query_id, str(error)))
