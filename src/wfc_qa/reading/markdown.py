"""Markdown: headings, bullets, tables, quotes and code, rendered as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .decode import decode
from .html import hides_what_follows, html_blocks
from .layout import Block, Content, join_lines, link_text, table_blocks
from .metadata import split_front_matter

_MAX_NESTING = 100
_TAG = re.compile(r"<(?P<end>/)?(?P<name>[a-z][a-z0-9-]*)[^<>]*>", re.IGNORECASE)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def read_markdown(data: bytes) -> Content:
    """Read CommonMark with tables, with YAML front matter if it has any."""
    metadata, body = split_front_matter(decode(data))
    return Content(tuple(markdown_blocks(body)), metadata)


def markdown_blocks(text: str) -> Iterator[Block]:
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    _hide(tokens)
    lists: list[str] = []
    quotes = 0
    marker = ""
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists.append(token.type)
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                marker = f"{token.info}{token.markup} " if token.info else "- "
            case "list_item_close":
                marker = ""
            case "blockquote_open":
                quotes += 1
            case "blockquote_close":
                quotes -= 1
            case "heading_open":
                yield Block(" ".join(_inline(tokens[position]).split()), level=int(token.tag[1]))
                position += 1
            case "table_open":
                end = next(i for i in range(position, len(tokens)) if tokens[i].type == "table_close")
                yield from _table(tokens[position:end])
                position = end
            case "html_block":
                yield from html_blocks(token.content)
            case "inline" | "fence" | "code_block":
                body = _inline(token) if token.type == "inline" else token.content.strip("\n")
                indent = "  " * max(len(lists) - bool(marker), 0)
                yield Block(body, prefix=indent + "> " * min(quotes, 1) + marker)
                marker = ""


class _Curtain:
    """Whether what is read stands within an HTML element that is out of sight."""

    def __init__(self) -> None:
        self._within, self._depth = "", 0

    @property
    def down(self) -> bool:
        return self._depth > 0

    def read(self, markup: str) -> None:
        for tag in _TAG.finditer(markup):
            name, ends = tag["name"].lower(), bool(tag["end"])
            if name in _VOID:
                continue
            if self.down:
                self._depth += (-1 if ends else 1) * (name == self._within)
            elif not ends and hides_what_follows(tag[0]):
                self._within, self._depth = name, 1


def _hide(tokens: Sequence[Token]) -> None:
    """Empty what stands within elements out of sight, which Markdown takes for text like any other."""
    blocks = _Curtain()
    for token in tokens:
        hidden = blocks.down
        if token.type == "html_block":
            blocks.read(token.content)
        if hidden:
            token.content, token.children = "", []
            continue
        words, shown = _Curtain(), []
        for child in token.children or ():
            if child.type == "html_inline":
                words.read(child.content)
            if not words.down:
                shown.append(child)
        if token.children:
            token.children = shown


def _table(tokens: Sequence[Token]) -> Iterator[Block]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token))
    return table_blocks(rows[0], rows[1:]) if rows else iter(())


def _inline(token: Token) -> str:
    """The words of an inline token: emphasis and link targets out of sight, addresses kept."""
    parts: list[str] = []
    links: list[tuple[int, str, bool]] = []
    for child in token.children or ():
        match child.type:
            case "text" | "code_inline" | "image":
                parts.append(child.content)
            case "softbreak":
                parts.append("\n")
            case "hardbreak":
                parts.append("\u2028")
            case "html_inline" if child.content.lower().startswith("<br"):
                parts.append("\u2028")
            case "link_open":
                links.append((len(parts), str(child.attrs.get("href", "")), child.markup == "autolink"))
            case "link_close" if links:
                start, address, auto = links.pop()
                label = "".join(parts[start:])
                if not auto:
                    shown = link_text("".join(parts[max(0, start - 3) : start]), label, address)
                    # A reference defined as [1]: address is a source mark, not a word.
                    parts[start:] = [f"[{label}]" if label.isdigit() else shown]
    return join_lines("".join(parts)).replace("\u2028", "\n")
