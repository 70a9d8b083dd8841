"""What figures are counted in: units with their Chinese and English names, measure words, bounds."""

from __future__ import annotations

import re
from enum import StrEnum

from .numerals import ENGLISH, FLAGS


class Unit(StrEnum):
    """Canonical units; ``COUNT`` is a bare number or one with a measure word."""

    YUAN = "yuan"
    USD = "usd"
    SGD = "sgd"
    HKD = "hkd"
    EUR = "eur"
    GBP = "gbp"
    JPY = "jpy"
    PERCENT = "percent"
    POINTS = "points"
    TEU = "teu"
    KM = "km"
    SQUARE_KM = "square_km"
    TONNES = "tonnes"
    TIMES = "times"
    COUNT = "count"


MONEY = frozenset({Unit.YUAN, Unit.USD, Unit.SGD, Unit.HKD, Unit.EUR, Unit.GBP, Unit.JPY})


class Bound(StrEnum):
    """How the figure limits the quantity: "over 6 trillion" is ``OVER``."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    OVER = "over"
    ABOUT = "about"
    AT_MOST = "at_most"
    UNDER = "under"


_PREFIXES = {
    Unit.YUAN: r"rmb\s?¥|cn¥|¥|rmb|cny|人民币",
    Unit.SGD: r"s\$|sgd",
    Unit.HKD: r"hk\$|hkd",
    Unit.USD: r"us\$|\$|usd",
    Unit.EUR: r"€|eur",
    Unit.GBP: r"£|gbp",
    Unit.JPY: r"jpy",
}
PREFIX = "|".join(_PREFIXES.values())
_PREFIX = [(unit, re.compile(pattern, FLAGS)) for unit, pattern in _PREFIXES.items()]

_SUFFIXES: list[tuple[Unit, int, str]] = [
    (Unit.POINTS, 0, r"个?百分点|%\s?points?\b|percent(?:age)?[\s-]points?\b|pct\s?points?\b|pp\b|points?\b"),
    (Unit.POINTS, -2, r"个?基点|basis\spoints?\b|bps?\b"),
    (Unit.PERCENT, 0, r"%|percent\b|per\scent\b|pct\b"),
    (Unit.PERCENT, -1, r"‰"),
    (Unit.PERCENT, 1, r"成(?=[，。；、）)的以左多\s]|$)"),
    (Unit.USD, 0, r"美元|美金|(?:us|u\.s\.)\s?dollars?\b|usd\b|dollars?\b"),
    (Unit.SGD, 0, r"新加坡元|新元|新币|singapore\sdollars?\b|sgd\b"),
    (Unit.HKD, 0, r"港元|港币|hong\skong\sdollars?\b|hkd\b"),
    (Unit.EUR, 0, r"欧元|euros?\b|eur\b"),
    (Unit.GBP, 0, r"英镑|pounds?\b|gbp\b"),
    (Unit.JPY, 0, r"日元|yen\b|jpy\b"),
    (Unit.YUAN, 0, r"元(?:人民币)?(?![化素组件旦勋首帅老区结])|yuan(?:\srenminbi)?\b|renminbi\b|rmb\b|cny\b"),
    (Unit.TEU, 0, r"个?标准?箱|teus?\b|twenty-foot\sequivalent\sunits?\b|standard\scontainers?\b"),
    (Unit.SQUARE_KM, 0, r"平方公里|平方千米|square\s(?:km|kilomet(?:er|re)s?)\b|sq\.?\s?km\b|km2\b|km²"),
    (Unit.KM, 0, r"公里|千米|km\b|kilomet(?:er|re)s?\b"),
    (Unit.KM, -3, r"米|met(?:er|re)s?\b"),
    (Unit.TONNES, 0, r"吨|tons?\b|tonnes?\b"),
    (Unit.TIMES, 0, r"倍|times\b|-?fold\b"),
]
_SUFFIX = [
    (unit, shift, re.compile(rf"\s{{0,2}}-?(?:{pattern})", FLAGS)) for unit, shift, pattern in _SUFFIXES
]
_SUFFIX_START = re.compile(r"\s{0,2}-?[%‰a-z个百基成美新港欧英日元标平公千米吨倍]", FLAGS)

_MEASURE = re.compile(
    r"\s?((?:个(?:月|季度|小时|工作日|交易日|星期|国家|省|市|区县?)?|部[门委]|小时|分钟|平台|机构|企业"
    r"|[家项件笔户人名位条次种类套份张座所处只支批场部款台辆架艘列班站港国省市区县州镇村年月天日周秒岁"
    r"股单组篇本册枚亩顷]|大(?!于|约|概|致|关)))"
)
_NOT_MEASURED = re.compile(
    r"一(?:大|批|次性|部分|站式|条龙|国两|类|些|定|系列|日|市|区)|(?:十[五六七八九]|二十)大|五年(?:规划|计划)"
)
_INDEFINITE = frozenset("统唯单专逐归划合每某任哪这那另同之此该首进何其是为")

_WORD = re.compile(r"[-\s]\s?([a-z]{1,24}(?:-[a-z]{1,24}){0,3})", FLAGS)
_NOT_COUNTED = frozenset(
    "of to in and or for by from at on with than the a an is was were are be as per that which who its their had "
    "has have will would this these those while but up down more less so if when it he she they we i you his".split()
) | frozenset(ENGLISH)
_PLURAL = frozenset("people staff personnel men women children".split())

_BOUNDS_BEFORE = {
    Bound.AT_LEAST: r"至少|不低于|不少于|不小于|at\sleast|(?:no|not)\s(?:less|fewer|lower)\sthan|a\sminimum\sof|≥",
    Bound.AT_MOST: r"不超过?|不高于|不多于|不大于|至多|最多|at\smost"
    r"|(?<!add\s)(?<!adds\s)(?<!added\s)(?<!adding\s)up\sto|(?:no|not)\s(?:more|higher)\sthan"
    r"|(?:no|not)\s(?:over|above|exceed(?:ing|s|ed)?)|a\smaximum\sof|≤",
    Bound.OVER: r"超过|超出|超|突破|冲破"
    r"|[迈跨越]过|[迈跨跃冲登站]上|跨越|[迈步跨]入|(?<=[已破首])破|(?<![突打冲])破(?=[0-9一二三四五六七八九十百千万亿])|逾|高于|大于|多于"
    r"|(?:more|greater|higher)\sthan|\bover|\babove"
    r"|\b(?:exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|topp(?:ed|ing)|tops|clear(?:ed|s))(?:\sthe)?|\b(?:pass|cross)(?:es|ed|ing)?(?:\sthe)?|\b(?:broke|breaks?|breach(?:ed|es)?)(?:\sthe)?"
    r"|(?:well|just|far)\sover|\babove\sthe|\bpast(?:\sthe)?|\bnorth\sof|in\sexcess\sof|upwards\sof|\bbeyond|>",
    Bound.UNDER: r"低于|少于|小于|不足|不到|未到|(?:less|fewer|lower)\sthan|\bunder|\bbelow|\bshort\sof|<",
    Bound.ABOUT: r"(?<![合公契条节制签预])约(?:占[\u4e00-\u9fff]{0,8}|达|[为是](?:[\u4e00-\u9fff]{1,6}的)?)?"
    r"|(?<![最附邻靠])近|大概(?:是|为|有)?|大约(?:是|为|有)|差不多(?:是|为|有|达)?|约有|about|\baround|nearly"
    r"|approximately|roughly|almost"
    r"|close\sto|\bsome|\bcirca|\bapprox\.?|[~～≈]",
}
_BEFORE = [
    (bound, re.compile(rf"(?:{pattern})了?\s{{0,2}}$", FLAGS)) for bound, pattern in _BOUNDS_BEFORE.items()
]
_AFTER = [
    (bound, re.compile(pattern, FLAGS))
    for bound, pattern in {
        Bound.AT_LEAST: r"\s?及?以上|\s(?:or|and)\s(?:more|above|higher|over)\b",
        Bound.OVER: r"多|\+|[-\s]plus\b",
        Bound.ABOUT: r"\s?(?:左右|上下)|\sor\sso\b",
        Bound.AT_MOST: r"\s?(?:及?以下|以内|之内)|\s(?:or|and)\s(?:less|fewer|below|lower)\b",
    }.items()
]
_LOOK_BACK_CHARS = 24


def prefix_unit(written: str) -> Unit | None:
    """The currency a prefix such as ``US$`` or ``RMB`` names."""
    return next((unit for unit, pattern in _PREFIX if pattern.fullmatch(written)), None)


def read_unit(text: str, start: int) -> tuple[Unit, int, int] | None:
    """The unit written at ``start`` as (unit, power of ten to its canonical size, end)."""
    if not _SUFFIX_START.match(text, start):
        return None
    for unit, shift, pattern in _SUFFIX:
        if match := pattern.match(text, start):
            return unit, shift, match.end()
    return None


def read_han_measure(text: str, start: int) -> tuple[str, int] | None:
    """The Chinese measure word at ``start`` and where it ends."""
    match = _MEASURE.match(text, start)
    return (match[1], match.end()) if match else None


def counts(text: str, start: int) -> bool:
    """Whether the Chinese numeral at ``start`` counts something, unlike 统一, 一次性, 每一家, 二十大."""
    before = text[start - 1 : start]
    if before in {"第", "几", "数"} or (text[start : start + 1] == "一" and before in _INDEFINITE):
        return False
    return not _NOT_MEASURED.match(text, start)


def read_noun(text: str, start: int, *, one: bool) -> tuple[str, int] | None:
    """The English noun counted by the number ending at ``start``: a plural at most three words on."""
    end = start
    for nth in range(3):
        match = _WORD.match(text, end)
        if match is None or (word := match[1].lower()) in _NOT_COUNTED:
            return None
        end = match.end()
        attached = nth == 0 and text[start] == "-"
        if (
            one
            or attached
            or word in _PLURAL
            or (len(word) > 3 and word[-1] == "s" and word[-2] not in "suiy")
        ):
            return word, end
    return None


def read_bound(text: str, start: int, end: int) -> Bound:
    """The bound that the words around ``text[start:end]`` set."""
    before = text[max(0, start - _LOOK_BACK_CHARS) : start]
    for bound, pattern in _BEFORE:
        if pattern.search(before):
            return bound
    return next((bound for bound, pattern in _AFTER if pattern.match(text, end)), Bound.EXACT)
