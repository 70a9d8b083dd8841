"""Dates as they are written in Chinese and English, from bare years to days."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from ..types import Span
from .numerals import ENGLISH, FLAGS, HAN_DIGITS, han_value, narrow


@dataclass(frozen=True, slots=True)
class DateMention:
    """The parts a date states; the end of a month or year is its last day.

    ``cumulative`` means from the start of the year: "first three quarters" is ``quarter=3, cumulative``.
    """

    span: Span
    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    half: int | None = None
    cumulative: bool = False


def find_dates(text: str) -> list[DateMention]:
    """Every date in order of position; of overlapping readings the earliest, then the longest."""
    narrowed = narrow(text)
    found = chain.from_iterable(_dated(narrowed, pattern) for pattern in _PATTERNS)
    dates: list[DateMention] = []
    end = 0
    for date in sorted(chain(found, _bare_years(narrowed)), key=lambda d: (d.span.start, -d.span.end)):
        if date.span.start >= end:
            dates.append(replace(date, text=date.span.of(text)))
            end = date.span.end
    return dates


def covers(evidence: DateMention, asked: DateMention) -> bool:
    """Whether the evidence is at least as specific as what was asked and agrees on every part of it."""
    if asked.cumulative:
        return _year_agrees(evidence, asked) and _runs_to(evidence) == _runs_to(asked)
    known = evidence if evidence.cumulative else _completed(evidence)
    if evidence.cumulative and (asked.month, asked.day, asked.quarter, asked.half) != (None,) * 4:
        return False
    pairs = (
        (asked.month, known.month),
        (asked.day, known.day),
        (asked.quarter, known.quarter),
        (asked.half, known.half),
    )
    return _year_agrees(evidence, asked) and all(want in (None, have) for want, have in pairs)


def _year_agrees(evidence: DateMention, asked: DateMention) -> bool:
    return asked.year in (None, evidence.year)


def _completed(date: DateMention) -> DateMention:
    quarter = date.quarter or (date.month and (date.month + 2) // 3)
    return replace(date, quarter=quarter, half=date.half or (quarter and (quarter + 1) // 2))


def _runs_to(date: DateMention) -> int | None:
    """The month up to whose end the date reaches back to January; the last day of a month closes it."""
    if date.cumulative:
        return date.month or (date.quarter and 3 * date.quarter)
    closed = date.month and date.day == _last_day(date.year, date.month)
    return date.month if closed else None


def _last_day(year: int | None, month: int) -> int:
    return monthrange(year or 2001, month)[1]


_MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,"
        "september sept sep,october oct,november nov,december dec".split(","),
        1,
    )
    for name in names.split()
}
MIDYEAR = 6
_NTH = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}

_HALVES = {"上": 1, "下": 2}

_DASH = r"(?:[-–—~～至到]|—{2})"
_Y = r"(?P<year>(?:19|20)\d\d|2100)"
_HAN_Y = r"(?P<year>(?<![\d.,])(?:(?:19|20)\d\d|2100)|[一二][零〇一二三四五六七八九]{3})\s?年"
_HAN_M = (
    rf"(?P<since>1月?\s?{_DASH}\s?)?(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s?月(?!球|薪|饼)"
)
_HAN_D = r"(?P<day>3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])\s?[日号]"
_HAN_Q = r"(?:第?(?P<quarter>[一二三四1-4])季度|(?P<first>前)(?P<quarter2>[二两三23])个?季度)"
_HAN_H = r"(?P<half>[上下])半年"
_HAN_MONTHS = r"(?P<first2>前)(?P<month2>1[0-2]|[1-9]|十[一二]?|[一二两三四五六七八九])个月"
_HAN_PART = (
    rf"(?:{_HAN_M}(?:\s?{_HAN_D}|(?P<end>[末底]))?|{_HAN_MONTHS}"
    rf"|{_HAN_Q}(?P<end2>[末底])?|{_HAN_H}(?P<end3>[末底])?)"
)

_M = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_M_OF_ISO = r"(?:0?[1-9]|1[0-2])"
_D = r"(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_OF = r",?\s(?:of\s(?:the\s)?)?"
_NTH_WORD = rf"(?P<nth>{'|'.join(_NTH)})"
_Q = rf"(?:\bQ(?P<quarter>[1-4])\b|\b(?P<quarter2>[1-4])Q\b|\b{_NTH_WORD}\s(?P<of>quarter|half)\b)"
_FIRST = r"\bfirst\s(?P<count>two|three|six|nine|eleven|ten|eight|seven|five|four|\d{1,2})\s(?P<unit>quarters|months)\b"
_H = r"(?:\bH(?P<half>[12])\b|\b(?P<half2>[12])H\b)"
_END = r"(?:\b(?P<end>(?:year|month)[-\s]end|(?:year[-\s]|month[-\s])?end(?:-|\s(?:of\s(?:the\s)?(?:year\s)?)?))\s?)"
_TO_Y = rf"(?:{_OF}{_Y}(?!\d))"

_PATTERNS = [
    re.compile(pattern, FLAGS)
    for pattern in (
        rf"{_HAN_Y}(?:\s?{_HAN_PART}|\s?(?P<end4>年?[末底])|全年|(?P<mid>年?中)(?![\u4e00-\u9fff])|(?P<mid2>年中))?",
        rf"(?<![\d.,个第零〇一二三四五六七八九十]){_HAN_PART}",
        rf"(?<![\d.,年]){_Y}年?(?P<end>[末底])",
        r"(?P<end>年[末底])",
        r"(?<![\d.,第/-])(?P<day>3[01]|[12]\d|0?[1-9])日(?![元内均本间])",
        rf"(?<![\w.-]){_Y}(?P<sep>[-/.])(?P<month>{_M_OF_ISO})(?P=sep)(?P<day>3[01]|[12]\d|0?[1-9])(?!\d|[.-]\d)",
        rf"(?<![\w.-]){_Y}[-/](?P<month>0[1-9]|1[0-2])(?!\d|[-/]\d|\s?[%家项个件万亿千])",
        rf"(?<![\d.,-]){_D}\s(?:of\s)?{_M}(?:{_TO_Y})?",
        rf"\b{_M}\s{_D}(?![\d%]|[.,]\d)(?:{_TO_Y})?",
        rf"\b(?P<since>Jan(?:uary|\b\.?)?\s?(?:{_DASH}|to\b|through\b)\s?){_M}{_TO_Y}?",
        rf"{_END}?\b{_M}{_TO_Y}",
        rf"{_END}(?:the\s)?(?:{_M}|{_Q}|{_H})(?:{_TO_Y})?",
        rf"(?:{_Q}|{_H}|{_FIRST})(?:{_TO_Y}|{_OF}year\b)?",
        rf"\b{_Y}[-\s]?(?:Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<end>year[-\s]end))\b",
        rf"{_END}{_Y}(?!\d|[.,-]\d)",
        r"\b(?P<month>January|February|April|June|July|August|September|October|November|December)\b",
        r"\b(?P<lead>(?:in|of|by|since|until|till|during|early|late|mid|this|last)[\s-])(?P<month>March|May)\b",
        r"\b(?P<end>end\sof\sthe\syear|year[-\s]end)\b",
    )
]

_COUNTED = (
    r"institutions|compan(?:y|ies)|enterprises|firms|banks|branches|outlets|measures|projects|people|persons|residents"
    r"|households|cases|transactions|wallets|policies|items|ports|countries|platforms|reforms|results|clients|customers"
    r"|merchants|branches|staff|employees|participants|guests|students|villages|towns|cities|districts|trains|vehicles"
    r"|containers|days|hours|times|units|users|accounts|patents|jobs|stores|shops|farmers|words|pages|contracts"
)
_HAN_COUNTED = r"(?:[家项个件笔户名位条次种套份张座万亿千百元余多米吨倍]|人(?!民)|公里|标准?箱)"
_COUNTED_NEXT = (
    rf"(?:[%‰]|\s?{_HAN_COUNTED}|[\s-](?:yuan|rmb|cny|renminbi|usd|dollars?|euros?|percent|per\scent|pct|points?|km"
    r"|kilomet(?:er|re)s?|met(?:er|re)s?|teus?|tons?|tonnes?|hundred|thousand|million|billion|trillion)\b)"
)
_BARE_YEAR = re.compile(
    r"(?<![\d.#$¥€£])(?<!\d,)(?<![a-z_])(?<![a-z]-)(?<![$¥€£]\s)(?:\b(?:FY|(?P<mid>mid-?\s?|middle\sof\s)|early-|late-|pre-|post-))?"
    rf"{_Y}(?![\da-z_])(?![.,]\d)(?!{_COUNTED_NEXT})(?!\s?{_DASH}\s?\d{{1,9}}(?:\.\d{{1,9}})?{_COUNTED_NEXT})",
    FLAGS,
)
_COUNTED_NOUN = re.compile(rf"\s(?:[a-z]{{1,20}}\s){{0,2}}(?:{_COUNTED})\b", FLAGS)
_IN_A_YEAR = re.compile(r"(?:\b(?:in|since|until|during|year|major|key)\s)$", FLAGS)
# "Grew by 7.2% over 2025": a share is no bound's, nor is the last word of a clause.
_THROUGH = re.compile(r"(?:%|percent|per\scent)\sover\s$", FLAGS)
_OVER = re.compile(r"\bover\s$", FLAGS)
_CLAUSE_END = re.compile(r"\s?(?:[?!;:)]|[.,](?!\d)|$|\s(?:and|but|compared|against|than|as)\b)", FLAGS)
_BOUNDED = re.compile(
    r"(?:(?:more|less|fewer|greater)\sthan|\bover|at\s(?:least|most)|nearly|approximately|超过?|突破|至少|逾|近|约"
    r"|不足|不低于|不少于|rmb|usd|人民币)\s?$",
    FLAGS,
)
_SHORT_YEAR = re.compile(rf"{_DASH}(?P<end>\d\d)(?![\d%.,-]|\s?{_HAN_COUNTED})", FLAGS)


def _dated(text: str, pattern: re.Pattern[str]) -> Iterator[DateMention]:
    for match in pattern.finditer(text):
        if (date := _mention(match)) is not None:
            yield date


def _mention(match: re.Match[str]) -> DateMention | None:
    parts = {name.rstrip("234"): written.lower() for name, written in match.groupdict().items() if written}
    year = _number(parts.get("year"))
    month = _MONTHS.get(parts.get("month", "")) or _number(parts.get("month"))
    day = _number(parts.get("day"))
    quarter = _number(parts.get("quarter"))
    half = _HALVES.get(parts.get("half", "")) or _number(parts.get("half"))
    cumulative = "since" in parts or "first" in parts
    if nth := _NTH.get(parts.get("nth", "")):
        quarter, half = (nth, None) if parts["of"] == "quarter" else (None, nth)
    if count := _number(parts.get("count")):
        cumulative = True
        month, quarter = (count, None) if parts["unit"] == "months" else (None, count)
    if (half and half > 2) or (month and not 1 <= month <= 12) or (quarter and quarter > 4):
        return None
    if day and month and day > (29 if month == 2 and not year else _last_day(year, month)):
        return None
    if "mid" in parts:
        return _at(match, year, MIDYEAR)
    if "end" in parts and not day:
        month = month or (quarter and 3 * quarter) or (half and 6 * half) or 12
        return _at(match, year, month, _last_day(year, month))
    if cumulative:
        return _since_january(match, year, month or 3 * (quarter or 4))
    return _at(match, year, month, day, quarter, half)


def _at(
    match: re.Match[str],
    year: int | None,
    month: int | None = None,
    day: int | None = None,
    quarter: int | None = None,
    half: int | None = None,
) -> DateMention:
    start = match.end("lead") if "lead" in match.re.groupindex else match.start()
    return DateMention(Span(start, match.end()), match[0], year, month, day, quarter, half)


def _since_january(match: re.Match[str], year: int | None, month: int) -> DateMention:
    if month in (3, 6):
        return _at(match, year, quarter=1 if month == 3 else None, half=1 if month == 6 else None)
    date = _at(match, year, quarter=3) if month == 9 else _at(match, year, month)
    return replace(date, cumulative=True)


def _number(written: str | None) -> int | None:
    if not written:
        return None
    if written.isdigit() and written.isascii():
        return int(written)
    if written in ENGLISH:
        return ENGLISH[written]
    if len(written) == 4:
        return int("".join(str(HAN_DIGITS[char]) for char in written))
    return int(han_value(written))


def _bare_years(text: str) -> Iterator[DateMention]:
    for match in _BARE_YEAR.finditer(text):
        before = text[max(0, match.start() - 16) : match.start()]
        counted = _COUNTED_NOUN.match(text, match.end()) and not _IN_A_YEAR.search(before)
        # A round number is more likely a count.
        throughout = (
            int(match["year"]) % 100 and _OVER.search(before) and _CLAUSE_END.match(text, match.end())
        )
        followed = text[match.end() : match.end() + 1] == "年" or _THROUGH.search(before) or throughout
        if counted or (_BOUNDED.search(before) and not followed):
            continue
        year = int(match["year"])
        yield _at(match, year, MIDYEAR if match["mid"] else None)
        if (short := _SHORT_YEAR.match(text, match.end())) and int(short["end"]) > max(12, year % 100):
            span = Span(short.start("end"), short.end("end"))
            yield DateMention(span, short["end"], year // 100 * 100 + int(short["end"]))
