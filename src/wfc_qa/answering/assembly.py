"""A model's text, as it streams in, to plain sentences with the paragraphs they name.

Every character is looked at in its turn, so how the text was cut into pieces on its way changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..text.markers import OPENERS, RUN, Finding, read_markers
from ..text.orders import gives_orders
from ..text.sentences import is_source_note, split_sentences

REFUSAL = "NO_ANSWER"
"""What a model is told to write where the passages hold no answer."""

# No sentence is as long; a model that never ends one is cut here.
LONGEST = 1000
# How far an open bracket may be a marker that is still being written.
PATIENCE = 40
# Spaces and joints after a marker may lead to another.
BETWEEN = " \t,，、;；&"

_STOPS = frozenset("。！？｡!?.\n\r\u2028\u2029")
_BREAK = re.compile(r"[\n\r\u2028\u2029]")
_WORD = re.compile(r"[A-Za-z]+\Z")
_HEADING = re.compile(r"#{1,6}\s|(?:[-=*_]\s?){3,}$")
_BULLET = re.compile(r"^\s*(?:[-*+•·●▪–—]\s+|\d{1,2}(?:[.)]\s+|、(?!\d)|）)|[(（]\d{1,2}[)）]\s*|>\s*)+")
# Tags, and control marks of chat templates that a model went on with.
_TAG = re.compile(
    r"<\|[^|<>\n]{0,40}\|>|</?[A-Za-z!][^<>\n]{0,300}>|<<?/?SYS>>?|\[/?INST\]|^(?:>>>|<<<)|(?:>>>|<<<)$"
)
_PICTURE = re.compile(r"!\[[^\[\]\n]{0,300}\]\([^()\n]{0,600}\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\([^()\n]{0,600}\)")
# A picture is cut off behind its exclamation mark.
_CUT_OFF = re.compile(r"(?<=[。．！？.!?])[!！]$")
_ROLE = re.compile(
    r"^(?:(?:ai )?assistant|system|answer|助手|系统|回答|答案?|[AＡ])\s{0,2}[:：]\s*", re.IGNORECASE
)
_STRONG = re.compile(r"\*\*|__|`+")
_SLANTED = re.compile(r"(?<![*\w])\*(\S(?:[^*\n]{0,400}\S)?)\*(?![*\w])")
# Spaces that mark-up left behind a Chinese mark.
_LOOSE = re.compile(r"(?<=[，。；：、！？]) ")
# A paragraph proves facts, not a yes or no: that is the reader's to draw. "No. 5" is neither.
_COURTESY = re.compile(
    r"^(?:(?:好的|当然可以|当然|是的?|对的?|没错|正确|不是的?|不对|否|不|没有"
    r"|sure|certainly|of course|yes|correct|right|incorrect|no(?!\.\s*\d))\s*(?:[,，.。!！:：]\s*|$))+",
    re.IGNORECASE,
)
_PREAMBLE = re.compile(
    r"^(?:(?:根据|依据|按照|据|从)(?:以上|上述|上面|所?提供|所?给出?|已有|现有)?的?"
    r"(?:参考)?(?:资料|段落|材料|信息|来源|文献|内容|文本|文档|片段|上下文)?(?:中|里)?的?(?:显示|可知|可见|所述|来看)?\s*[,，:：]"
    r"|(?:according to|based on|as (?:stated|mentioned|noted|shown|reported|described) (?:in|by)|per|from)\b"
    r"(?:\s+(?:the|these|above|given|provided|cited|following|supplied|available|passages?|paragraphs?|sources?"
    r"|documents?|information|texts?|context|data|references?|materials?|excerpts?|here))*\s*,)?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as a model wrote it, without markers and mark-up: nothing is proved of it. ``numbers`` are the
    paragraphs it names, from 1; ``findings`` the markers that name none."""

    text: str
    numbers: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


def cut_sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Stretches of one sentence each, markers and mark-up included; joined, they are the text."""
    buffer, stopped = "", False
    for piece in pieces:
        for char in piece:
            buffer += char
            stopped = stopped or char in _STOPS
            while (stopped or len(buffer) >= LONGEST) and (end := _settled(buffer)):
                yield buffer[:end]
                buffer = buffer[end:]
                stopped = not _STOPS.isdisjoint(buffer)
    while buffer:
        end = _settled(buffer, last=True) or len(buffer)
        yield buffer[:end]
        buffer = buffer[end:]


def tidy_sentence(raw: str, shown: int) -> Draft | None:
    """The plain sentence in ``raw``; None where it says nothing that could be proved."""
    line = "".join(char for char in raw if char.isspace() or unicodedata.category(char)[0] != "C").strip()
    line = _TAG.sub("", line).strip()
    if REFUSAL in line or _HEADING.match(line) or is_source_note(line):
        return None
    title = line.startswith("**") and line.endswith("**")
    marked = read_markers(_PICTURE.sub("", line), shown)
    text = _CUT_OFF.sub("", _LINK.sub(r"\1", marked.text).strip())
    text = _SLANTED.sub(r"\1", _STRONG.sub("", text)).strip()
    text = _without_preamble(_ROLE.sub("", _BULLET.sub("", text, count=1), count=1))
    text = _LOOSE.sub("", " ".join(text.split())).lstrip(BETWEEN)
    if not any(char.isalnum() for char in text) or text[-1] in ":：" or (title and text[-1] not in _STOPS):
        return None
    if gives_orders(text):
        return None
    return Draft(text, marked.numbers, marked.findings)


def _without_preamble(text: str) -> str:
    """``text`` without "Yes," or "According to the passages," before it."""
    bare = _PREAMBLE.sub("", _COURTESY.sub("", text, count=1), count=1)
    return text if bare == text else bare[:1].upper() + bare[1:]


def _settled(text: str, *, last: bool = False) -> int:
    """Where the first sentence of ``text`` ends, whatever may follow; 0 while that is open. ``last`` says that nothing
    follows."""
    spans = split_sentences(text)
    if len(spans) < 2:
        return len(text) if len(text) >= LONGEST else 0
    end, start = spans[0].end, spans[1].start
    broken, rest = bool(_BREAK.search(text, end, start)), text[start:].lstrip(BETWEEN)
    if not rest:
        return end if last else 0
    if rest[0] in OPENERS or rest[0] in "(（":
        return _after_markers(rest, len(text) - len(rest), end, broken=broken, last=last)
    # An abbreviation is told from the end of a sentence by the whole word behind it.
    return 0 if _WORD.match(rest) and not (broken or last) else end


def _after_markers(rest: str, start: int, end: int, *, broken: bool, last: bool) -> int:
    """Where a sentence ends that markers may follow, behind its stop or on a line of their own."""
    run = RUN.match(rest)
    if run is None:
        return 0 if len(rest) < PATIENCE and not last else end
    after = rest[run.end() :].lstrip(BETWEEN)
    if not (after or last):
        return 0
    if after and after[0] in OPENERS and len(after) < PATIENCE and not last:
        return 0
    if broken and after and not _BREAK.match(after):
        return end
    return start + run.end()
