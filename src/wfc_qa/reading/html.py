"""HTML: what a reader of the page sees, laid out anew; scripts, styles and hidden parts left out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, UnusualUsageWarning
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from .decode import decode
from .hidden import Sight
from .layout import Block, Content, join_lines, link_text, table_blocks
from .metadata import parse_date

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q ruby rb s samp"
    " small span strike strong sub sup time tt u var wbr".split()
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_:-]{2,40})", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_NAMES = {
    "title": ("title", "og:title", "dc.title", "citation_title"),
    "publisher": ("publisher", "og:site_name", "dc.publisher", "author"),
    "published": ("published", "article:published_time", "date", "pubdate", "dc.date", "publishdate"),
    "as_of": ("as_of",),
    "source": ("source", "og:url"),
    "language": ("language",),
}
_OWN = frozenset({"published", "as_of", "language"})


def read_html(data: bytes) -> Content:
    """Read an HTML page, with the metadata of its ``<meta>`` and ``<title>``."""
    declared = _CHARSET.search(data[:4096])
    soup = _soup(decode(data, declared[1].decode("ascii") if declared else ""))
    return Content(tuple(_blocks(soup)), _metadata(soup))


def html_blocks(fragment: str) -> Iterator[Block]:
    """The blocks of a piece of HTML."""
    return _blocks(_soup(fragment))


def hides_what_follows(markup: str) -> bool:
    """Whether ``markup``, one opening tag, keeps what stands between it and its closing tag out of sight."""
    tag = _soup(markup).find(True)
    return isinstance(tag, Tag) and Sight(tag).hides(tag)


def _soup(text: str) -> BeautifulSoup:
    with warnings.catch_warnings():
        # A short text may look like a file name or XML; it is a document all the same.
        warnings.simplefilter("ignore", UnusualUsageWarning)
        return BeautifulSoup(text, "html.parser")


@dataclass(slots=True)
class _Page:
    """The walk's state: text not yet in a block, and what the next block stands under."""

    pieces: list[str] = field(default_factory=list)
    level: int = 0
    lists: int = 0
    marker: str = ""
    pre: int = 0

    def flush(self) -> Iterator[Block]:
        text = "".join(self.pieces)
        self.pieces.clear()
        if not self.pre:
            text = _BREAKS.sub("\n", text)
        if text.strip():
            prefix = "  " * max(self.lists - bool(self.marker), 0) + self.marker
            text = text if self.pre else text.strip()
            yield Block(" ".join(text.split()) if self.level else text, level=self.level, prefix=prefix)
            self.marker = ""


_BREAKS = re.compile(r" ?\n ?")


def _blocks(soup: Tag) -> Iterator[Block]:
    page, sight = _Page(), Sight(soup)
    # An explicit stack: hostile pages nest deeper than Python recurses.
    stack: list[tuple[Tag, Iterator[PageElement], int]] = [(soup, iter(soup.contents), 0)]
    while stack:
        tag, children, opened = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield from _close(page, tag, opened)
        elif isinstance(child, Tag):
            if sight.hides(child):
                continue
            if child.name == "br":
                page.pieces.append("\n")
            elif child.name == "table" and _is_data(child):
                yield from page.flush()
                yield from _table(child, sight)
            else:
                if child.name not in _INLINE:
                    yield from page.flush()
                _open(page, child)
                stack.append((child, iter(child.contents), len(page.pieces)))
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            page.pieces.append(str(child) if page.pre else _flow(page, str(child)))
    yield from page.flush()


def _open(page: _Page, tag: Tag) -> None:
    if re.fullmatch("h[1-6]", tag.name):
        page.level = int(tag.name[1])
    elif tag.name in {"ul", "ol"}:
        page.lists += 1
    elif tag.name == "li":
        page.marker = "- "
    elif tag.name == "pre":
        page.pre += 1


def _close(page: _Page, tag: Tag, opened: int) -> Iterator[Block]:
    if tag.name == "a":
        label = "".join(page.pieces[opened:]).strip()
        if label and page.pieces[opened:]:
            before = "".join(page.pieces[max(0, opened - 3) : opened])
            shown = link_text(before, label, str(tag.get("href") or ""))
            if shown != label:
                page.pieces[opened:] = [shown]
        return
    if tag.name not in _INLINE:
        yield from page.flush()
    if re.fullmatch("h[1-6]", tag.name):
        page.level = 0
    elif tag.name in {"ul", "ol"}:
        page.lists -= 1
    elif tag.name == "li":
        page.marker = ""
    elif tag.name == "pre":
        page.pre -= 1


def _flow(page: _Page, text: str) -> str:
    """Text as a browser flows it: one space for any run of space, none at a line's start."""
    text = _SPACE.sub(" ", join_lines(text))
    before = page.pieces[-1][-1:] if page.pieces else "\n"
    return text.lstrip(" ") if before in {" ", "\n"} else text


def _is_data(table: Tag) -> bool:
    """Whether a table holds data rather than laying out a page."""
    return table.find(["table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre"]) is None


def _table(table: Tag, sight: Sight) -> Iterator[Block]:
    for hidden in [tag for tag in table.find_all(True) if sight.hides(tag)]:
        hidden.extract()
    if caption := table.find("caption"):
        yield Block(caption.get_text(" ", strip=True))
    rows = [row.find_all(["td", "th"]) for row in table.find_all("tr")]
    rows = [row for row in rows if row]
    has_header = bool(rows) and all(cell.name == "th" for cell in rows[0])
    texts = [[cell.get_text(" ", strip=True) for cell in row] for row in rows]
    yield from table_blocks(texts[0], texts[1:]) if has_header else table_blocks((), texts)


def _metadata(soup: BeautifulSoup) -> dict[str, object]:
    """Our own keys as stated; names in use elsewhere only where they can be understood."""
    stated: dict[str, str] = {}
    for tag in soup.find_all("meta"):
        name = str(tag.get("name") or tag.get("property") or "").lower()
        stated.setdefault(name, str(tag.get("content") or "").strip())
    found: dict[str, object] = {}
    for key, names in _NAMES.items():
        for name in names:
            value = stated.get(name, "")
            if value and (name == key or key not in _OWN or parse_date(value)):
                found[key] = value
                break
    if "title" not in found and soup.title:
        found["title"] = soup.title.get_text(" ", strip=True)
    if "language" not in found and soup.html:
        name = str(soup.html.get("lang") or "").lower()[:2]
        if name in {"zh", "en"}:
            found["language"] = name
    return found
