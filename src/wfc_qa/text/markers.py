"""Citation markers as language models write them: read off a sentence, and told of where they cite nothing.

``[1]``, ``[1, 2]``, ``[1-3]``, ``【1】``, ``［１］``, ``[^1]``, ``[来源1]``, ``[Source 2]``, ``【4:0†source】``. Plain
parentheses are text, and so are years, ``[2025]`` of a Chinese decree or ``[2024, 2025]``: no paragraph is so numbered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

OPENERS = "[［【"
# A range over more paragraphs than these proves nothing in particular.
WIDEST = 10

_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_NUMBER = r"[0-9０-９]{1,9}(?![0-9０-９])"
_YEAR = r"(?:[1１][9９]|[2２][0０])[0-9０-９]{2}"
_LABEL = (
    r"(?:(?:资料|段落|参考)?来源|资料|文献|段落|参考|引用|出处|第"
    r"|(?i:sources?|passages?|paragraphs?|paras?|refs?|references?|citations?|docs?|documents?|notes?)\b\.?)"
)
_ITEM = rf"(?:{_LABEL}[ \t:：#]{{0,3}})?{_NUMBER}(?:[段条号]|:[0-9]{{1,4}}(?![0-9]))?"
_COMMA = r"(?:[ \t]{0,3}(?:[,，、;；&和及与]|\band\b)[ \t]{0,3}|[ \t]{1,3})"
_DASH = r"[ \t]{0,3}(?:[-‐‑–—~～至到]|\bto\b)[ \t]{0,3}"
_LIST = rf"{_ITEM}(?:(?:{_DASH}|{_COMMA}){_ITEM}){{0,40}}"
_FOOT = r"(?:[ \t]{0,2}†[^\[\]［］【】\n]{0,60})?"
_LINK = r"(?:\((?:https?:|#)[^\s()]{0,300}\))?"
# "[3]%" is a figure in brackets, "[5.67万亿元" one whose bracket never closed.
_SHARE = r"[ \t]{0,3}(?:[%％‰]|个?百分点|(?i:per ?cent|[tb]rillion|[bm]illion)\b)"
_UNIT = rf"(?:{_SHARE}|[.．][0-9０-９]|[ \t]{{0,3}}(?:[万亿]{{1,2}}[元美港日欧]|[万亿]亿|元|(?i:yuan)\b))"
_YEARS = rf"{_YEAR}(?:(?:{_DASH}|{_COMMA}){_YEAR}){{0,40}}"
_DECREE = rf"(?![ \t]{{0,3}}{_YEARS}[ \t]{{0,3}}[\]］】])"
_MARKER = (
    rf"[\[［【]{_DECREE}[ \t]{{0,3}}\^?(?:{_LIST}|{_LABEL}|){_FOOT}"
    rf"[ \t]{{0,3}}[\]］】](?!{_SHARE}){_LINK}"
)
_MANY = rf"{_MARKER}(?:{_COMMA}?{_MARKER}){{0,40}}"
_SEE = r"(?:参?见|详见|(?:资料)?来源|出处|(?i:see|cf\.?|sources?|refs?))?[ \t:：]{0,3}"
RUN = re.compile(rf"[（(][ \t]{{0,3}}{_SEE}{_MANY}[ \t]{{0,3}}[)）]|{_MANY}")
"""Markers that stand together, with the parentheses around them."""

_ONE = re.compile(_MARKER)
_BESIDE = re.compile(rf"†.*|:[0-9]+|{_LINK}$", re.DOTALL)
_RANGE = re.compile(rf"({_NUMBER})(?:段|条|号)?(?:{_DASH}(?:{_LABEL}[ \t]{{0,3}})?({_NUMBER}))?")
# What is left of one that was never closed.
_TORN = re.compile(
    rf"[ \t]*(?:[\[［【]{_DECREE}[ \t]{{0,3}}\^?(?:{_LABEL}[ \t:：#]{{0,3}})?"
    rf"[0-9０-９](?:[ \t,，、;；-]{{0,3}}[0-9０-９])*+(?!{_UNIT})(?:[\]］】](?!{_SHARE})|(?![\]］】]))"
    rf"|[\[［【]+[ \t]{{0,3}}\^?(?:{_LABEL})?[ \t]*$)"
)
_FIGURE = re.compile(rf"[\[［【]{_DECREE}(?=[ \t]{{0,3}}\^?[0-9０-９])([^\[\]［］【】\n]{{1,60}})[\]］】]")


class MarkerFlaw(StrEnum):
    """Why a marker cites nothing, or nothing more."""

    OUT_OF_RANGE = "out_of_range"
    DANGLING = "dangling"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Finding:
    """``text`` is the marker as the model wrote it."""

    flaw: MarkerFlaw
    text: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A text without its markers, the paragraphs (from 1) they name, in order, and what was wrong with them."""

    text: str
    numbers: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_markers(text: str, shown: int) -> Marked:
    """Take every marker out of ``text``; ``shown`` is how many paragraphs there are to cite."""
    numbers: list[int] = []
    findings: list[Finding] = []
    # What stood around a marker may make one in its turn: "[[1]2]".
    while runs := list(RUN.finditer(text)) or list(_TORN.finditer(text)):
        for run in runs:
            whole = list(_ONE.finditer(run[0]))
            findings += [] if whole else [Finding(MarkerFlaw.DANGLING, run[0].strip())]
            for marker in whole:
                findings += _resolve(marker[0], shown, numbers)
        text = _without(text, runs)
    # Brackets of a figure look like no marker.
    return Marked(_FIGURE.sub(r"〔\1〕", text), tuple(numbers), tuple(findings))


def _resolve(marker: str, shown: int, numbers: list[int]) -> Iterator[Finding]:
    """Add what ``marker`` names to ``numbers``; tell of what it names in vain."""
    named = list(_named(marker))
    if not named:
        yield Finding(MarkerFlaw.DANGLING, marker)
    for first, last in named:
        if not 1 <= first <= last <= shown or last - first >= WIDEST:
            yield Finding(MarkerFlaw.OUT_OF_RANGE, marker)
            continue
        for number in range(first, last + 1):
            if number in numbers:
                yield Finding(MarkerFlaw.REPEATED, marker)
            else:
                numbers.append(number)


def _named(marker: str) -> Iterator[tuple[int, int]]:
    """First and last paragraph of each number or range in ``marker``."""
    for first, last in _RANGE.findall(_BESIDE.sub("", marker)):
        yield int(first.translate(_DIGITS)), int((last or first).translate(_DIGITS))


def _without(text: str, runs: list[re.Match[str]]) -> str:
    """``text`` without ``runs`` and the space before them, unless it parts two words."""
    kept, position = [], 0
    for run in runs:
        before = text[position : run.start()]
        glued = text[run.end() : run.end() + 1].isalnum() and before[-1:] in (" ", "\t")
        kept.append(before if glued else before.rstrip(" \t"))
        position = run.end()
    return "".join((*kept, text[position:]))
