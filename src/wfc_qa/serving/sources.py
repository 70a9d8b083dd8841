"""Where an answer's words stand: a cited or offered paragraph, the head of its document, and the links that open it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..text.quotes import drop_marks, is_quoted
from ..types import Citation, DocumentHead, Paragraph, Sentence, Span
from .links import panel_link, paragraph_link, web_address

if TYPE_CHECKING:
    from ..engine import Engine

EXCERPT_CHARS = 140
# What introduces an address cut from the end: "(Source: " without its closing bracket.
OPEN_BRACKET = re.compile(r"[(（][^()（）]*\Z")

Find = Callable[[Citation], "Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """``marker`` as its citation's; the links are relative to the root of the site."""

    marker: int
    paragraph: Paragraph
    document: DocumentHead
    quote: Span | None = None

    @property
    def href(self) -> str:
        return paragraph_link(self.paragraph, self.quote)

    @property
    def panel(self) -> str:
        return panel_link(self.paragraph, self.quote)

    @property
    def words(self) -> str:
        """The quote as it stands in the paragraph; empty without one."""
        start = self.paragraph.span.start
        if self.quote is None or self.quote.start < start:
            return ""
        return self.paragraph.text[self.quote.start - start : self.quote.end - start]

    @property
    def address(self) -> str:
        return self.paragraph.source or self.document.source

    @property
    def origin(self) -> str:
        """The host that the paragraph itself names, else who published the document."""
        host = urlsplit(web_address(self.paragraph.source)).hostname or ""
        return host.removeprefix("www.") or self.document.publisher

    @property
    def excerpt(self) -> str:
        """The paragraph's beginning on one line, without the address that it ends with."""
        text = self.paragraph.text
        if self.paragraph.source:
            text = OPEN_BRACKET.sub("", text.partition(self.paragraph.source)[0])
        text = " ".join(drop_marks(text).split())
        return text if len(text) <= EXCERPT_CHARS else text[:EXCERPT_CHARS].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Group:
    """A cited paragraph and its versions in the other language."""

    source: Source
    twins: tuple[Source, ...] = ()


def is_quote(sentence: Sentence, find: Find) -> bool:
    """Whether the paragraph cited first says just these words, its own marks apart."""
    return bool(sentence.citations) and is_quoted(sentence.text, find(sentence.citations[0]).words)


def group_sources(sentences: Sequence[Sentence], find: Find) -> list[Group]:
    """Each cited paragraph once, by marker; what says the same as a quote in the other language stands with it."""
    first: dict[int, Source] = {}
    homes: dict[int, int] = {}
    alone: set[int] = set()
    for sentence in sentences:
        cited = [find(citation) for citation in sentence.citations]
        quoted = is_quote(sentence, find)
        for source in cited:
            first.setdefault(source.marker, source)
            home = cited[0]
            if quoted and source.document.language is not home.document.language:
                homes.setdefault(source.marker, home.marker)
            else:
                alone.add(source.marker)
    twins = {marker: home for marker, home in homes.items() if marker not in alone}
    return [
        Group(first[marker], tuple(first[twin] for twin in sorted(twins) if twins[twin] == marker))
        for marker in sorted(first)
        if marker not in twins
    ]


def source_finder(engine: Engine) -> Find:
    """Finds the sources of one answer; each paragraph and each head is read once."""
    paragraph, head = cache(engine.paragraph), cache(engine.head)

    def find(citation: Citation) -> Source:
        cited = paragraph(citation.paragraph_id)
        return Source(citation.marker, cited, head(cited.doc_id), citation.quote)

    return find
