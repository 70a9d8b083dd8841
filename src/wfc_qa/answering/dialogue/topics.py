"""What a question is about: the phrase that a follow-up takes over from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...text.dates import DateMention
from ...text.marks import blank, read_marks
from ...text.measures import find_measures
from ...text.terms import content_terms, stem
from ...types import Language, Span
from ..wants import words
from .naming import ASKS, COUNTED, HEADS, PRONOUNS, VERBS, is_name_like, is_owned, names_something

# What may hang on either end of a Chinese phrase without being part of it.
LOOSE_END = words(
    r"(?:又|各|分别|到底|究竟|具体|一共|总共|共|大概|大约|已经?|的|了|在|于|是|有|为|由|被|从|向|给|将"
    r"|(?<!纪)要|能够|可以|应该?|需要?|达到?|超过|增加?到|设立?|位于|成立|启动|印发|发布|公布"
    r"|出台|通过|揭牌|举[行办]|召开|开[始通行业]|发[行起]|提[出供]|列出?|办理?了?|开立?了?|上线|通达|覆盖"
    r"|聚集|拥有|带来|增长|增加|下降|促成|签署|规定|说|写|讲|比上年(?:同期)?|同比|比|上?涨|跌|上升|与|和|，|,"
    r"|\s)++$"
)
LOOSE_START = words(r"^(?:截至|截止|到|至|在|于|从|的|了|，|,|\s)++")
AUXILIARY = frozenset(
    "is are was were be been being do does did has have had will would can could should may might shall not".split()
)
JOINERS = frozenset("of to for in on at by with from between and the a an under over".split())
TOKEN = re.compile(r"[A-Za-z][\w'’&.-]*[\w]|[A-Za-z]|[0-9]+|[“《][^”》]*[”》]|[\u3400-\u9fff]+|[^\s]")
ENDS = "？?。.！! "
BRACKET = re.compile(
    r"(?:[（(](?:关于[:：])?(?P<held>[^（()）]{2,})[)）]|— about: (?P<about>.{2,}?))[？?]?\s*$"
)
BEFORE_DATE = re.compile(r"(?:(?:as of|at|by|in|on|since|during|until)\s+)?(?:the\s+)?$", re.IGNORECASE)


def find_topic(text: str, language: Language, *, dated: bool = True, measured: bool = True) -> str:
    """What ``text`` asks about, ready to be carried over; without its dates or the quantity it asks for where those are
    the follow-up's own."""
    if held := BRACKET.search(text):
        text = held["held"] or held["about"]
    if language is Language.EN:
        return _english_topic(text, dated, measured)
    return _chinese_topic(text, dated, measured)


def find_subject(text: str, language: Language) -> str:
    """What a pronoun stands for: the phrase that the question before is about, without dates around it."""
    if held := BRACKET.search(text):
        text = held["held"] or held["about"]
    if language is Language.ZH:
        return _chinese_topic(text, True, True, outer_dates=False)
    return max((chunk.of(text) for chunk in english_chunks(text)), key=_telling, default="")


def _telling(chunk: str) -> tuple[bool, int]:
    return (is_name_like(chunk, Language.EN), len(chunk))


def _chinese_topic(text: str, dated: bool, measured: bool, outer_dates: bool = True) -> str:
    """What stands before the question word, or after it where nothing does."""
    asks = ASKS[Language.ZH].search(text)
    lead = text[: asks.start()] if asks else text
    if not content_terms(blank(lead, [date.span for date in read_marks(lead).dates])) and asks:
        lead = text[asks.end() :]
        lead = re.sub(r"^[时候年月日天个些家项条件年天]*", "", lead)
    lead = lead.rstrip("？?。！! ")
    dates = read_marks(lead).dates
    if not dated:
        lead = _without(lead, [date.span for date in dates])
    elif not outer_dates and dates and not LOOSE_START.sub("", lead[: dates[0].span.start]).strip():
        lead = lead[dates[0].span.end :]
    if not measured:
        lead = _without_measures(lead)
    while len(parts := re.split(r"的", lead)) > 1 and is_owned(parts[-1], Language.ZH):
        lead = "的".join(parts[:-1])
    lead = LOOSE_START.sub("", lead)
    kept = LOOSE_END.sub("", lead)
    counted = COUNTED[Language.ZH].search(text)
    if counted and not names_something(kept, Language.ZH):
        kept = f"{kept}的{counted['noun']}"
    return kept if len(kept) > 1 else lead.strip()


def _without_measures(lead: str) -> str:
    """The Chinese phrase up to the quantity that ends it: "2024年末重庆的" of "2024年末重庆的绿色贷款余额"."""
    parts = re.split(r"(?<=的)", lead)
    while len(parts) > 1 and find_measures(parts[-1]) & HEADS:
        parts.pop()
    return "".join(parts)


def _without(text: str, spans: Iterable[Span]) -> str:
    for span in sorted(spans, key=lambda span: -span.start):
        before, after = text[: span.start], text[span.end :]
        text = re.sub(r"(?:截至|截止|到|至|在|于)$", "", before) + re.sub(r"^[，,\s]*(?:的(?=.))?", "", after)
    return text


def _english_topic(text: str, dated: bool, measured: bool) -> str:
    chunks = [chunk.of(text) for chunk in english_chunks(text)]
    if not measured:
        chunks = [left for chunk in chunks if (left := _unmeasured(chunk))]
    dates = date_phrases(text) if dated else []
    dates = [date for date in dates if not any(date in chunk for chunk in chunks)]
    chunks = list(dict.fromkeys(chunks))
    chunks = [chunk for chunk in chunks if not is_owned(chunk, Language.EN)] or chunks
    return " ".join(["; ".join(chunks), *dates]).strip() if chunks else " ".join(dates)


def _unmeasured(chunk: str) -> str:
    """Whose or where the quantity is: "Chongqing" of "Chongqing's outstanding loans"."""
    if not find_measures(chunk) & HEADS:
        return chunk
    names = re.findall(r"[A-Z][\w-]+(?: [A-Z][\w-]+)*", chunk)
    return " ".join(names)


def date_phrases(text: str) -> list[str]:
    """The dates of an English text with the prepositions before them."""
    phrases = []
    for date in read_marks(text).dates:
        lead = BEFORE_DATE.search(text[: date.span.start])
        phrases.append(text[lead.start() if lead else date.span.start : date.span.end].strip())
    return phrases


def english_chunks(text: str) -> Iterator[Span]:
    """Noun phrases, as far as closed lists tell: runs of words that are no question, auxiliary or verb, nor dates."""
    dates = read_marks(text).dates
    first = last = -1
    for match in TOKEN.finditer(text):
        word = match.group().lower()
        if any(date.span.start <= match.start() < date.span.end for date in dates):
            joins, holds = bool(_owner(text, dates, match.start())) and first >= 0, False
        else:
            joins = word in JOINERS
            holds = not joins and _nominal(match.group())
        if holds:
            first, last = (match.start() if first < 0 else first), match.end()
        elif not joins and first >= 0:
            yield Span(first, last)
            first = -1
    if first >= 0:
        yield Span(first, last)


def _owner(text: str, dates: Iterable[DateMention], place: int) -> bool:
    """Whether a date stands within a phrase: "the PBOC's December 2025 opinions"."""
    date = next(date for date in dates if date.span.start <= place < date.span.end)
    return text[: date.span.start].rstrip().endswith(("'s", "’s", "s'")) or bool(
        re.match(r"\s+[a-z]+", text[date.span.end :]) and re.search(r"\bthe $", text[: date.span.start])
    )


def _nominal(word: str) -> bool:
    """Whether an English word may stand in a noun phrase."""
    folded = word.lower()
    if not word[0].isalnum() and word[0] not in "“《":
        return False
    if (
        word[0].isdigit()
        or folded in AUXILIARY
        or ASKS[Language.EN].fullmatch(folded)
        or PRONOUNS[Language.EN].fullmatch(folded)
    ):
        return False
    if not content_terms(word) or folded in {"large", "big", "high", "fast", "long", "way"}:
        return False
    if word[0].isupper():
        return True
    return stem(folded) not in VERBS and not folded.endswith("ed")
