"""What a follow-up lacks, taken from the question before: that question asked again of something else, or its topic
carried over."""

from __future__ import annotations

import re

from ...adapters.cedict import Dictionary
from ...text.dates import find_dates
from ...text.language import detect_language
from ...text.marks import blank, replace_span
from ...text.measures import Measure, find_measures
from ...text.scripts import fold_text
from ...types import Language, Span
from ..wants import words
from .dating import COUNTED_BACK, RELATIVE, SAME_DATE, change_date, count_back, has_date
from .naming import ASKS, COUNTED, HEADS, PRONOUNS, is_owned, names_something
from .swap import Tools, change_subject
from .telling import tell_about, tell_topic
from .topics import find_topic

OF_A_QUANTITY = frozenset({Measure.BAD_LOANS, Measure.SHARE, Measure.GROWTH, Measure.INTEREST})
"""Measures of what has just been asked about: the growth of those loans, not growth instead of loans."""
# Words that bring nothing new of their own: "2025年的数字".
SAID_OF_ANY = words(r"^(?:的?(?:数字|数据|情况|数|结果)|(?:the )?(?:figures?|numbers?|count|data|one))$")
AROUND = words(
    r"^(?:(?:and|in|at|by|of|on|for|the|its|their|as of)\b\s*)+|(?:,|\s|\b(?:and|in|at|by|of|on|for|the|as of)\b)+$"
)
GOES_ON_WITH = words(
    r"^(?:那么?|还有|以及|到了?(?=[0-9]))(?![里儿个些一年])[，,\s]*|^(?:它们?|其|这|那)的?(?=[占比的同])"
    r"|呢(?=[？?。]?$)"
)
NOUN_FIRST = words(
    r"^(?![占比])(?:[\u4e00-\u9fff]{0,6}?(?:余额|金额|总额|规模|数量|货值|增速|增幅|比重|比例|占比|份额|文号"
    r"|编号|名称"
    r"|全称|目标|任务|内容|时间|日期|地址|原因|依据|作用|范围|成本|利率|期限|资本|不良率|成果|效果))"
)
# The same quantity, qualifiers first, in the other language, for follow-ups that change the language.
CALLED = {
    Measure.GREEN: ("绿色", "green"),
    Measure.TECHNOLOGY: ("科技", "technology"),
    Measure.CONSUMER: ("消费", "consumer"),
    Measure.DEPOSITS: ("存款", "deposits"),
    Measure.LOANS: ("贷款", "loans"),
    Measure.ASSETS: ("资产", "assets"),
    Measure.FINANCING: ("融资", "financing"),
    Measure.VALUE_ADDED: ("增加值", "value added"),
    Measure.PREMIUMS: ("保费", "premiums"),
    Measure.BONDS: ("债券", "bonds"),
}


def ask_again(core: str, before: str, tools: Tools) -> str:
    """The question before, asked of the date, name or quantity that ``core`` brings; empty where it brings neither."""
    core = SAME_DATE[tools.language].sub("", core).strip(" ，,")
    if not core:
        return ""
    if relative := RELATIVE[tools.language].search(core):
        return _ask_relative(core, relative, before, tools)
    if counted := COUNTED_BACK[tools.language].match(core):
        return count_back(counted, before)
    dates = find_dates(core)
    rest = _tidy(blank(core, [date.span for date in dates]), tools.language)
    asked = before
    if dates:
        asked = change_date(dates[0], asked, tools.language)
        rest = "" if SAID_OF_ANY.match(rest) else rest
    if not rest:
        return asked if dates else ""
    return _ask_of(rest, asked, tools)


def _ask_of(said: str, before: str, tools: Tools) -> str:
    """The question before, asked of another name, quantity or subject; what is only a property is added."""
    language = detect_language(before)
    if tools.language is not language:
        translated = translate_said(said, language, tools.dictionary)
        return change_subject(translated, before, tools) if translated else ""
    measures, counted = find_measures(said), COUNTED[language].search(before)
    if measures & OF_A_QUANTITY:
        return carry(said, before, tools, elliptic=True)
    if _is_name(said, tools) or measures & HEADS:
        return change_subject(said, before, tools)
    if counted and not NOUN_FIRST.match(said) and _is_countable(said, language):
        return replace_span(before, Span(*counted.span("noun")), said)
    if is_owned(said, language):
        return carry(said, before, tools, elliptic=True)
    return change_subject(said, before, tools)


def _is_countable(said: str, language: Language) -> bool:
    """Whether "how many" may be asked of it: an English plural, a Chinese word that names nothing by itself."""
    if language is Language.EN:
        return said.endswith("s") and said.islower()
    return not names_something(said, language)


def _is_name(said: str, tools: Tools) -> bool:
    if tools.language is Language.EN:
        return said[:1].isupper()
    return any(entry.proper for entry in tools.dictionary.translate(said, tools.language))


def _tidy(rest: str, language: Language) -> str:
    if language is Language.ZH:
        return "".join(rest.split()).strip("的，,、。")
    rest = re.sub(r"\s+", " ", rest).strip(" ,.;")
    return AROUND.sub("", rest).strip(" ,")


def _ask_relative(core: str, relative: re.Match[str], before: str, tools: Tools) -> str:
    """The undated question before, with the relative time as it was said."""
    language = detect_language(before)
    topic = find_topic(before, language, dated=False)
    rest = _tidy(replace_span(core, Span(*relative.span()), " "), tools.language)
    if language is Language.ZH:
        return f"{topic}{'的' + rest if rest else ''}{relative.group()}是多少？" if topic else ""
    if topic in rest:
        rest, topic = "", rest
    if rest:
        return tell_about(f"What about the {rest} {relative.group().lower()}", topic, before, tools.language)
    return f"What about {topic.replace('; ', ', ')} {relative.group().lower()}?" if topic else ""


def carry(said: str, before: str, tools: Tools, *, elliptic: bool = False) -> str:
    """``said`` with the topic of the question before, and its date unless it has one."""
    language = tools.language
    measures = find_measures(said)
    own = bool(measures & HEADS) and Measure.SHARE not in measures and not PRONOUNS[language].search(said)
    topic = find_topic(before, detect_language(before), dated=not has_date(said, language), measured=not own)
    if not topic or topic in said:
        return said
    asks = ASKS[language].search(said)
    if language is Language.EN or detect_language(before) is not language:
        what = f"What about the {said}?" if elliptic and not asks and language is Language.EN else said
        return tell_topic(what, topic, before, language)
    return _put_before(topic, f"{said}是多少？" if elliptic and not asks else said)


def _put_before(topic: str, said: str) -> str:
    """A Chinese question with its topic before it, and its own date before that."""
    said = GOES_ON_WITH.sub("", said)
    dates = find_dates(said)
    if dates and dates[0].span.start == 0:
        topic, said = f"{dates[0].text}{topic}", said[dates[0].span.end :].lstrip("，,的")
    noun = said.removesuffix("是多少？")
    said = said[len(noun) :] if noun != said and topic.endswith(noun) else said
    joint = "的" if NOUN_FIRST.match(said) and not topic.endswith("的") else ""
    return f"{topic}{joint}{said}"


def translate_said(said: str, language: Language, dictionary: Dictionary) -> str:
    """A quantity or a name in the other language; empty where no word of it is known."""
    called = [
        names[language is Language.EN] for measure, names in CALLED.items() if measure in find_measures(said)
    ]
    if not called:
        entries = dictionary.translate(fold_text(said), language.other)
        called = [entry.targets[0] for entry in entries if entry.proper][:1]
        called = [name if language is Language.ZH else name.title() for name in called]
    return ("" if language is Language.ZH else " ").join(called)
