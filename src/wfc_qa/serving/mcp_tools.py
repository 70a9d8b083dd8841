"""What an MCP client can do here: ask, search, and read a paragraph. Nothing is changed by any of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from ..steps import Halt
from ..types import Citation, Language, Step, Understood
from .links import web_address
from .markdown import plain
from .prose import Prose, locate
from .sources import Source, source_finder
from .wire import AnswerOut, HitOut, SpanOut, Wire, answer_out

if TYPE_CHECKING:
    from ..engine import Engine


class AskIn(Wire):
    question: Annotated[str, Field(description="the question, in Chinese or English")]
    language: Annotated[
        Language | None, Field(description="language to answer in; by default the question's own")
    ] = None
    history: Annotated[
        tuple[str, ...],
        Field(max_length=20, description="earlier questions, each as `understood` there, oldest first"),
    ] = ()


class SearchIn(Wire):
    query: Annotated[str, Field(description="what to look for, in Chinese or English")]
    k: Annotated[int, Field(ge=1, le=20, description="how many passages")] = 5


class SearchOut(Wire):
    """Passages, best first."""

    hits: tuple[HitOut, ...]


class ParagraphIn(Wire):
    paragraph_id: Annotated[
        str, Field(max_length=500, description="as cited by an answer or found by search")
    ]


class ParagraphFoundOut(Wire):
    paragraph_id: str
    doc_id: str
    title: str
    language: Language
    ordinal: int
    headings: tuple[str, ...]
    text: str
    span: SpanOut
    url: str
    source: str


@dataclass(frozen=True, slots=True)
class Said:
    """``text`` is for a model to read, ``structured`` for programs."""

    text: str
    structured: Wire


@dataclass(frozen=True, slots=True)
class Tool:
    """``run`` takes the engine, what was asked, the site's address (empty where there is none) and what halts it."""

    name: str
    title: str
    description: str
    takes: type[Wire]
    gives: type[Wire]
    run: Callable[[Engine, Any, str, Halt], Said]


def ask(engine: Engine, asked: AskIn, root: str, halt: Halt) -> Said:
    prose = Prose(asked.question, engine, lambda source: _address(source, root))
    answer = engine.ask(asked.question, history=asked.history, language=asked.language, halt=halt)
    steps: tuple[Step, ...] = (Understood(answer.understood), *answer.sentences, answer)
    for step in steps:
        prose.tell(step)
    return Said(prose.text, answer_out(answer, engine, root))


def search(engine: Engine, asked: SearchIn, root: str, _: Halt) -> Said:
    find, found, lines = source_finder(engine), [], []
    for hit in engine.search(asked.query, asked.k):
        source = find(Citation(hit.rank, hit.passage.paragraph_id))
        found.append(
            HitOut(
                rank=hit.rank,
                score=hit.score,
                paragraph_id=hit.passage.paragraph_id,
                doc_id=source.document.doc_id,
                title=source.document.title,
                text=hit.passage.text,
                url=f"{root}/{source.href}",
            )
        )
        lines.append(f"{hit.rank}. {locate(source)} ({hit.passage.paragraph_id})\n{plain(hit.passage.text)}")
    return Said("\n\n".join(lines) or "nothing was found", SearchOut(hits=tuple(found)))


def paragraph(engine: Engine, asked: ParagraphIn, root: str, _: Halt) -> Said:
    source = source_finder(engine)(Citation(1, asked.paragraph_id))
    read, head = source.paragraph, source.document
    place = " ".join(filter(None, [locate(source), _address(source, root)]))
    return Said(
        f"{place}\n\n{plain(read.text)}",
        ParagraphFoundOut(
            paragraph_id=read.paragraph_id,
            doc_id=head.doc_id,
            title=head.title,
            language=head.language,
            ordinal=read.ordinal,
            headings=read.headings,
            text=read.text,
            span=SpanOut(start=read.span.start, end=read.span.end),
            url=f"{root}/{source.href}",
            source=source.address,
        ),
    )


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "ask",
            "Ask the document collection",
            "Answer a question in Chinese or English from the document collection. Every sentence is proved by the "
            "paragraph that it cites as [1], [2]; what the collection does not prove is declined, with the reason. "
            "Pass sentences on with their citations.",
            AskIn,
            AnswerOut,
            ask,
        ),
        Tool(
            "search",
            "Search the document collection",
            "Find the passages of the document collection nearest to a query, best first, without answering.",
            SearchIn,
            SearchOut,
            search,
        ),
        Tool(
            "paragraph",
            "Read a paragraph",
            "Read one paragraph of the document collection whole, with its document and source.",
            ParagraphIn,
            ParagraphFoundOut,
            paragraph,
        ),
    )
}


def _address(source: Source, root: str) -> str:
    """The paragraph on our own site, else where the document came from."""
    return f"{root}/{source.href}" if root else web_address(source.address)
