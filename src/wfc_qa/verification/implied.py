"""What a passage says without stating it: the number of things it lists, the dates of its headings, a year as 同比."""

from __future__ import annotations

import re

from ..text.dates import DateMention, covers
from ..text.figures import Unit
from ..text.ordinals import Ordinal
from .amounts import is_duration
from .claim import Claim
from .facts import Fact
from .proof import Proof
from .reading import SMALL

MONTHS = 12
FIRST_STEP = re.compile(
    r"\s*(?:step|stage|phase|milestone|goal|target)\b|步|阶段|个?目标|个?节点", re.IGNORECASE
)
YEARLY = re.compile(
    r"同比|增长|\bup\b|\bgr[eo]w|上年|一年前|year (?:earlier|before|ago)|year[- ]on[- ]year|from a year"
)
FORMER = re.compile(r"前者|后者|\b(?:former|latter)\b")
PAIR = re.compile(
    "两(?:省市|[省地市方者种组份篇]|个?(?=数|说法|城市|来源|版本|授信))"
    r"|two (?=(?:figures|numbers|cities|sources|articles|reports|governments|papers|versions|documents|white|different"
    r"|distinct|sides|places|local|provincial)\b)",
    re.IGNORECASE,
)
AGO = re.compile(r"\s*(?:months?|years?)?\s*(?:before\b|earlier\b|ago\b|previously\b|之?前)")
# What find_figures takes for words: 两步, 六大体系.
COUNTED = {
    value: re.compile(f"[{han}](?=[步类大环级档层方])")
    for value, han in enumerate(("二两", "三", "四", "五", "六", "七", "八", "九", "十"), 2)
}
LISTED = re.compile(r"[、,，]|\band\b|[和与及]")


def is_implied(claim: Claim, fact: Fact, proof: Proof) -> bool:
    """What a passage says without stating it: the dates of its headings, the number of things it lists."""
    mark = fact.mark
    behind = claim.statement.text[mark.span.end :]
    if isinstance(mark, DateMention):
        return any(covers(date, mark) for date in proof.above)
    if isinstance(mark, Ordinal):
        spoken = proof.around.folded
        of_two = mark.value <= 2 and FORMER.search(spoken) is not None
        return of_two or (mark.value == 1 and bool(FIRST_STEP.match(behind)))
    if mark.unit is not Unit.COUNT or mark.value not in range(1, MONTHS + 1):
        return False
    if (
        is_duration(mark)
        and YEARLY.search(proof.around.folded)
        and (AGO.match(behind) or mark.text == "一年" or mark.value == MONTHS)
    ):
        return True
    if mark.value == 1:
        return False
    if mark.value > SMALL:
        return False
    if COUNTED[int(mark.value)].search(proof.around.folded):
        return True
    if mark.value == 2 and PAIR.match(claim.statement.text, mark.span.start):
        return True
    return any(
        _longest_list(statement.rest) == mark.value for statement in proof.statements if not statement.figures
    )


def _longest_list(rest: str) -> int:
    """How many things stand in the longest run parted by commas and one "and" at its end."""
    parts = re.split(r"[。；;：:]|, (?!and\b)(?=\w+ed\b)|，", rest)
    return max((len(LISTED.findall(part.replace(", and", " and"))) + 1 for part in parts), default=0)
