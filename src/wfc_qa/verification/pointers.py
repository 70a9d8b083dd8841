"""Words that point at a thing named elsewhere: "the latter", 分别, "it"; a figure bound by one must be that thing's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..text.figures import comparable
from ..text.measures import Measure, find_measures
from ..text.scripts import fold_text
from ..types import Doubt, Flaw
from .claim import Claim
from .facts import TOPICS
from .supplied import Place, Supplied, read_places

_FORMER = re.compile(r"前者|\bthe former\b")
_LATTER = re.compile(r"后者|\bthe latter\b")
_EACH = re.compile(
    r"两者|二者|(?<![平人月日年季户笔])均(?![值衡等线线价匀])|都(?=[是为在达超增有降])|\bboth\b"
    r"|\beach\b(?! (?:year|month|quarter"
    r"|of the (?:years|months)))"
)
_RESPECTIVE = re.compile(r"分别|\brespectively\b")
# A subject that another sentence names; 其中 and "it is" of a report name none.
_PRONOUN = re.compile(
    r"(?:^|[，,；;。：:\s])(?:其(?!中|他|它|实|间|次|余(?!额))|它们?|该(?:指标|余额|数字?|项|数据|规模|行业"
    r"|机构|类|市|地区)"
    r"|这一(?:数字|指标|余额|规模)|两者|上述)"
    r"|\b(?:it|they|this|that|these|those|both)\b(?= (?:\w+ ){0,2}(?:is|was|are|were|stood|stands?"
    r"|gr[eo]w|rose|fell|came|amount\w*|total\w*|reach\w*"
    r"|exceed\w*|increas\w+|declin\w+|had|has|have)\b)|\bits\b|\btheir\b"
    r"|余额|总额|总量|金额|规模|\bthe (?:balance|total|figure|amount|sum|indicator|number|outstanding amount)\b"
    r"|^(?:同比)?(?:增长|增速|增幅)|^growth (?:is|was)\b|\bthe (?:increase|growth|rise|decline|fall|change"
    r"|rate) (?:is|was|came)\b"
)  # fmt: skip
_JOINED = re.compile(r"[和与及]|以及|存贷|\band\b|\bas well as\b")
_PARTED = re.compile(
    r"分别|前者|后者|相比|\brespectively\b|\bthe (?:former|latter)\b|\bcompared\b|\bversus\b|\bcombined\b|合计"
)
_STATES = re.compile(r"前者|后者|两者|\bthe (?:former|latter|first|second)\b|\bboth\b")


_PAIR = re.compile(r"\bboth (?:\w+ ){1,4}and\b")
_PARTS = re.compile(r"[，,；;。、]|\band\b|\bwhile\b|[和与及]")
# What counts as named beside the measures of finance.
_GOODS = {
    Measure.DEPOSITS: re.compile("存贷"),
    "volume": re.compile(r"标箱|箱量|运量|货运量|\bteus?\b|\bcontainers?\b|\bvolumes?\b"),
    "goods": re.compile(r"货值|货物价值|\bgoods\b|\bvalue\b(?! added)"),
}


def find_loose_pointers(claim: Claim, supplied: Sequence[Supplied]) -> Iterator[Doubt]:
    """A doubt for each figure that a word binds to what the claim does not name or the evidence does not give it."""
    whole = fold_text(claim.statement.text)
    yield from _find_unpaired(claim, supplied)
    for one in supplied:
        alone = not any(comparable(other.figure, one.figure) for other in supplied if other is not one)
        if one.places and (word := _loose(one, whole, alone=alone)):
            yield Doubt(Flaw.FIGURE, f"{word.strip('，,；;。：: ')} {one.figure.text}")


def _loose(one: Supplied, whole: str, *, alone: bool) -> str:
    """The word that points nowhere or elsewhere; empty where all is well. What is named together shares a figure only
    where that stands ``alone``: of two, each has its own."""
    for nth, pointer in enumerate((_FORMER, _LATTER)):
        if (match := pointer.search(one.clause)) and not _is_nth(one, whole, nth):
            return match[0]
    if (match := _EACH.search(one.clause)) and not _is_each(one, whole):
        return match[0]
    if alone and (match := _JOINED.search(one.before)) and not _is_joint(one, whole):
        return match[0]
    return match[0] if (match := _PRONOUN.search(one.clause)) and _is_open(one) else ""


def _things(text: str) -> frozenset[str]:
    known = frozenset[str](find_measures(text) & TOPICS)
    return known | {name for name, words in _GOODS.items() if words.search(text)}


def _named(text: str) -> list[str]:
    """What ``text`` names, in order."""
    return list(dict.fromkeys(thing for part in _PARTS.split(text) for thing in sorted(_things(part))))


def _told_of(place: Place) -> frozenset[str]:
    """What the evidence gives the figure of, be it by the amount that a growth leans on."""
    parent = place.fact.parent or place.fact
    start = min(parent.span.start, place.fact.span.start)
    text = place.statement.text[start : place.fact.span.end]
    return frozenset(parent.topics) | _things(fold_text(text))


def _is_nth(one: Supplied, whole: str, nth: int) -> bool:
    """Whether the evidence gives the figure of what the claim names in that place, or points at it itself."""
    if any(_STATES.search(place.clause) for place in one.places):
        return True
    pointer = (_LATTER if nth else _FORMER).search(whole)
    named = _named(whole[: pointer.start()] if pointer else whole)
    return len(named) == 2 and any(named[nth] in _told_of(place) for place in one.places)


def _is_each(one: Supplied, whole: str) -> bool:
    """Whether the evidence gives the figure of everything that the claim names, or says "both" of it itself."""
    if any(_EACH.search(place.clause) or _STATES.search(place.clause) for place in one.places):
        return True
    given = frozenset[str]().union(*map(_told_of, one.places))
    named = _named(whole)
    if not given or (len(named) < 2 and _PAIR.search(one.clause)):
        return True
    return len(named) > 1 and given.issuperset(named)


def _is_joint(one: Supplied, whole: str) -> bool:
    """Whether what is named together before the figure has it together in the evidence; "respectively" parts it."""
    named, given = _named(one.before), frozenset[str]().union(*map(_told_of, one.places))
    parted = _PARTED.search(whole) or len(named) != 2 or not given or not _side_by_side(one.before)
    return bool(parted) or given.issuperset(named)


def _side_by_side(text: str) -> bool:
    """Whether each side of the joint names one thing: "deposits and loans", not "loans, and a rate of"."""
    sides = [part for part in _JOINED.split(text) if part]
    return "存贷" in text or (len(sides) == 2 and all(len(_things(side)) == 1 for side in sides))


def _is_open(one: Supplied) -> bool:
    """Whether figures of several things could be meant, and the claim names none of them."""
    parent = one.fact.parent or one.fact
    if parent.topics or one.fact.topics or _things(one.clause):
        return False
    kinds = {
        frozenset(told)
        for proof in {id(place.proof): place.proof for place in one.places}.values()
        for statement in proof.statements
        for place in read_places(statement, proof)
        if place.figure.unit is one.figure.unit and (told := _told_of(place))
    }
    return len(kinds) > 1


def _find_unpaired(claim: Claim, supplied: Sequence[Supplied]) -> Iterator[Doubt]:
    """Figures told "respectively" of as many things, each held against the thing of its own place."""
    match = _RESPECTIVE.search(fold_text(claim.statement.text))
    if match is None or len(supplied) < 2:
        return
    first = min(one.fact.mark.span.start for one in supplied)
    named = _named(fold_text(claim.statement.text[:first]))
    for unit in dict.fromkeys(one.figure.unit for one in supplied):
        ones = [one for one in supplied if one.figure.unit is unit]
        if len(named) < 2 or len(ones) != len(named):
            continue
        for one, thing in zip(ones, named, strict=True):
            told = [_told_of(place) for place in one.places]
            if any(told) and not any(thing in things for things in told):
                yield Doubt(Flaw.FIGURE, f"{match[0]} {one.figure.text}")
