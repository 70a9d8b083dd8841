"""Small words that change what a sentence claims: denials, plans, and what is done; in either language."""

from __future__ import annotations

import re
from functools import lru_cache

from .scripts import fold_text

REMEMBERED = 4096

# "no less than" bounds a figure, 不良 and 不断 deny nothing, and disagreement is a pole of its own.
_IDLE = re.compile(
    r"不超过?|不高于|不多于|不大于|不低于|不少于|不小于|不足|不到|未到|不良|不断|不仅|不但|不动产|不一致|"
    r"不同|不符|不吻合|不相同|未来|无锡"
    r"|无论|非常|除非|莫非|不禁|不久|不等|无疑|无纸|无人|无线|非银|非现场|非遗|非凡|非洲|是否|不良|不妨|"
    r"不时|差不多|不含|不包括|未经证实|未证实|未核实|不准|不予"
    r"|\b(?:no|not) (?:less|fewer|lower|more|higher|over|above|exceed\w*) ?(?:than)?|\bnot only\b|"
    r"\bno\.\s?\d+|\bwithout doubt\b|\bdo(?:es)? not (?:match|agree)\b"
    r"|\bnot (?:been |yet )?(?:been )?(?:confirmed|verified)\b|\bnon-?\w+"
)
_DENIAL = re.compile(
    r"[不未没無无]|(?<!除)并非|(?<![是除莫])非(?=[是])|否认|缺乏|免于|拒不"
    r"|\b(?:not|no|never|without|neither|nor|none|cannot|nobody|nothing|lack(?:s|ed|ing)?|yet to|fail(?:s|"
    r"ed)? to|den(?:y|ies|ied))\b|n['’]t\b"
)
_PLAN = re.compile(
    r"(?<!即)将(?![军领来近])|计划(?!单列|》)(?=[用在于到建将新设增投对把为]|$)|拟(?=[在于用建设对将投])|"
    r"拟定|预计|预期|力争|争取|目标|有望|打算|准备|即将|要(?=[在到建])|提出(?=[，,]?到)"
    r"|\b(?:will|shall|plan(?:s|ned)? (?:to|for)|aims?|aimed|target(?:s|ed)?|goals?|expect(?:s|ed)?|"
    r"intend(?:s|ed)?|(?:is|are|was|were) to|propos(?:es|ed|al)"
    r"|forecast\w*|project(?:s|ed) to|hopes?|seeks?|provides? for|would|to be)\b"
)
_DONE = re.compile(
    r"已经?(?=[\u4e00-\u9fff])|完成了|建成了|达到了|实现了|顺利完成|业已"
    r"|\b(?:already|has (?:been|now|become|reached)|have (?:been|now|become|reached)|had (?:been|already)|"
    r"was completed|were completed)\b"
)


@lru_cache(maxsize=REMEMBERED)
def find_denials(text: str) -> tuple[str, ...]:
    """The words by which ``text`` denies something, in order."""
    return tuple(match[0] for match in _DENIAL.finditer(_IDLE.sub(" ", fold_text(text))))


@lru_cache(maxsize=REMEMBERED)
def find_plans(text: str) -> tuple[str, ...]:
    """The words by which ``text`` speaks of what is still to come."""
    return tuple(match[0] for match in _PLAN.finditer(fold_text(text)))


@lru_cache(maxsize=REMEMBERED)
def find_done(text: str) -> tuple[str, ...]:
    """The words by which ``text`` says that something has been done."""
    return tuple(match[0] for match in _DONE.finditer(fold_text(text)))
