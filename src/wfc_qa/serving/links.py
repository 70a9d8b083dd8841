"""Where documents and paragraphs live, relative to the root of the site."""

from __future__ import annotations

import re
from urllib.parse import quote as percent_encode
from urllib.parse import urlsplit

from ..types import Paragraph, Span

ADDRESS = re.compile(
    r"https?://(?:[^\s<>()（）\[\]【】「」《》“”\"，。；！？、|]|\([^\s<>()]*\)){1,2000}(?<![.,;:!?])",
    re.IGNORECASE,
)
QUOTE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


def document_link(doc_id: str) -> str:
    return f"documents/{percent_encode(doc_id, safe='')}"


def paragraph_link(paragraph: Paragraph, quote: Span | None = None) -> str:
    """The document's page, opened at the paragraph, with the quote marked."""
    query = f"?q={quote.start}-{quote.end}" if quote else ""
    return f"{document_link(paragraph.doc_id)}{query}#p{paragraph.ordinal}"


def panel_link(paragraph: Paragraph, quote: Span | None = None) -> str:
    """The fragment the chat shows beside the answer."""
    query = f"&q={quote.start}-{quote.end}" if quote else ""
    return f"{document_link(paragraph.doc_id)}/panel?p={paragraph.ordinal}{query}"


def parse_quote(value: str) -> Span | None:
    """``start-end`` as a span; ``None`` for anything else, since links are typed by anyone."""
    match = QUOTE.fullmatch(value)
    if match is None:
        return None
    start, end = int(match[1]), int(match[2])
    return Span(start, end) if start <= end else None


def web_address(source: str) -> str:
    """The source when a browser can follow it, else empty: never ``javascript:`` or a bare path."""
    try:
        return source if urlsplit(source).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def web_addresses(text: str) -> list[str]:
    """The addresses within ``text`` that a browser can follow, in order."""
    return [address for address in ADDRESS.findall(text) if web_address(address)]
