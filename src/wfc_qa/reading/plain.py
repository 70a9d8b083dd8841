"""Plain text: blocks between blank lines, bullets, and the run-in layout of pasted summaries.

Run-in layout is one long line in which " - " stands before every bullet and section titles run into the
text: "Findings - first [1] - second [2] Next Section - third". A separator counts only behind the line's
start, a sentence end or a source mark, with at most a title between, so ordinary dashes stay dashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wfc_qa.text.scripts import HAN

from .decode import decode
from .layout import Block, Content, join_lines
from .metadata import split_front_matter

_BLANK = re.compile(r"\n[ \t\u3000]*(?:\n[ \t\u3000]*)+")
_BULLET = re.compile(r"[ \t\u3000]*[-•*·●■◆▪–—][ \t\u3000]+(?=\S)")
_NUMBERED = re.compile(
    r"[ \t\u3000]*(?:[0-9]{1,3}[.)](?=[ \t])|[0-9]{1,3}[、．]|[一二三四五六七八九十]{1,3}、"
    r"|[（(][一二三四五六七八九十0-9]{1,3}[）)]|[①-⑳])"
)
_WRAPPED_CHARS = 40
_LINE_STOP = re.compile(r"[.。!！?？:：;；][\"”’」』）)\]]*$")

_SEPARATOR = re.compile(r"(?:^|(?<=\s))[-–—•](?=\s)")
_END = re.compile(r"(?:\[[0-9]{1,3}\]|[.!?。！？][\"”’)）]?(?=\s))")
_TITLE_CHARS = 100
_TITLE_WORDS = 10
_SMALL = frozenset("a an and as at by for from in into of on or the to with &".split())
_HAN_TITLE = re.compile(rf"[{HAN}\w·、&（）()“”《》]{{2,24}}")


def read_plain(data: bytes) -> Content:
    """Read plain text, with YAML front matter if it has any."""
    metadata, body = split_front_matter(decode(data))
    return Content(tuple(plain_blocks(body)), metadata)


def plain_blocks(text: str) -> Iterator[Block]:
    for chunk in _BLANK.split(text):
        for item in _items(chunk.strip("\n")):
            sections = _split_run_in(item) if "\n" not in item else ()
            if sections:
                yield from sections
            elif bullet := _BULLET.match(item):
                yield Block(item[bullet.end() :], prefix="- ")
            else:
                yield Block(item.strip())


def _items(chunk: str) -> Iterator[str]:
    """The chunk's paragraphs: a bullet with the lines that carry it on, or lines that belong together."""
    item: list[str] = []
    for line in chunk.split("\n"):
        if item and (_starts_item(line) or (_starts_item(item[0]) and not _carries_on(item[-1], line))):
            yield _unwrap(item)
            item = []
        item.append(line)
    if item:
        yield _unwrap(item)


def _starts_item(line: str) -> bool:
    return bool(_BULLET.match(line) or _NUMBERED.match(line))


def _carries_on(before: str, line: str) -> bool:
    return line[:1].isspace() or _is_wrapped(before)


def _is_wrapped(line: str) -> bool:
    return len(line.strip()) >= _WRAPPED_CHARS and not _LINE_STOP.search(line.rstrip()[-8:])


def _unwrap(lines: list[str]) -> str:
    """Lines broken only because they were full become one."""
    groups = [[lines[0]]]
    for line in lines[1:]:
        if _is_wrapped(groups[-1][-1]):
            groups[-1].append(line.strip())
        else:
            groups.append([line])
    return "\n".join(join_lines("\n".join(group)) for group in groups)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A bullet's separator: the text before it ends at ``end``, then a title (may be empty)."""

    end: int
    title: str
    start: int


def _split_run_in(line: str) -> tuple[Block, ...]:
    """The sections and bullets of a line in run-in layout; empty for any other line."""
    separators = list(_SEPARATOR.finditer(line))
    cuts: list[_Cut] = []
    for separator in separators:
        previous = cuts[-1].start if cuts else 0
        if cut := _cut(line, previous, separator):
            cuts.append(cut)
    if len(cuts) < 2 or len(cuts) * 2 < len(separators) or cuts[0].start != separators[0].end():
        return ()
    blocks = [Block(line[: cuts[0].end])]
    ends = [*(cut.end for cut in cuts[1:]), len(line)]
    for cut, end in zip(cuts, ends, strict=True):
        blocks += (Block(cut.title, level=2), Block(line[cut.start : end].strip(), prefix="- "))
    return tuple(block for block in blocks if block.text.strip())


def _cut(line: str, previous: int, separator: re.Match[str]) -> _Cut | None:
    window = max(previous, separator.start() - _TITLE_CHARS)
    end = window if window == previous == 0 else None
    for stop in _END.finditer(line, window, separator.start()):
        end = stop.end()
    if end is None:
        return None
    title = line[end : separator.start()].strip()
    return _Cut(end, title, separator.end()) if not title or _is_title(title) else None


def _is_title(text: str) -> bool:
    words = text.split()
    if _HAN_TITLE.fullmatch(text):
        return True
    return (
        len(words) <= _TITLE_WORDS
        and words[0][0].isupper()
        and text[-1].isalnum()
        and all(word[0].isupper() or word[0].isdigit() or word in _SMALL for word in words)
    )
