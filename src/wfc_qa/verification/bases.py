"""What a figure is per, over and since: a total is no average, a change over a month none over a year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..text.scripts import fold_text
from ..types import Doubt, Flaw
from .supplied import Place, Supplied

# Whoever says one of these of a figure must have it from the figure's own clause.
_OWN = [
    re.compile(
        r"人均|户均|每人|每户|每家|\bper[- ](?:capita|head|person|household|resident|family)\b"
        r"|\bper (?:\w+ )?(?:company|firm|enterprise|bank|customer|borrower|employee|institution|branch|account)\b"
    ),
    re.compile(r"平均|均值|[月日年季周笔]均(?!衡)|\baverag\w*|\bmean (?:of|value)\b"),
    re.compile(
        r"月均|每月|\b(?:yuan|teu|times|percent|usd) a month\b|\bmonthly\b|\bper month\b|\beach month\b"
    ),
    re.compile(r"日均|每日|每天|\b(?:yuan|teu|times|percent|usd) a day\b|\bdaily\b|\bper day\b"),
    re.compile(
        r"年均|年化|\baverage annual\b|\bannual(?:ly)? average\b|\bannuali[sz]ed\b|\bper year\b"
        r"|% a year\b(?! (?:ago|earlier|before))|\bper annum\b"
    ),
    re.compile(r"单笔|每笔|笔均|\bper (?:loan|transaction|deal)\b|\bsingle (?:loan|transaction|deal)\b"),
]
# Whoever says one of these must have it from the figure's sentence, which may say it of several figures at once.
_SENTENCE = [
    re.compile(
        r"环比|[较比]上(?:个?月|季|一季)|\b(?:quarter|month|week)[- ](?:on|over|to)[- ](?:quarter|month|week)\b"
        r"|\b[qm]o[qm]\b"
        r"|\bfrom (?:a|the|one) (?:previous |prior )?(?:quarter|month)\b|\bfrom the (?:previous"
        r"|prior) (?:quarter|month)\b"
        r"|\b(?:quarter|month) (?:earlier|before|ago)\b|\bsequential(?:ly)?\b"
    ),
    re.compile(
        r"(?:增速|增幅|增长率?|涨幅)(?:进一步|明显|略有?)?(?:加快|放缓|提高|提升|回落|上升|下降|收窄|扩大|回升"
        r"|降|升)(?:至|到|了|[\d为])?"
        r"|(?:加速|加快|减速|放缓|提速)增长|\baccelerat\w+|\bquicken\w*|\bsped up\b|\bpick(?:ed|ing) up\b"
        r"|\bgrowth (?:rate )?(?:rose|slowed|eased|cooled|fell|increased|strengthened|weakened"
        r"|moderated)\b|\bslow(?:ed|ing) (?:down )?to\b"
        r"|\bdecelerat\w+|\b(?:eas|cool|slipp|mount|edg)ed (?:up |down |back )?to\b"
    ),
    re.compile(
        r"[较比](?:今年)?年初|年初以来|[较比]上年末|\bsince (?:the )?(?:start|beginning|end)\b"
        r"|\b(?:from|on|over) the (?:start|beginning|end) of (?:the|last) year\b|\byear[- ]to[- ]date\b"
    ),
]  # fmt: skip
_YEARLY = re.compile(
    r"同比|[较比]上年|year[- ](?:on|over)[- ]year|\byoy\b|\byear (?:earlier|before|ago)\b|\bannual growth\b"
)
_FLOW = re.compile(
    r"累计|新增|净增|增量|多增|\bcumulative(?:ly)?\b|\bnew (?:loans|deposits|lending|credit)\b|\bnewly\b"
    r"|\bnet (?:increase|new)\b|\badded\b|\bincrement\w*"
    r"|\bg[ro]ew by (?!\s*[\d.]+\s*(?:%|per))|\bincreased by (?!\s*[\d.]+\s*(?:%|per))"
)
_STOCK = re.compile(r"余额|存量|\boutstanding\b|\bbalances?\b|\bstock of\b")


def asks_another_base(asked: str, said: str) -> bool:
    """Whether ``asked``, folded, wants a figure per head, by the month or since January, and ``said`` tells none."""
    return any(base.search(asked) and not base.search(said) for base in (*_OWN, *_SENTENCE))


def asks_stock_or_flow(asked: str, said: str) -> bool:
    """Whether ``asked``, folded, wants what there is and ``said`` tells only what was added, or the other way."""
    return bool(_swapped(asked, said, _STOCK, _FLOW) or _swapped(asked, said, _FLOW, _STOCK))


def find_other_bases(supplied: Sequence[Supplied]) -> Iterator[Doubt]:
    """A doubt for each figure that is told on another base than any place that gives it."""
    for one in supplied:
        wrong = [_other_base(one, place) for place in one.places]
        if wrong and all(wrong):
            yield Doubt(Flaw.FIGURE, f"{wrong[0]} {one.figure.text}")


def _other_base(one: Supplied, place: Place) -> str:
    """The word for the base that ``place`` does not share; empty where it does."""
    said = fold_text(place.statement.text)
    for patterns, text in ((_OWN, place.clause), (_SENTENCE, said)):
        for pattern in patterns:
            if (match := pattern.search(one.clause)) and not pattern.search(text):
                return match[0]
    if (
        (match := _YEARLY.search(one.clause))
        and _SENTENCE[0].search(place.clause)
        and not _YEARLY.search(said)
    ):
        return match[0]
    return _swapped(one.clause, place.clause, _FLOW, _STOCK) or _swapped(
        one.clause, place.clause, _STOCK, _FLOW
    )


def _swapped(clause: str, said: str, own: re.Pattern[str], other: re.Pattern[str]) -> str:
    match = own.search(clause)
    return match[0] if match and other.search(said) and not own.search(said) else ""
