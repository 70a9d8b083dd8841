"""The date of a follow-up: a new one, the same one, the year before it, or one that nobody can know."""

from __future__ import annotations

import re

from ...text.dates import DateMention, find_dates
from ...text.language import detect_language
from ...text.marks import read_marks, replace_span
from ...types import Language, Span
from ..wants import words
from .topics import ENDS, date_phrases

MONTHS = "January February March April May June July August September October November December".split()
# "at the end of 2022" asked of 2023 leaves "at the 2023".
THE_YEAR = re.compile(rf"\b(?:at|by|on|to|in) the (?=[12][0-9]{{3}}\b|(?:{'|'.join(MONTHS)})\b)")
THE_DAY = re.compile(rf"\b(?:at|by|on|to|in) the (?=(?:{'|'.join(MONTHS)}) [0-9]{{1,2}}\b)")
THE_END = re.compile(r"\b(?:in|by|at) (?=end of|year-end)")
SAME_DATE = {
    Language.ZH: words(
        r"(?:那一?[年月]|那半年|当[年时月]|同[年期]|同一[年时][点间期]?|那时候?|这期间|该期间|届时)(?:的|，|,)?"
    ),
    Language.EN: words(
        r"(?:,\s+)?\b(?:in|at|on|during|of|by) (?:that|the same) (?:year|time|date|point|month|quarter"
        r"|period)\b|\bby then\b|\bthat year\b"
    ),
}
COUNTED_BACK = {
    Language.ZH: words(r"^(?:(?P<back>[前上]一年(?:度)?|(?:再)?往前一年)|(?P<on>[后次下]一?年|第二年))$"),
    Language.EN: words(
        r"^(?:(?P<back>(?:the )?(?:(?:a |one )?year before(?: that)?|(?:a |one )?year earlier|previous year"
        r"|preceding year))|(?P<on>(?:the )?(?:year after(?: that)?|following year|next one|(?:a"
        r"|one) year (?:later|on|after))))$"
    ),
}
# Counted from the day of asking, which no document knows: said as it is, for the guard to refuse.
RELATIVE = {
    Language.ZH: words(r"[跟和与比较]*(?:去年|今年|明年|前年|上个?月|本月|目前|现在)"),
    Language.EN: words(
        r"\b(?:compared (?:with|to) |than )?(?:last|this|next) (?:year|month|quarter)\b|\bnow\b|\btoday\b"
    ),
}
# Counted from the date of the question before by more than a year: not worked out, and never answered for that date.
SHIFTED = words(
    r"\b(?:following|next|previous|preceding|past) (?:[\w-]+ )?(?:months|years|quarters|weeks|days)\b"
    r"|\b(?:months?|years?|quarters?|weeks?|days?) (?:after|before|later|earlier|on)\b|(?:个月"
    r"|[0-9一二两三四五六七八九十]年)[之以]?[前后]"
)
QUANTITY = {
    Language.ZH: words(r"多少|多[大高快]|几[家个成]|百分之几|增速|增长|比重"),
    Language.EN: words(
        r"\bhow (?:much|many|large|big|fast|high)\b|\bwhat (?:share|part|percentage|proportion)\b"
    ),
}


def change_date(new: DateMention, text: str, language: Language) -> str:
    """``text`` asked of another date, which is written in ``language``; one without a year keeps the year."""
    if language is not detect_language(text):
        language = language.other
        new = next(iter(find_dates(translate_date(new, language))), new)
    dates = read_marks(text).dates
    old = dates[0] if dates else None
    written = write_date(new, old, language)
    if old:
        asked = replace_span(text, Span(old.span.start, dates[-1].span.end), written)
        return _mend(asked) if language is Language.EN else asked
    if language is Language.ZH:
        return f"{written}{text}"
    joint = "at the" if written.startswith("end") else "in"
    return f"{text.rstrip('?？. ')} {joint} {written}?"


def _mend(text: str) -> str:
    """The preposition that the new date wants: "at the 2023" is "in 2023"."""
    return THE_END.sub("at the ", THE_YEAR.sub("in ", THE_DAY.sub("on ", text)))


def write_date(new: DateMention, old: DateMention | None, language: Language) -> str:
    """The new date with the year of the old one where it has none of its own."""
    if new.year or not (old and old.year) or not (new.month or new.quarter or new.half):
        return new.text
    if language is Language.ZH:
        return f"{old.year}年{new.text}"
    return f"{new.text}{' of' if new.quarter or new.half else ''} {old.year}"


def translate_date(new: DateMention, language: Language) -> str:
    """The date as ``language`` writes it, as far as year and month go."""
    if language is Language.EN:
        month = f"{MONTHS[new.month - 1]} " if new.month else ""
        return f"{month}{new.year}" if new.year else month.strip() or new.text
    return f"{new.year}年{f'{new.month}月' if new.month else ''}" if new.year else new.text


def count_back(counted: re.Match[str], before: str) -> str:
    """The question before, asked of the year before or after its own."""
    old = next((date for date in reversed(read_marks(before).dates) if date.year), None)
    if old is None or old.year is None:
        return ""
    year = old.year + (1 if counted["on"] else -1)
    return replace_span(before, old.span, old.text.replace(str(old.year), str(year)))


def same_date(said: str, dated: re.Match[str], before: str, language: Language) -> str:
    """What says the same date ("那一年", "by then") put as the date of the question before."""
    old = read_marks(before).dates[-1]
    written = old.text if detect_language(before) is language else translate_date(old, language)
    if language is Language.ZH:
        if (
            dated.group().startswith("那")
            and re.match(r"[0-9一二三四五六七八九十]+月|[上下]半年|[第一二三四]+季度", said[dated.end() :])
            and old.year
        ):
            written = f"{old.year}年"
        joint = "，" if dated.group()[-1] in "，," else "的" if dated.group()[-1] == "的" else ""
        return f"{said[: dated.start()]}{written}{joint}{said[dated.end() :]}".lstrip("，, 那")
    return f"{said[: dated.start()]} in {written}{said[dated.end() :]}".strip()


def has_date(said: str, language: Language) -> bool:
    """Whether the turn has a time of its own, be it only "今年": that of the question before must not be put to it."""
    return bool(find_dates(said) or RELATIVE[language].search(said))


def add_date(said: str, before: str, language: Language) -> str:
    """A question for a quantity takes the date of the one before; "when" and "who" do not."""
    dates = read_marks(before).dates
    if (
        not dates
        or has_date(said, language)
        or not QUANTITY[language].search(said)
        or detect_language(before) is not language
    ):
        return said
    if language is Language.ZH:
        return f"{dates[0].text}{said}"
    return f"{said.rstrip(ENDS)} {date_phrases(before)[0]}?"
