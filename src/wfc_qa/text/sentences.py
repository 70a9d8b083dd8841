"""Sentences of Chinese and English text, and the source note a paragraph may end with."""

from __future__ import annotations

import re

from wfc_qa.types import Span

from .scripts import HAN

_URL = r"https?://(?:[^\s<>()（）\[\]【】「」《》“”\"，。；！？、|]|\([^\s<>()]*\)){1,2000}(?<![.,;:!?])"
_LABEL = r"(?:(?:资料|資料|数据|數據|信息|新闻|新聞)?[来來]源|出[处處]|原文|Sources?|Via)"
_NOTE = (
    rf"(?:[(（\[【][ \t]{{0,4}})?(?<![A-Za-z金入]){_LABEL}[ \t]{{0,8}}[:：][^\n。！？!?<>]{{0,80}}?<?{_URL}>?"
    rf"(?:[ \t]{{0,8}}[,，;；、|]?[ \t]{{0,8}}<?{_URL}>?)*[ \t]{{0,8}}[)）\]】]?[。.]?"
)
_UNADDRESSED = (
    rf"[(（\[【][ \t]{{0,4}}{_LABEL}[ \t]{{0,8}}[:：][^\n()（）\[\]【】]{{1,120}}[)）\]】][。.]?"
    r"(?=[ \t]*(?:\n|$))"
)
_SOURCE_NOTE = re.compile(f"{_NOTE}|{_UNADDRESSED}", re.IGNORECASE)
_NOTE_CHARS = 4000
_ADDRESS = re.compile(_URL, re.IGNORECASE)

# A semicolon does not end a sentence: what follows it often leans on the date that stands before it.
_STOP = re.compile(
    rf"(?P<note>{_NOTE}|{_UNADDRESSED})|(?P<url>{_URL})|(?P<newline>[\n\r\u2028\u2029]+)"
    r"|(?P<hard>[。！？｡!?]+)|(?P<dot>\.+)",
    re.IGNORECASE,
)
_CLOSERS = re.compile(r"[”’』」）)\]】》〉›»]{0,8}")
_QUOTED_CLOSERS = re.compile(r"[”’』」）)\]】》〉›»]{0,8}\"?[”’』」）)\]】》〉›»]{0,8}")
# "[1][4]" behind a sentence are the source's own marks.
SOURCE_MARKS = r"(?:[ \t\u3000]{0,4}\[[0-9]{1,3}\])+"
_MARKS = re.compile(SOURCE_MARKS)
_TOKEN_CHARS = 24
_TOKEN = re.compile(r"[A-Za-z0-9.]+$")
_NEXT = re.compile(rf"[ \t\u3000]*[\"“‘'(（\[【《「]{{0,3}}(?P<word>[A-Za-z]+|[0-9]|[{HAN}])?")
_ACRONYM = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]|[Pp]h\.D", re.ASCII)
_NEVER_LAST = frozenset(
    "mr mrs ms dr prof st vs e.g i.e eg ie cf viz fig figs eq vol ch sec art arts pp gen gov sen rep capt col"
    " lt sgt rev hon approx dept ed eds jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_SELDOM_LAST = frozenset("inc ltd co corp etc jr sr bros al est a.m p.m".split())
_NUMBERED = frozenset({"no", "nos", "art", "p", "pp", "vol"})
_OPENERS = frozenset(
    "the a an it its in on at by of for from to this that these those he she we they you i there here as if when"
    " while after before since however but and so also moreover meanwhile both each all some many most other"
    " under with according".split()
)


def split_sentences(text: str) -> list[Span]:
    """Sentences in order: trimmed, disjoint, holding every character of ``text`` that is not space."""
    cuts: list[int] = []
    # Quotes are counted once each, from stop to stop: recounting a sentence at every stop is quadratic.
    start, counted, quoted = 0, 0, False
    for match in _STOP.finditer(text):
        if match.start() < start:
            continue
        if match.lastgroup == "newline":
            start, counted, quoted = match.end(), match.end(), False
        else:
            quoted ^= bool(text.count('"', counted, match.start()) % 2)
            counted = match.start()
            if match.lastgroup == "url":
                continue
            if match.lastgroup == "note":
                cuts.append(match.start())
                start = match.end()
            elif (end := _end(text, start, match, quoted)) is not None:
                start = end
            else:
                continue
        cuts.append(start)
    bounds = zip([0, *cuts], [*cuts, len(text)], strict=True)
    return [span for first, last in bounds if (span := _trim(text, first, last))]


def is_source_note(text: str) -> bool:
    """Whether ``text`` is nothing but a note of where the words before it come from."""
    return bool(_SOURCE_NOTE.fullmatch(text.strip()))


def source_address(text: str) -> str:
    """The first http(s) address in the source note that ends ``text``; empty when there is none."""
    text = text[-_NOTE_CHARS:]
    spans = split_sentences(text) if "://" in text else []
    if not spans or not is_source_note(last := spans[-1].of(text)):
        return ""
    address = _ADDRESS.search(last)
    return address[0] if address else ""


def _end(text: str, start: int, stop: re.Match[str], quoted: bool) -> int | None:
    """Where the sentence ends that ``stop`` may close, marks included; ``None`` if it closes none."""
    closed = _skip(_QUOTED_CLOSERS if quoted else _CLOSERS, text, stop.end())
    end = _skip(_MARKS, text, closed)
    if stop.lastgroup == "dot":
        return end if len(stop[0]) == 1 and _dot_ends(text, start, stop.start(), end) else None
    glued = text[end : end + 1].strip()
    return None if stop[0].isascii() and glued and glued.isascii() else end


def _dot_ends(text: str, start: int, dot: int, end: int) -> bool:
    """Whether the full stop at ``dot`` ends a sentence rather than an abbreviation, initial or number."""
    token = _token_before(text, start, dot)
    following = _NEXT.match(text, end)
    word = (following["word"] or "") if following else ""
    if end < len(text) and not text[end].isspace():
        return bool(word) and not word.isascii() and not token.isdigit()
    if not word:
        return True
    if word.isascii() and word.islower():
        return False
    name = token.lower()
    numbered = name in _NUMBERED and word.isdigit()
    opens_list = token.isdigit() and not text[start : dot - len(token)].strip()
    if numbered or opens_list or name in _NEVER_LAST:
        return False
    if _ACRONYM.fullmatch(token) or name in _SELDOM_LAST:
        return word.lower() in _OPENERS or not word.isascii()
    return True


def _token_before(text: str, start: int, dot: int) -> str:
    match = _TOKEN.search(text, max(start, dot - _TOKEN_CHARS), dot)
    return match[0] if match else ""


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _trim(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    words = piece.strip()
    if not words:
        return None
    start += len(piece) - len(piece.lstrip())
    return Span(start, start + len(words))
