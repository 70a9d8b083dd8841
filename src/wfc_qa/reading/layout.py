"""Blocks laid out as one plain text: what every reader hands over, and how it becomes paragraphs.

``Document.text`` is the document rendered for reading: headings are lines of their own, list markers and
table headers stand before their paragraph, blank lines between. Spans are exact by construction.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Protocol

from wfc_qa.text.scripts import HAN, fold_text
from wfc_qa.text.sentences import source_address
from wfc_qa.types import Paragraph, Span

from .invisible import drop_invisible

_ID_DIGITS = 10
_TABLE_ROWS = 8
_TABLE_CHARS = 400
_SOURCE_LABEL = re.compile(r"(?:[来來]源|出[处處]|原文|\bSources?)[ \t]*[:：]?[ \t]*$", re.IGNORECASE)
_MARKER = re.compile(r" *(?:[->]|[0-9]{1,9}[.)]) ")
_HAN_EDGE = re.compile(f"[{HAN}\u3001-\u3003\u3008-\u3011\uff01-\uff1f“”]")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (``level`` from 1) or, with level 0, a paragraph of a document.

    ``prefix`` is markup shown before the text; ``under`` adds to the heading path (a table's header).
    """

    text: str
    level: int = 0
    prefix: str = ""
    under: tuple[str, ...] = ()
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a reader makes of a file: its blocks in reading order and the metadata it states."""

    blocks: tuple[Block, ...]
    metadata: Mapping[str, object] = field(default_factory=dict)


class Reader(Protocol):
    """Reads one format. Raises DocumentError, without the file's name, for what it cannot read."""

    def __call__(self, data: bytes) -> Content: ...


def lay_out(doc_id: str, blocks: Iterable[Block]) -> tuple[str, tuple[Paragraph, ...]]:
    """The document's text and its paragraphs, in order."""
    parts: list[str] = []
    paragraphs: list[Paragraph] = []
    seen: Counter[str] = Counter()
    position = 0
    for block, headings in _with_headings(blocks):
        lead = len(block.text) - len(block.text.lstrip())
        text = block.text.strip()
        prefix = block.prefix + block.text[:lead].rpartition("\n")[2]
        gap = ("\n" if _MARKER.match(prefix) else "\n\n") if parts else ""
        parts += (gap, prefix, text)
        start = position + len(gap) + len(prefix)
        position = start + len(text)
        if block.level:
            continue
        digest = hashlib.sha256(fold_text(text).encode("utf-8", "surrogatepass")).hexdigest()[:_ID_DIGITS]
        seen[digest] += 1
        repeat = f"-{seen[digest]}" if seen[digest] > 1 else ""
        paragraphs.append(
            Paragraph(
                paragraph_id=f"{doc_id}:{digest}{repeat}",
                doc_id=doc_id,
                ordinal=len(paragraphs) + 1,
                span=Span(start, position),
                text=text,
                headings=headings,
                page=block.page,
                source=source_address(text),
            )
        )
    return "".join(parts), tuple(paragraphs)


def table_blocks(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Block]:
    """A table's rows in groups of a readable size, under its header."""
    title = _row(header)
    groups: list[list[str]] = []
    for line in filter(None, map(_row, rows)):
        last = groups[-1] if groups else []
        if not last or len(last) >= _TABLE_ROWS or sum(map(len, last)) + len(line) > _TABLE_CHARS:
            groups.append([line])
        else:
            last.append(line)
    if not groups and title:
        yield Block(title)
    for index, group in enumerate(groups):
        prefix = f"{title}\n" if title and not index else ""
        yield Block("\n".join(group), prefix=prefix, under=(title,) if title else ())


def link_text(before: str, label: str, address: str) -> str:
    """A link as read: its label, and its address too where it names a source."""
    if label == address or not address.startswith(("http://", "https://")):
        return label
    if _SOURCE_LABEL.search(before[-40:]):
        return f"{label} {address}"
    return f"{label}：{address}" if _SOURCE_LABEL.fullmatch(label) else label


def join_lines(text: str) -> str:
    """Soft line breaks as the space that the script wants: none between Han."""
    if "\n" not in text:
        return text
    first, *rest = text.split("\n")
    *middle, last = rest
    parts = [first.rstrip(" \t")]
    for line in [*(line.strip(" \t") for line in middle), last.lstrip(" \t")]:
        han = _HAN_EDGE.match(parts[-1][-1:]) and _HAN_EDGE.match(line[:1])
        parts += ("" if han else " ", line)
    return "".join(parts)


def _row(cells: Sequence[str]) -> str:
    texts = [" ".join(cell.split()) for cell in cells]
    return " | ".join(texts) if any(texts) else ""


def _seen(block: Block) -> Block:
    return replace(
        block,
        text=drop_invisible(block.text),
        prefix=drop_invisible(block.prefix),
        under=tuple(map(drop_invisible, block.under)),
    )


def _with_headings(blocks: Iterable[Block]) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """Blocks that hold text, each with the path of headings above it; a heading over nothing is body."""
    path: list[Block] = []
    shown = [block for block in map(_seen, blocks) if block.text.strip()]
    for block, following in zip_longest(shown, shown[1:]):
        if block.level:
            while path and path[-1].level >= block.level:
                path.pop()
        headings = tuple(" ".join(heading.text.split()) for heading in path)
        over_nothing = block.level and (following is None or 0 < following.level <= block.level)
        yield replace(block, level=0) if over_nothing else block, (*headings, *block.under)
        if block.level and not over_nothing:
            path.append(block)
