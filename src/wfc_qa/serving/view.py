"""An Answer as the chat shows it: escaped HTML parts that stream in, and Markdown to take away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..text.language import detect_language
from ..types import Abstention, Answer, Citation, Filters, Sentence
from .render import labels, render
from .sources import Find, Source, source_finder

if TYPE_CHECKING:
    from ..engine import Engine

NEAREST = 3


def parts(answer: Answer, engine: Engine, filters: Filters = Filters()) -> Iterator[str]:  # noqa: B008
    """HTML fragments in the order a reader meets them; the last one closes the turn."""
    find = source_finder(engine)
    if answer.understood != answer.question:
        yield understood_part(answer.understood)
    for sentence in answer.sentences:
        yield sentence_part(sentence, find)
    if answer.abstention:
        yield render(
            "abstention.html",
            answer=answer,
            message=engine.wording.abstention(answer),
            nearest=nearest(answer, find),
            filtered=filters and answer.abstention is not Abstention.NOTHING_MATCHES_FILTERS,
        )
    yield render(
        "closing.html",
        answer=answer,
        notes=_notes(answer, engine),
        sources=sources(answer, find),
        markdown=markdown(answer, engine, find),
        spoken=_spoken(answer, engine),
        feedback=json.dumps(
            {
                "answer_id": answer.receipt.answer_id,
                "generation": answer.receipt.generation,
                "question": answer.question,
                "understood": answer.understood,
                "answer": _spoken(answer, engine),
            },
            ensure_ascii=False,
        ),
    )


def understood_part(understood: str) -> str:
    return render("understood.html", understood=understood, language=detect_language(understood))


def sentence_part(sentence: Sentence, find: Find) -> str:
    """A sentence that was proved, with a link to each paragraph that proves it."""
    cited = [find(citation) for citation in sentence.citations]
    return render("sentence.html", sentence=sentence, sources=cited, language=detect_language(sentence.text))


def sources(answer: Answer, find: Find) -> list[Source]:
    """Each cited paragraph once, by marker."""
    first: dict[int, Citation] = {}
    for sentence in answer.sentences:
        for citation in sentence.citations:
            first.setdefault(citation.marker, citation)
    return [find(first[marker]) for marker in sorted(first)]


def nearest(answer: Answer, find: Find) -> list[Source]:
    """The best-ranked paragraphs of an answer that was declined."""
    ids = dict.fromkeys(hit.passage.paragraph_id for hit in answer.hits)
    return [
        find(Citation(marker, paragraph_id))
        for marker, paragraph_id in enumerate(list(ids)[:NEAREST], start=1)
    ]


def markdown(answer: Answer, engine: Engine, find: Find) -> str:
    """The turn as Markdown, with numbered sources and their addresses."""
    lines = [f"## {_plain(answer.question)}", ""]
    if answer.understood != answer.question:
        lines += [f"*{_plain(answer.understood)}*", ""]
    for sentence in answer.sentences:
        marks = "".join(f"[{citation.marker}]" for citation in sentence.citations)
        lines += [f"{_plain(sentence.text)} {marks}", ""]
    if answer.abstention:
        lines += [_plain(engine.wording.abstention(answer)), ""]
    for note in _notes(answer, engine):
        lines += [f"> {_plain(note)}", ""]
    for source in sources(answer, find):
        document = source.document
        runs_to = document.as_of and f"{labels()['facts_to'][answer.language]} {document.as_of}"
        known = [document.title, source.origin, runs_to]
        facts = " · ".join(_plain(item) for item in known if item)
        lines.append(f"[{source.marker}] {facts} · ¶{source.paragraph.ordinal} · {_plain(source.address)}  ")
    return "\n".join(lines).strip() + "\n"


def _spoken(answer: Answer, engine: Engine) -> str:
    if answer.abstention:
        return engine.wording.abstention(answer)
    separator = "" if answer.language == "zh" else " "
    return separator.join(sentence.text for sentence in answer.sentences)


def _notes(answer: Answer, engine: Engine) -> list[str]:
    return [engine.wording.note(note, answer.language) for note in answer.notes]


def _plain(text: str) -> str:
    """One line in which Markdown readers see no tags."""
    return " ".join(text.split()).replace("<", "\\<")
