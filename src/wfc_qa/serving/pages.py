"""Documents as pages: a list, each document with addressable paragraphs, and the chat's source panel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from ..errors import NotFoundError
from ..types import DocumentHead, Paragraph, Span
from .access import Scope, desk_of
from .house import ready_engine
from .links import paragraph_link, parse_quote, web_address, web_addresses
from .render import preferred_language, render

if TYPE_CHECKING:
    from ..engine import Engine
else:
    Engine = Any

Ready = Annotated[Engine, Depends(ready_engine)]


async def _admit(request: Request) -> None:
    """Readers of the chat, counted. Raises ForbiddenError and TooManyError."""
    desk = desk_of(request)
    await desk.count(request, desk.reader(request), Scope.DOCUMENTS)


router = APIRouter(prefix="/documents", default_response_class=HTMLResponse, dependencies=[Depends(_admit)])
NEIGHBOURS = 1
LINK = '<a href="{0}" rel="noopener noreferrer external" target="_blank">{0}</a>'


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph ready to show, under the headings that begin with it: (level, text)."""

    ordinal: int
    headings: tuple[tuple[int, str], ...]
    html: Markup
    address: str


@router.get("")
def document_list(request: Request, engine: Ready) -> str:
    return render(
        "documents.html",
        ui=_ui(request),
        up="./",
        documents=engine.heads(),
        collection=engine.collection(),
    )


@router.get("/{doc_id}")
def document_page(doc_id: str, request: Request, engine: Ready, q: Annotated[str, Query()] = "") -> str:
    document = engine.head(doc_id)
    return render(
        "document.html",
        ui=_ui(request),
        up="../",
        document=document,
        address=web_address(document.source),
        blocks=list(blocks(document, engine.paragraphs(doc_id), parse_quote(q))),
    )


@router.get("/{doc_id}/panel")
def source_panel(doc_id: str, p: int, engine: Ready, q: Annotated[str, Query()] = "") -> str:
    """The cited paragraph between its neighbours, as a fragment."""
    document = engine.head(doc_id)
    paragraphs = engine.paragraphs(doc_id)
    index = next((i for i, paragraph in enumerate(paragraphs) if paragraph.ordinal == p), None)
    if index is None:
        raise NotFoundError(f"document {doc_id} has no paragraph {p}; its paragraphs are listed on its page")
    near = paragraphs[max(index - NEIGHBOURS, 0) : index + NEIGHBOURS + 1]
    quote = parse_quote(q)
    return render(
        "panel.html",
        document=document,
        address=web_address(document.source),
        blocks=list(blocks(document, near, quote, top=3)),
        cited=p,
        whole=paragraph_link(paragraphs[index], quote),
    )


def blocks(
    document: DocumentHead, paragraphs: Sequence[Paragraph], quote: Span | None, top: int = 2
) -> Iterator[Block]:
    """Paragraphs in order; a heading is shown where the heading path first enters it, from level ``top`` down."""
    previous: tuple[str, ...] = (document.title,)
    for paragraph in paragraphs:
        path = paragraph.headings
        path = path if path[:1] == (document.title,) else (document.title, *path)
        kept = next(
            (i for i, (a, b) in enumerate(zip(previous, path, strict=False)) if a != b), len(previous)
        )
        html, address = _linked(mark(paragraph, quote), paragraph)
        shown = tuple(
            (min(level + top - 1, 6), text) for level, text in enumerate(path) if level >= max(kept, 1)
        )
        yield Block(paragraph.ordinal, shown, html, address)
        previous = path


def mark(paragraph: Paragraph, quote: Span | None) -> Markup:
    """The paragraph's text, escaped, with the quoted part marked where it lies within."""
    if quote is None:
        return escape(paragraph.text)
    start = max(quote.start - paragraph.span.start, 0)
    end = min(quote.end - paragraph.span.start, len(paragraph.text))
    if start >= end:
        return escape(paragraph.text)
    text = paragraph.text
    return Markup("{}<mark>{}</mark>{}").format(text[:start], text[start:end], text[end:])


def _linked(html: Markup, paragraph: Paragraph) -> tuple[Markup, str]:
    """The text with the addresses it holds made links; the paragraph's own is left over when it is not among them."""
    address = web_address(paragraph.source)
    known = {str(escape(each)) for each in (address, *web_addresses(paragraph.text)) if each}
    held = sorted((each for each in known if each in html), key=len, reverse=True)
    if held:
        pattern = "|".join(map(re.escape, held))
        html = Markup(re.sub(pattern, lambda found: LINK.format(found[0]), html))  # noqa: S704
    return html, "" if escape(address) in html else address


def _ui(request: Request) -> str:
    return preferred_language(request.headers.get("accept-language", ""))
