"""Paragraphs to passages: what is embedded, searched and scored sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..text.language import detect_language
from ..text.sentences import is_source_note, split_sentences
from ..types import Document, Language, Paragraph, Passage, Span

CONTEXT_CHARS = 200
# A paragraph this short fits any model that reads 256 tokens or more, in either language.
SHORT_CHARS = 240
PROMPT_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage ready for indexing: ``indexed`` is embedded and searched, ``sentences`` are spans of the
    document that can be quoted."""

    passage: Passage
    language: Language
    indexed: str
    sentences: tuple[Span, ...]


def cut_passages(
    document: Document,
    paragraphs: Sequence[Paragraph],
    count_tokens: Callable[[Sequence[str]], list[int]],
    max_tokens: int,
) -> Iterator[Entry]:
    """One passage a paragraph, or several of whole sentences where it is longer than the model reads."""
    for paragraph in paragraphs:
        context = _context(document, paragraph)
        spans = [span.shift(paragraph.span.start) for span in split_sentences(paragraph.text)]
        quotable = [span for span in spans if not is_source_note(span.of(document.text))]
        groups = _groups(document.text, quotable or spans, context, count_tokens, max_tokens)
        for number, group in enumerate(groups, 1):
            whole = len(groups) == 1
            span = paragraph.span if whole else Span(group[0].start, group[-1].end)
            said = " ".join(part.of(document.text) for part in group)
            name = paragraph.paragraph_id if whole else f"{paragraph.paragraph_id}/{number}"
            yield Entry(
                passage=Passage(name, paragraph.paragraph_id, span, span.of(document.text)),
                language=detect_language(said),
                indexed=f"{context}\n{said}" if context else said,
                sentences=tuple(group),
            )


def _context(document: Document, paragraph: Paragraph) -> str:
    names = dict.fromkeys((document.title, *paragraph.headings))
    return " › ".join(name for name in names if name)[:CONTEXT_CHARS]


def _groups(
    text: str,
    spans: Sequence[Span],
    context: str,
    count_tokens: Callable[[Sequence[str]], list[int]],
    max_tokens: int,
) -> list[list[Span]]:
    if not spans or spans[-1].end - spans[0].start + len(context) <= SHORT_CHARS:
        return [list(spans)] if spans else []
    sizes = count_tokens([context, *(span.of(text) for span in spans)])
    # The model's prompt and its special tokens want room too.
    room = max(max_tokens - sizes[0] - PROMPT_TOKENS, max_tokens // 2)
    groups: list[list[Span]] = [[]]
    filled = 0
    for span, size in zip(spans, sizes[1:], strict=True):
        if groups[-1] and filled + size > room:
            groups.append([])
            filled = 0
        groups[-1].append(span)
        filled += size
    return groups
