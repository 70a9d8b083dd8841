"""Each gold question against the documents: its evidence is there, and says what is accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from ..reading.collection import Collection
from ..types import GoldQuestion, Language, Paragraph, Place
from .finding import Finding, error, warning
from .formats.item import RANKING
from .gold import canonical_figure, holds, meets, plain, resolve

PROOF = 2
# A shorter wording stands in many paragraphs by chance.
TELLING_CHARS = 6
# Questions times paragraphs; beyond, paragraphs that prove and are not listed are not looked for.
MOST_PAIRS = 2_000_000
SHOWN_CHARS = 40

Held = Mapping[str, Sequence[Paragraph]]


def check_items(questions: Sequence[GoldQuestion], collection: Collection) -> Iterator[Finding]:
    """What is wrong with single questions, and what the questions leave out of the documents."""
    held = {doc_id: tuple(own) for doc_id, own in groupby(collection.paragraphs, attrgetter("doc_id"))}
    languages = {document.doc_id: document.language for document in collection.documents}
    for question in questions:
        yield from _check_form(question, languages)
        yield from _check_evidence(question, held)
        yield from _check_answers(question, held)
    yield from _find_unlisted(questions, collection, held)
    covered = {place.doc_id for question in questions for place in question.evidence}
    for document in collection.documents:
        if document.doc_id not in covered:
            yield warning("", f"no question is about document {document.doc_id}")


def _check_form(question: GoldQuestion, languages: Mapping[str, Language]) -> Iterator[Finding]:
    name = question.query_id
    if question.answerable:
        if not question.evidence:
            yield error(name, "is answerable, but names no evidence")
        if not question.answers and question.kind != RANKING:
            yield error(name, "is answerable, but accepts no answer")
    else:
        if question.answers:
            yield error(name, "cannot be answered, but accepts an answer")
        if any(place.grade >= PROOF for place in question.evidence):
            yield error(name, f"cannot be answered, but has evidence of grade {PROOF}")
        if not question.note.strip():
            yield error(name, "cannot be answered, and no note says why")
    if bool(question.history) != (question.kind == "followup"):
        yield error(name, "has history and is no follow-up, or is a follow-up without history")
    if question.kind == "cross" and question.language in {
        languages.get(place.doc_id) for place in question.evidence
    }:
        yield error(
            name, f"is cross-language, but has evidence in its own language ({question.language.value})"
        )


def _check_evidence(question: GoldQuestion, held: Held) -> Iterator[Finding]:
    for place in question.evidence:
        found = _matching(place, held)
        shown = f"evidence {(place.contains or place.paragraph_id)[:SHOWN_CHARS]!r} in {place.doc_id}"
        if len(found) != 1:
            told = f"matches {len(found)} paragraphs" if found else "vanished: no paragraph holds it"
            yield error(question.query_id, f"{shown} {told}")
        elif place.grade >= PROOF and question.answers and not any(meets(question, found[0].text)):
            yield error(question.query_id, f"{shown} is of grade {place.grade}, but holds no accepted answer")


def _check_answers(question: GoldQuestion, held: Held) -> Iterator[Finding]:
    gold = [plain(one.text) for place in question.evidence for one in _matching(place, held)]
    for number, (part, figure) in enumerate(zip(question.answers, question.figures, strict=True), 1):
        for wording in part:
            if gold and not any(holds(text, plain(wording)) for text in gold):
                told = f"accepted answer {wording!r} (part {number}) stands in no gold paragraph"
                yield error(question.query_id, told)
        if (stated := canonical_figure(part)) != figure:
            told = f"part {number} is declared as figure {figure!r}, but its wordings state {stated!r}"
            yield error(question.query_id, told)


def _matching(place: Place, held: Held) -> list[Paragraph]:
    return [
        paragraph
        for paragraph in held.get(place.doc_id, ())
        if place.paragraph_id == paragraph.paragraph_id
        or (place.contains and place.contains in paragraph.text)
    ]


def _find_unlisted(
    questions: Sequence[GoldQuestion], collection: Collection, held: Held
) -> Iterator[Finding]:
    """Paragraphs that hold an accepted, telling wording of every part and are no evidence."""
    asked = [question for question in questions if question.answerable and question.answers]
    if len(asked) * len(collection.paragraphs) > MOST_PAIRS:
        yield warning("", "too many paragraphs to look for those that prove an answer and are not listed")
        return
    texts = {paragraph.paragraph_id: plain(paragraph.text) for paragraph in collection.paragraphs}
    for question in asked:
        listed = resolve(question, held)
        parts = [
            [short for short in map(plain, part) if len(short) >= TELLING_CHARS] for part in question.answers
        ]
        for name, text in texts.items():
            # Containment is a hundred times cheaper than the rule that respects numbers.
            if name not in listed and all(
                any(wording in text and holds(text, wording) for wording in part) for part in parts
            ):
                yield warning(question.query_id, f"paragraph {name} holds the answer too, but is not listed")
