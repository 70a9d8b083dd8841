"""What a question asks for: dates, figures and names it states, and the kind of thing it wants."""

from __future__ import annotations

import re
from collections.abc import Callable
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
    LATEST = "latest"
    WHO = "who"
    HOW = "how"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


WANTS: dict[Language, dict[Want, re.Pattern[str]]] = {
    Language.ZH: {
        Want.DATE: _words(r"何时|什么时候|什么时间|哪一?[年月天日]|何年|几[月号]|多久"),
        Want.QUANTITY: _words(
            r"多少|多大|多高|多长|占比|比例|比重|增速|增幅|增长率|(?<!第)几[家个项条次位名种]|百分之几"
        ),
        Want.PLACE_IN_ROW: _words(r"第几|排名"),
        Want.LIST: _words(r"哪些|哪[两二三四五六七八九十几]|列出|列举|有什么|包括什么"),
        Want.REASON: _words(r"为什么|为何|凭什么|原因|怎么会"),
        Want.VERDICT: _words(r"吗[？?]?$|是否|有没有|是不是|对不对"),
        Want.CHOICE: _words(r"还是"),
        Want.LATEST: _words(r"最新|目前|现在|当前|最近"),
        Want.WHO: _words(r"谁"),
        Want.HOW: _words(r"怎么(?!样)|如何|怎样|哪里可以"),
    },
    Language.EN: {
        Want.DATE: _words(r"\b(when|(what|which) (year|month|day|date|quarter)|how long)\b"),
        Want.QUANTITY: _words(
            r"\b(how (many|much|large|big|high|far)|what (share|percentage|proportion|number|amount|rate|sum|size)"
            r"|growth rate|interest rate"
            r"|what (is|are|was|were) [\w' -]{0,40}?(balance|total|value|growth|ratio|share|number))\b"
        ),
        Want.PLACE_IN_ROW: _words(r"\b(what|which) (overall )?(rank|place|position|batch)\b"),
        Want.LIST: _words(
            r"\b(which (\w+ )?\w+s|what are|list|name the|what \w+s (are|were|did|does|do|have))\b"
        ),
        Want.REASON: _words(r"\b(why|how come|what (caused|reason))\b"),
        Want.VERDICT: _words(r"^\W*(is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b"),
        Want.CHOICE: _words(r"\bor\b"),
        Want.LATEST: _words(r"\b(latest|current|currently|most recent|now|today)\b"),
        Want.WHO: _words(r"\bwho(se|m)?\b"),
        Want.HOW: _words(r"\bhow (do|can|should|to|would|does one)\b"),
    },
}
NAMED_UNIT = {
    Language.ZH: _words(r"多少(?=[^，。？]{1,6})"),
    Language.EN: _words(r"\bhow many |\bin "),
}
# The deed or post that "who" and "when" ask about.
DEEDS = {
    Language.ZH: _words(
        r"(?P<before>[\u4e00-\u9fff]{2,4})(?:是|为)谁|(?:谁|何时|什么时候|哪一?[年月天日])(?P<after>[\u4e00-\u9fff]{2,3})"
    ),
    Language.EN: _words(
        r"\bwho (?:(?:is|are|was|were|has|have|had|did|will) )?(?:the )?(?P<after>[a-z]+)(?P<before>)"
    ),
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
    Language.EN: _words(r"\b((?<!digital )yuan|dollars?|usd|rmb|money|balance|amount|worth|value)\b"),
}
COUNTED_BEFORE = _words(
    r"(?P<noun>[\u4e00-\u9fff]{2,8}?)(?:一共|总共|共)?(?:有|是)?(?:多少|(?<!第)几)[家个项名位笔件条次种只款座所](?![\u4e00-\u9fff])"
)
JOINTS = {Language.ZH: _words(r"[、和与及]|以及"), Language.EN: _words(r"\b(?:and|,)\b")}
COUNTED = {
    Language.ZH: _words(
        r"(?:多少|(?<!第)几)(?:家|个|项|名|位|笔|件|条|次|种|只|款|座|所)?(?P<noun>[\u4e00-\u9fff]{1,6})?"
    ),
    Language.EN: _words(r"\bhow many (?P<noun>[a-z-]+(?: [a-z-]+){0,3})"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """``units`` are those an answer may be counted in, empty when any; ``counted`` is what "how many" asks
    about, ``joined`` what an "and" sets side by side, ``deed`` what it must speak of besides."""

    query: Query
    terms: Terms
    dates: tuple[DateMention, ...]
    figures: tuple[Figure, ...]
    ordinals: tuple[Ordinal, ...]
    names: tuple[Name, ...]
    wants: frozenset[Want]
    units: frozenset[Unit]
    counted: tuple[Word, ...]
    joined: tuple[Word, ...]
    deed: Word | None


def read_question(
    query: Query, terms: Terms, names: tuple[Name, ...], frequency: Callable[[str], int]
) -> Asked:
    """Everything the evidence will be held against; ``names`` are those worth checking, ``frequency`` tells how many
    passages hold a term."""
    text, language = query.text, query.language
    marks = read_marks(text)
    wants = frozenset(want for want, pattern in WANTS[language].items() if pattern.search(text))
    units = _units(text, language) if Want.QUANTITY in wants else frozenset()
    quantity = Want.QUANTITY in wants
    return Asked(
        query=query,
        terms=terms,
        dates=marks.dates,
        figures=tuple(figure for figure in marks.figures if _binds(figure, wants)),
        ordinals=marks.ordinals,
        names=names,
        wants=wants,
        units=units,
        counted=_counted(text, language, terms) if quantity and not units else (),
        joined=()
        if wants & {Want.VERDICT, Want.CHOICE, Want.LIST}
        else _joined(fold_text(marks.rest), language, terms),
        deed=_deed(text, wants, language, terms, frequency),
    )


def _binds(figure: Figure, wants: frozenset[Want]) -> bool:
    """Whether the evidence must say the figure: "which three initiatives" and "one of" only count words."""
    return figure.unit is not Unit.COUNT or (Want.LIST not in wants and figure.value > 2)


def _counted(text: str, language: Language, terms: Terms) -> tuple[Word, ...]:
    """The heads of the counted nouns: the last word of "金融机构" and of "major reforms"."""
    nouns = [fold_text(match["noun"] or "") for match in COUNTED[language].finditer(text)]
    if language is Language.ZH:
        nouns = [noun for noun in nouns if noun] or [
            fold_text(m["noun"]) for m in COUNTED_BEFORE.finditer(text)
        ]
        heads = (_last_word(noun, terms) for noun in nouns)
    else:
        plurals = (
            [part for part in noun.split() if part.endswith("s")] or noun.split()[:1] for noun in nouns
        )
        heads = (
            next((w for w in terms.words if parts and parts[0] in w.text.split()), None) for parts in plurals
        )
    return tuple(head for head in heads if head)


def _last_word(noun: str, terms: Terms) -> Word | None:
    found = [(noun.rfind(word.text) + len(word.text), word) for word in terms.words if word.text in noun]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _joined(text: str, language: Language, terms: Terms) -> tuple[Word, ...]:
    """The words next to every joint: "存款、贷款和保费收入" asks for all three."""
    found: list[Word] = []
    for joint in JOINTS[language].finditer(text):
        before, after = text[: joint.start()].rstrip(), text[joint.end() :].lstrip()
        found += [word for word in terms.words if before.endswith(word.text)][:1]
        found += [word for word in terms.words if after.startswith(word.text)][:1]
    return tuple(dict.fromkeys(found))


def _deed(
    text: str, wants: frozenset[Want], language: Language, terms: Terms, frequency: Callable[[str], int]
) -> Word | None:
    """What the evidence has to speak of: the deed that "who" asks the doer of; the one "when" asks about only where no
    passage knows the word, since "set up" and "founded" are one."""
    match = DEEDS[language].search(fold_text(text)) if wants & {Want.WHO, Want.DATE} else None
    if match is None:
        return None
    after, before = (match[name] or "" for name in ("after", "before"))
    found = [word for word in terms.words if after and after.startswith(word.text)]
    found += [word for word in terms.words if before and before.endswith(word.text)]
    deed = max(found, key=lambda word: len(word.text), default=None)
    if deed is None or Want.WHO in wants:
        return deed
    unheard = not deed.translations and 0 in map(frequency, deed.terms)
    return deed if unheard else None


def _units(text: str, language: Language) -> frozenset[Unit]:
    for match in NAMED_UNIT[language].finditer(text):
        named = read_unit(text, match.end())
        if named:
            return frozenset({named[0]})
    if SHARES[language].search(text):
        return frozenset({Unit.PERCENT, Unit.POINTS})
    return MONEY if SUMS[language].search(text) else frozenset()
