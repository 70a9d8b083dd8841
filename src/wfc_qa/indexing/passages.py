"""Paragraphs to passages: what is embedded, searched and scored sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..text.language import detect_language
from ..text.orders import gives_orders
from ..text.sentences import is_source_note, split_sentences
from ..types import Document, Language, Paragraph, Passage, Span

Count = Callable[[Sequence[str]], list[int]]
CONTEXT_CHARS = 200
# The model's prompt and its special tokens want room too.
PROMPT_TOKENS = 8
# Where an overlong sentence is cut, best first; then anywhere.
BREAKS = tuple(map(re.compile, (r"[;；]\s*", r"[,，、:：]\s*", r"\s+")))


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
    count_tokens: Count,
    max_tokens: int,
) -> Iterator[Entry]:
    """One passage a paragraph, or several of whole sentences where it is longer than the model reads; a sentence
    that is longer still is quoted in parts, and one that orders what to answer is no part of any."""
    for paragraph in paragraphs:
        context = _context(document, paragraph)[: min(CONTEXT_CHARS, max_tokens // 2)]
        cut = [span.shift(paragraph.span.start) for span in split_sentences(paragraph.text)]
        spans = [span for span in cut if not gives_orders(span.of(document.text))]
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
    return " › ".join(name for name in names if name and not gives_orders(name))


def _groups(
    text: str, spans: Sequence[Span], context: str, count_tokens: Count, max_tokens: int
) -> list[list[Span]]:
    """``spans`` in runs that the model reads whole together with ``context``."""
    room = max_tokens - PROMPT_TOKENS
    # So few characters fit in either language, and need no tokenizer to tell.
    if not spans or spans[-1].end - spans[0].start + len(context) <= room // 2:
        return [list(spans)] if spans else []
    room = max(room - count_tokens([context])[0], max_tokens // 4)
    groups: list[list[Span]] = [[]]
    filled = 0
    for span, size in _fit(text, spans, count_tokens, room):
        if groups[-1] and filled + size > room:
            groups.append([])
            filled = 0
        groups[-1].append(span)
        filled += size
    return groups


def _fit(text: str, spans: Sequence[Span], count_tokens: Count, room: int) -> Iterator[tuple[Span, int]]:
    """``spans`` with their tokens, those of more than ``room`` in parts."""
    for span, size in zip(spans, count_tokens([span.of(text) for span in spans]), strict=True):
        if size <= room or span.end - span.start < 2:
            yield span, size
        else:
            yield from _fit(text, _halve(text, span), count_tokens, room)


def _halve(text: str, span: Span) -> tuple[Span, Span]:
    """Two parts, cut at the best break of the middle third."""
    third = (span.end - span.start) // 3
    middle = (span.start + span.end) // 2
    for pattern in BREAKS:
        cuts = [match.end() for match in pattern.finditer(text, span.start + third, span.end - third)]
        if cuts:
            middle = min(cuts, key=lambda cut: abs(cut - middle))
            break
    return Span(span.start, middle), Span(middle, span.end)
