"""A file of many documents: one a line of JSON, read line by line, each laid out as a document of its own."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import DocumentError
from ..text.language import detect_language
from ..types import Document, Paragraph
from .collection import Collection, Problem
from .invisible import drop_invisible
from .layout import Block, lay_out
from .metadata import Metadata, parse_metadata

_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
_HALF = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Stated:
    """A paragraph before it is laid out: its text and the headings it stands under, outermost first."""

    text: str
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A document with its paragraphs, which are as many as were stated and in their order."""

    document: Document
    paragraphs: tuple[Paragraph, ...]


def read_records(path: Path) -> Collection:
    """The documents of ``path``; a line that cannot be read is a problem that names its number.

    Raises DocumentError when there is no such file, or no line of it can be read.
    """
    documents: dict[str, Document] = {}
    paragraphs: list[Paragraph] = []
    problems: list[Problem] = []
    for number, line in read_lines(path):
        try:
            record = read_record(parse_object(line))
            if record.document.doc_id in documents:
                raise DocumentError(
                    f"has the id of an earlier document ({record.document.doc_id}); rename one"
                )
        except DocumentError as error:
            problems.append(Problem(path, f"{path.name} line {number} {error}"))
            continue
        documents[record.document.doc_id] = record.document
        paragraphs += record.paragraphs
    if not documents:
        first = f": {problems[0].message}" if problems else "; write one document a line"
        raise DocumentError(f"{path} holds no document that can be read{first}")
    return Collection(tuple(documents.values()), tuple(paragraphs), tuple(problems))


def read_record(data: Mapping[str, Any]) -> Record:
    """One document of the documented form. Raises DocumentError, without the place, for what is not of that form."""
    listed = data.get("paragraphs")
    if not isinstance(listed, list):
        raise DocumentError("has no list of paragraphs")
    stated = [_stated(paragraph) for paragraph in listed]
    return make_record(one_line(text_of(data, "doc_id")), stated, parse_metadata(data))


def make_record(doc_id: str, paragraphs: Iterable[Stated], metadata: Metadata) -> Record:
    """Lay out a document. Raises DocumentError when it or a paragraph of it holds nothing."""
    clean = [
        Stated(clean_text(one.text).strip(), tuple(filter(None, map(one_line, one.headings))))
        for one in paragraphs
    ]
    if not doc_id:
        raise DocumentError("has no doc_id")
    if empty := [number for number, paragraph in enumerate(clean, 1) if not paragraph.text]:
        raise DocumentError(f"has a paragraph that is empty (number {empty[0]})")
    if not any(char.isalnum() for paragraph in clean for char in paragraph.text):
        raise DocumentError("holds no text")
    text, laid = lay_out(doc_id, _blocks(clean))
    document = Document(
        doc_id=doc_id,
        title=one_line(metadata.title),
        language=metadata.language or detect_language(text),
        source=one_line(metadata.source),
        publisher=one_line(metadata.publisher),
        published=metadata.published,
        as_of=metadata.as_of,
        text=text,
        sha256="",
    )
    line = write_record(Record(document, laid))
    return Record(replace(document, sha256=hashlib.sha256(line.encode()).hexdigest()), laid)


def write_record(record: Record) -> str:
    """The document as one line of JSON, which ``read_record`` reads back as it was."""
    document = record.document
    data = {
        "doc_id": document.doc_id,
        "title": document.title,
        "language": document.language.value,
        "source": document.source,
        "publisher": document.publisher,
        "published": document.published.isoformat() if document.published else None,
        "as_of": document.as_of.isoformat() if document.as_of else None,
        "paragraphs": [{"text": one.text, "headings": list(one.headings)} for one in record.paragraphs],
    }
    return json.dumps(data, ensure_ascii=False)


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that hold something, with their numbers from 1. Raises DocumentError when the file cannot be read."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror or error}; give another file") from error


def parse_object(line: bytes) -> dict[str, Any]:
    """Raises DocumentError, without the place, unless ``line`` is one JSON object."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"is no JSON ({' '.join(str(error).split())[:120]})") from None
    if not isinstance(data, dict):
        raise DocumentError("is no JSON object")
    return data


def text_of(data: Mapping[str, Any], name: str) -> str:
    """The text or number stated under ``name``; empty where there is none. Raises DocumentError for other things."""
    value = data.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise DocumentError(f"has a {name} that is no text")
    return clean_text(str(value))


def clean_text(text: str) -> str:
    """With ``\\n`` line ends without controls and what is never seen. Raises DocumentError for half a character."""
    if _HALF.search(text):
        raise DocumentError("holds half a character (a lone surrogate)")
    return drop_invisible(_CONTROL.sub("", _LINE_END.sub("\n", text)))


def one_line(text: str) -> str:
    """Clean, with one space for any run of white space."""
    return " ".join(clean_text(text).split())


def _stated(data: object) -> Stated:
    if isinstance(data, str):
        return Stated(data)
    if not isinstance(data, dict):
        raise DocumentError("has a paragraph that is neither text nor an object with text")
    headings = data.get("headings") or []
    if not isinstance(headings, list) or not all(isinstance(heading, str) for heading in headings):
        raise DocumentError("has headings that are no list of texts")
    return Stated(text_of(data, "text"), tuple(headings))


def _blocks(paragraphs: Iterable[Stated]) -> Iterator[Block]:
    """A heading is shown where it first holds; the path itself is told as stated, whatever is shown."""
    path: tuple[str, ...] = ()
    for paragraph in paragraphs:
        kept = 0
        while path[kept : kept + 1] == paragraph.headings[kept : kept + 1] != ():
            kept += 1
        path = paragraph.headings
        yield Block(paragraph.text, prefix="".join(f"{new}\n\n" for new in path[kept:]), under=path)
