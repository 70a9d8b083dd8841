"""What a question asks for: dates, figures and names it states, and the kind of thing it wants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ..retrieval.terms import Terms, Word
from ..text.dates import DateMention
from ..text.figures import Figure, Unit
from ..text.marks import read_marks
from ..text.ordinals import Ordinal
from ..text.scripts import fold_text
from ..text.units import MONEY, read_unit
from ..types import Language, Query
from .names import Name


class Want(StrEnum):
    QUANTITY = "quantity"
    DATE = "date"
    PLACE_IN_ROW = "place_in_row"
    LIST = "list"
    REASON = "reason"
    VERDICT = "verdict"
    CHOICE = "choice"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


WANTS: dict[Language, dict[Want, re.Pattern[str]]] = {
    Language.ZH: {
        Want.DATE: _words(r"何时|什么时候|什么时间|哪一?[年月天日]|何年|几[月号]|多久"),
        Want.QUANTITY: _words(
            r"多少|多大|多高|多长|占比|比例|比重|增速|增幅|增长率|(?<!第)几[家个项条次位名种]|百分之几"
        ),
        Want.PLACE_IN_ROW: _words(r"第几|排名"),
        Want.LIST: _words(r"哪些|哪[两二三四五六七八九十几]|列出|列举|有什么|包括什么|分别"),
        Want.REASON: _words(r"为什么|为何|凭什么|原因|怎么会"),
        Want.VERDICT: _words(r"吗[？?]?$|是否|有没有|是不是|对不对"),
        Want.CHOICE: _words(r"还是"),
    },
    Language.EN: {
        Want.DATE: _words(r"\b(when|(what|which) (year|month|day|date|quarter)|how long)\b"),
        Want.QUANTITY: _words(
            r"\b(how (many|much|large|big|high|far)|what (share|percentage|proportion|number|amount|rate|sum|size)"
            r"|growth rate|interest rate)\b"
        ),
        Want.PLACE_IN_ROW: _words(r"\b(what|which) (overall )?(rank|place|position|batch)\b"),
        Want.LIST: _words(
            r"\b(which (\w+ )?\w+s|what are|list|name the|what \w+s (are|were|did|does|do|have))\b"
        ),
        Want.REASON: _words(r"\b(why|how come|what (caused|reason))\b"),
        Want.VERDICT: _words(r"^\W*(is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b"),
        Want.CHOICE: _words(r"\bor\b"),
    },
}
NAMED_UNIT = {
    Language.ZH: _words(r"多少(?=[^，。？]{1,6})"),
    Language.EN: _words(r"\bhow many |\bin "),
}
SHARES = {
    Language.ZH: _words(
        r"比例|占比|比重|份额|增速|增幅|增长率|利率|[^余金数]率|百分之几|增长了?多少|(占|下降)[^，]{0,12}多少"
    ),
    Language.EN: _words(
        r"\b(share|percent\w*|proportion|rate|ratio|how (much|fast) did .{1,60} (grow|rise|fall))\b"
    ),
}
SUMS = {
    Language.ZH: _words(r"多少(万|亿|万亿)?(元|美元|钱|人民币)|余额|金额|总额|货值|价值|多少资金"),
    Language.EN: _words(r"\b(yuan|dollars?|usd|rmb|money|balance|amount|worth|value)\b"),
}
COUNTED = {
    Language.ZH: _words(
        r"(?:多少|(?<!第)几)(?:家|个|项|名|位|笔|件|条|次|种|只|款|座|所)?(?P<noun>[\u4e00-\u9fff]{1,6})?"
    ),
    Language.EN: _words(r"\bhow many (?P<noun>[a-z-]+(?: [a-z-]+)?)"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """``units`` are those an answer may be counted in, empty when any; ``counted`` is what "how many" asks
    about."""

    query: Query
    terms: Terms
    dates: tuple[DateMention, ...]
    figures: tuple[Figure, ...]
    ordinals: tuple[Ordinal, ...]
    names: tuple[Name, ...]
    wants: frozenset[Want]
    units: frozenset[Unit]
    counted: Word | None


def read_question(query: Query, terms: Terms, names: tuple[Name, ...]) -> Asked:
    """Everything the evidence will be held against; ``names`` are those worth checking."""
    text, language = query.text, query.language
    marks = read_marks(text)
    wants = frozenset(want for want, pattern in WANTS[language].items() if pattern.search(text))
    counted = COUNTED[language].search(text) if Want.QUANTITY in wants else None
    noun = fold_text(counted["noun"] or "") if counted else ""
    return Asked(
        query=query,
        terms=terms,
        dates=marks.dates,
        figures=tuple(figure for figure in marks.figures if _binds(figure, wants)),
        ordinals=marks.ordinals,
        names=names,
        wants=wants,
        units=_units(text, language) if Want.QUANTITY in wants else frozenset(),
        counted=_head(noun, language, terms),
    )


def _binds(figure: Figure, wants: frozenset[Want]) -> bool:
    """Whether the evidence must say the figure: "which three initiatives" and "one of" only count words."""
    return figure.unit is not Unit.COUNT or (Want.LIST not in wants and figure.value > 2)


def _head(noun: str, language: Language, terms: Terms) -> Word | None:
    """The counted noun itself: in "金融机构发起" and "judges sit" the first word, in "major reforms" the last."""
    if language is Language.ZH:
        heads = [word for word in terms.words if noun.startswith(word.text)]
        return max(heads, key=lambda word: len(word.text), default=None)
    plural = [part for part in noun.split() if part.endswith("s")] or noun.split()[:1]
    return next((word for word in terms.words if plural and plural[0] in word.text.split()), None)


def _units(text: str, language: Language) -> frozenset[Unit]:
    for match in NAMED_UNIT[language].finditer(text):
        named = read_unit(text, match.end())
        if named:
            return frozenset({named[0]})
    if SHARES[language].search(text):
        return frozenset({Unit.PERCENT, Unit.POINTS})
    return MONEY if SUMS[language].search(text) else frozenset()
