"""Small words that change what a sentence claims: denials, plans, causes, completeness; in either language."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from ..types import Span
from .scripts import fold_text

REMEMBERED = 4096


class Cue(StrEnum):
    """``COMPLETE`` says that something is finished or whole, ``DONE`` only that it is past, ``EVERY`` that it holds
    without exception, ``OFTEN`` how often it happens."""

    DENIAL = "denial"
    PLAN = "plan"
    COMPLETE = "complete"
    CAUSE = "cause"
    DONE = "done"
    EVERY = "every"
    OFTEN = "often"


# "no less than" bounds a figure, 不良 and 不断 deny nothing, and disagreement is a pole of its own.
_IDLE = re.compile(
    r"不超过?|不高于|不多于|不大于|不低于|不少于|不小于|不足|不到|未到|不良|不断|不仅|不但|不动产|不一致|"
    r"不同|不符|不吻合|不相同|未来|无锡"
    r"|无论|非常|除非|莫非|不禁|不久|不等|无疑|无纸|无人|无线|非银|非现场|非遗|非凡|非洲|是否|不良|不妨|"
    r"不时|差不多|离不开|不过|不含|不包括|未经证实|未证实|未核实|未获证实|未得到证实|没有?(?:得到|经过)?证实|[没无]人证实|不准|不予"
    r"|\b(?:no|not) (?:less|fewer|lower|more|higher|over|above|exceed\w*) ?(?:than)?|\bnot only\b|"
    r"\bno\.(?=\s*(?:\d|$)|\s{2})|\bwithout doubt\b|\bdo(?:es)? not (?:match|agree)\b"
    r"|\bnot (?:been |yet )?(?:been )?(?:confirmed|verified)\b|\b(?:nobody|no one) has (?:confirmed|verified)\b"
    r"|\bnon-?\w+|\bno exact date|未注明"
)
_DENIAL = re.compile(
    r"[不未没無无]|(?<!除)并非|(?<![是除莫])非(?=[是])|否认|缺乏|免于|拒不"
    r"|\b(?:not|no|never|without|neither|nor|none|cannot|nobody|nothing|lack(?:s|ed|ing)?|yet to|fail(?:s|"
    r"ed)? to|den(?:y|ies|ied))\b|n['’]t\b"
)
_CUES = {
    Cue.DENIAL: _DENIAL,
    Cue.PLAN: re.compile(
        r"(?<!即)将(?![军领来近])|计划(?=[用在于到建将新设增投对把为通达覆实])|拟(?=[在于用建设对将投])|"
        r"预计|预期|力争|争取|目标|有望"
        r"|打算|准备|即将|要(?=[在到建])|今后|未来|原定|尚未|有待|提出(?=[，,]?[到在])|定在|时间表"
        r"|\b(?:will|shall|plans? to|planned|aims?|aimed|targets?|targeted|goals?|expects?|"
        r"expected|intends?|intended"
        r"|meant to|propos(?:es|ed|al)|forecast\w*|hopes?|seeks?|provides? for|would(?! (?:\w+ )?have\b| be mislead)"
        r"|to be(?! exact| precise| sure)|in the future|"
        r"yet to|being drafted|not yet|supposed to|milestones? in|timetable|sets the same year"
        r"|(?:is|are|was|were) to)\b"
    ),
    Cue.COMPLETE: re.compile(
        r"完工|竣工|完成(?!的)|落实到位|全面建成|全部建成|已建成|已设立|已在.{1,6}设立|结束|已证实|收官|完全|彻底|正好|恰好|恰为|已全部"
        r"|\b(?:complet(?:ed|ion|ely)|fully|in full|entirely|carried out|achieved|accomplish\w+|exactly"
        r"|now (?:built|in place)|has ended|(?:was|were|had been) (?:fully |completely )?built)\b"
    ),
    Cue.DONE: re.compile(
        r"已|业已|完成|完工|落实到位"
        r"|\b(?:(?:has|have|had)(?= (?:\w+ )?\w+(?:ed|en|un|ne|de|ut|wn|ld|lt)\b)|already|fully|completed)\b"
    ),
    Cue.CAUSE: re.compile(
        r"因为|由于|因此|因而|所致|得益于|受益于|归功于|带动|导致|致使|引起|造成|缘于|原因(?:是|在于)|"
        r"从而|使得|拉动|促使|受.{1,12}影响"
        r"|\b(?:because|due to|owing to|thanks to|as a result|result(?:ed|s|ing) (?:in|from)|driven by|"
        r"led to|leads to|caus(?:e|es|ed|ing)"
        r"|owes|on account of|attribut\w+|after .{3,40} (?:lowered|raised|cut)|so that|in response to|"
        r"which (?:lifted|pushed|drove|boosted))\b"
    ),
    Cue.EVERY: re.compile(
        r"全部|所有|任何|唯一|只有|仅有|无一|一律|每一?[个家项笔]|全都|均(?=[已为由在])|全体"
        r"|\b(?:all of (?:it|them)|all (?:the|its|their|new)|every|none|any|only|solely|exclusively|"
        r"without exception|whole(?! country| nation| of china)|entire|each of|most of)\b"
    ),
    Cue.OFTEN: re.compile(
        r"每(?:年|季|月|周|日|半年|两年|季度)|逐[年月季]|连年|按[年月季]|年度考核|定期|逐步|历年"
        r"|\b(?:every (?:year|quarter|month|week|six months|two years)|annual(?:ly)?|quarterly|monthly|"
        r"weekly|each (?:year|quarter|month)|regularly"
        r"|steadily|year after year|twice a year)\b"
    ),
}


# What a paragraph says so, though a claim would say it otherwise.
_IMPLIED = {
    Cue.EVERY: re.compile(r"各项|合计|总额|\b(?:all|total)\b"),
    Cue.PLAN: re.compile(r"决定|\bdecid\w+"),
}


@lru_cache(maxsize=REMEMBERED)
def find_cues(text: str) -> frozenset[Cue]:
    """The cues that ``text`` holds; what only bounds a figure denies nothing."""
    folded = fold_text(text)
    plain = _IDLE.sub(" ", folded)
    return frozenset(
        cue for cue, pattern in _CUES.items() if pattern.search(plain if cue is Cue.DENIAL else folded)
    )


def cue_spans(folded: str) -> list[Span]:
    """Where ``folded`` holds one."""
    return [Span(*match.span()) for pattern in _CUES.values() for match in pattern.finditer(folded)]


def implied_cues(text: str) -> frozenset[Cue]:
    """The cues that ``text``, as evidence, holds or implies."""
    folded = fold_text(text)
    return find_cues(text) | {cue for cue, pattern in _IMPLIED.items() if pattern.search(folded)}
