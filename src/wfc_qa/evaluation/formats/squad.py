"""SQuAD 1.1 and 2.0, and what has its shape: DRCD, CMRC 2018 as articles or flat.

An article is a document, a context its paragraph. A question's evidence is every paragraph of its article that says
what its context says; one that is marked impossible has them at grade 1. Offsets are not kept: an answer counts by
its wording, which must stand in the context.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count, groupby
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ...errors import DocumentError
from ...reading.collection import Collection
from ...reading.metadata import Metadata
from ...reading.records import Record, Stated, clean_text, make_record, one_line, text_of
from ...types import GoldQuestion, Paragraph, Place
from ..gold import holds, plain, resolve
from .item import IMPOSSIBLE, SPAN, Flaw, Item, listed, make_question, mapped

VERSION = "v2.0"


def read_squad(source: Path) -> Iterator[Item]:
    """Documents and their questions, article by article. Raises DocumentError when ``source`` is of another form."""
    taken: set[str] = set()
    for number, article in enumerate(_articles(source), 1):
        place = f"article {number}"
        try:
            stated = mapped(article)
            doc_id = _free(_name(stated, number), taken)
            contexts = _contexts(stated)
        except DocumentError as error:
            yield Item(place, Flaw("", str(error)))
            continue
        taken.add(doc_id)
        yield from _read_article(place, doc_id, _title(stated), contexts)


def write_squad(collection: Collection, questions: Sequence[GoldQuestion], target: Path) -> list[Flaw]:
    """Write ``target`` in the form of SQuAD 2.0; return the questions that it cannot say."""
    asked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    left_out: list[Flaw] = []
    held = {doc_id: tuple(own) for doc_id, own in groupby(collection.paragraphs, attrgetter("doc_id"))}
    for question in questions:
        try:
            paragraph = _home(question, held)
        except DocumentError as error:
            left_out.append(Flaw(question.query_id, str(error)))
            continue
        asked[paragraph.paragraph_id].append(_qa(question, paragraph))
    data = [
        {
            "id": document.doc_id,
            "title": document.title,
            "paragraphs": [
                {"context": one.text, "qas": asked[one.paragraph_id]} for one in held[document.doc_id]
            ],
        }
        for document in collection.documents
    ]
    text = json.dumps({"version": VERSION, "data": data}, ensure_ascii=False)
    target.write_text(text + "\n", "utf-8")
    return left_out


@dataclass(frozen=True, slots=True)
class _Context:
    """A context as stated, and the questions on it; ``flaw`` says why it cannot be read."""

    place: str
    text: str
    asked: tuple[object, ...]
    flaw: str = ""


def _articles(source: Path) -> list[Any]:
    try:
        data = json.loads(source.read_bytes())
    except OSError as error:
        raise DocumentError(
            f"{source} cannot be read: {error.strerror or error}; give another file"
        ) from error
    except (ValueError, RecursionError) as error:
        cause = " ".join(str(error).split())[:120]
        raise DocumentError(
            f"{source.name} is no JSON ({cause}); give a file in the form of SQuAD"
        ) from error
    articles = data.get("data") if isinstance(data, dict) else data
    if not isinstance(articles, list):
        raise DocumentError(f"{source.name} has no list of articles; give a file in the form of SQuAD")
    return articles


def _name(article: Mapping[str, Any], number: int) -> str:
    stated = one_line(text_of(article, "id") or text_of(article, "context_id"))
    slug = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", _title(article))).strip("-")
    return stated or slug or f"article-{number}"


def _free(name: str, taken: set[str]) -> str:
    """``name``, with a number from 2 where it is taken."""
    numbered = (f"{name}-{number}" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


def _title(article: Mapping[str, Any]) -> str:
    """As read: SQuAD's titles are the last part of an address."""
    return one_line(unquote(text_of(article, "title")).replace("_", " "))


def _contexts(article: Mapping[str, Any]) -> list[_Context]:
    if "context_text" in article:
        return [_context("", article, "context_text")]
    return [
        _context(f" paragraph {number}", paragraph, "context")
        for number, paragraph in enumerate(listed(article.get("paragraphs"), "paragraphs"), 1)
    ]


def _context(place: str, paragraph: object, name: str) -> _Context:
    asked: tuple[object, ...] = ()
    try:
        stated = mapped(paragraph)
        asked = tuple(listed(stated.get("qas"), "questions"))
        text = text_of(stated, name).strip()
        return _Context(place, text, asked, "" if text else "has a context that is empty")
    except DocumentError as error:
        return _Context(place, "", asked, str(error))


def _read_article(place: str, doc_id: str, title: str, contexts: Sequence[_Context]) -> Iterator[Item]:
    whole = [context for context in contexts if not context.flaw]
    record: Record | None = None
    try:
        record = make_record(doc_id, [Stated(context.text) for context in whole], Metadata(title=title))
        yield Item(place, record)
    except DocumentError as error:
        yield Item(place, Flaw(doc_id, str(error)))
    paragraphs = iter(record.paragraphs if record else ())
    for context in contexts:
        here = place + context.place
        if context.flaw:
            yield Item(here, Flaw(doc_id, context.flaw))
        paragraph = None if context.flaw else next(paragraphs, None)
        for number, asked in enumerate(context.asked, 1):
            yield from _read_question(f"{here} question {number}", asked, record, paragraph)


def _read_question(
    place: str, asked: object, record: Record | None, paragraph: Paragraph | None
) -> Iterator[Item]:
    query_id = ""
    try:
        stated = mapped(asked)
        query_id = one_line(text_of(stated, "id") or text_of(stated, "query_id"))
        if record is None or paragraph is None:
            raise DocumentError("its context cannot be read")
        impossible = stated.get("is_impossible") is True
        known, strange = _wordings(stated, paragraph) if not impossible else ([], [])
        if not impossible and not known:
            raise DocumentError("has no answer that stands in its context")
        for wording in strange:
            yield Item(place, Flaw(query_id, f"the wording {wording[:60]!r} does not stand in its context"))
        twins = [one for one in record.paragraphs if one.text == paragraph.text]
        evidence = [
            Place(one.doc_id, grade=1 if impossible else 2, paragraph_id=one.paragraph_id) for one in twins
        ]
        text = text_of(stated, "question") or text_of(stated, "query_text")
        kind = IMPOSSIBLE if impossible else SPAN
        yield Item(place, make_question(query_id, text, kind, known, evidence))
    except DocumentError as error:
        yield Item(place, Flaw(query_id, str(error)))


def _wordings(asked: Mapping[str, Any], paragraph: Paragraph) -> tuple[list[str], list[str]]:
    """The accepted wordings that stand in ``paragraph``, and those that do not."""
    stated = listed(asked.get("answers"), "answers")
    texts = [clean_text(one) if isinstance(one, str) else text_of(mapped(one), "text") for one in stated]
    wordings = list(dict.fromkeys(filter(None, (text.strip() for text in texts))))
    context = plain(paragraph.text)
    known = [wording for wording in wordings if holds(context, plain(wording))]
    return known, [wording for wording in wordings if wording not in known]


def _home(question: GoldQuestion, held: Mapping[str, Sequence[Paragraph]]) -> Paragraph:
    """The paragraph that a question is put to. Raises DocumentError, without the place, where there is none."""
    if question.history:
        raise DocumentError("follows another question, which SQuAD cannot say")
    grades = resolve(question, held)
    near = [
        paragraph
        for doc_id in dict.fromkeys(place.doc_id for place in question.evidence)
        for paragraph in held.get(doc_id, ())
        if paragraph.paragraph_id in grades
    ]
    if not question.answerable:
        return near[0] if near else next(own[0] for own in held.values())
    if len(question.answers) != 1:
        raise DocumentError(f"has an answer of {len(question.answers)} parts, of which SQuAD has one")
    near.sort(key=lambda paragraph: -grades[paragraph.paragraph_id])
    for paragraph in near:
        if _standing(question, paragraph):
            return paragraph
    raise DocumentError("has no answer that stands in a paragraph of its evidence")


def _qa(question: GoldQuestion, paragraph: Paragraph) -> dict[str, Any]:
    answers = [
        {"text": wording, "answer_start": paragraph.text.find(wording)}
        for wording in (_standing(question, paragraph) if question.answerable else ())
    ]
    return {
        "id": question.query_id,
        "question": question.text,
        "answers": answers,
        "is_impossible": not question.answerable,
    }


def _standing(question: GoldQuestion, paragraph: Paragraph) -> list[str]:
    context = plain(paragraph.text)
    return [wording for wording in question.answers[0] if holds(context, plain(wording))]
