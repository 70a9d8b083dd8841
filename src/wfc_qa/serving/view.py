"""An Answer as the chat shows it: escaped HTML parts that stream in, and Markdown to take away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..types import Answer, Citation, Document, Paragraph, Span
from .links import panel_link, paragraph_link
from .render import render

if TYPE_CHECKING:
    from ..engine import Engine

NEAREST = 3
EXCERPT_CHARS = 140
# What introduces an address cut from the end: "(Source: " without its closing bracket.
OPEN_BRACKET = re.compile(r"[(（][^()（）]*\Z")


@dataclass(frozen=True, slots=True)
class Source:
    """A cited or offered paragraph, with the links that open it."""

    marker: int
    paragraph: Paragraph
    document: Document
    quote: Span | None = None

    @property
    def href(self) -> str:
        return paragraph_link(self.paragraph, self.quote)

    @property
    def panel(self) -> str:
        return panel_link(self.paragraph, self.quote)

    @property
    def address(self) -> str:
        return self.paragraph.source or self.document.source

    @property
    def excerpt(self) -> str:
        text = self.paragraph.text
        if self.paragraph.source:
            text = OPEN_BRACKET.sub("", text.partition(self.paragraph.source)[0])
        text = " ".join(text.split())
        return text if len(text) <= EXCERPT_CHARS else text[:EXCERPT_CHARS].rstrip() + "…"


def parts(answer: Answer, engine: Engine) -> Iterator[str]:
    """HTML fragments in the order a reader meets them; the last one closes the turn."""
    if answer.understood != answer.question:
        yield render("understood.html", answer=answer)
    for sentence in answer.sentences:
        cited = [_source(citation, engine) for citation in sentence.citations]
        yield render("sentence.html", sentence=sentence, sources=cited, language=answer.language)
    if answer.abstention:
        yield render(
            "abstention.html",
            answer=answer,
            message=engine.wording.abstention(answer),
            nearest=nearest(answer, engine),
        )
    yield render(
        "closing.html",
        answer=answer,
        notes=_notes(answer, engine),
        sources=sources(answer, engine),
        markdown=markdown(answer, engine),
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


def sources(answer: Answer, engine: Engine) -> list[Source]:
    """Each cited paragraph once, by marker."""
    first: dict[int, Citation] = {}
    for sentence in answer.sentences:
        for citation in sentence.citations:
            first.setdefault(citation.marker, citation)
    return [_source(first[marker], engine) for marker in sorted(first)]


def nearest(answer: Answer, engine: Engine) -> list[Source]:
    """The best-ranked paragraphs of an answer that was declined."""
    ids = dict.fromkeys(hit.passage.paragraph_id for hit in answer.hits)
    return [
        _source(Citation(marker, paragraph_id), engine)
        for marker, paragraph_id in enumerate(list(ids)[:NEAREST], start=1)
    ]


def markdown(answer: Answer, engine: Engine) -> str:
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
    for source in sources(answer, engine):
        document = source.document
        known = [document.title, document.publisher, document.published and document.published.isoformat()]
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


def _source(citation: Citation, engine: Engine) -> Source:
    paragraph = engine.paragraph(citation.paragraph_id)
    return Source(citation.marker, paragraph, engine.document(paragraph.doc_id), citation.quote)


def _plain(text: str) -> str:
    """One line in which Markdown readers see no tags."""
    return " ".join(text.split()).replace("<", "\\<")
