"""Whether a figure quoted is of the very thing asked: its period, country, base, direction and kind."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..text.dates import DateMention
from ..text.figures import Figure, Unit
from ..text.measures import Measure
from ..text.poles import FALL, RISE, find_poles
from ..text.scripts import fold_text
from ..text.units import MONEY
from ..verification.bases import asks_another_base, asks_stock_or_flow
from ..verification.facts import Fact, read_statement
from ..verification.subjects import of_the_country, says_country
from .asked import Asked
from .evidence import Evidence
from .wants import Want

# Of one month and no longer.
ALONE = re.compile(
    r"当月|单月|\b(?:itself|alone|(?:in|during) (?:that|the) month(?: of)?|that month)\b", re.IGNORECASE
)
RUNNING = re.compile(
    r"累计|上半年|前[一三]?季|同比|\byear[- ](?:earlier|before|on)\b"
    r"|\bcumulative\w*|\bfirst half\b|\bhalf-year\b|\bso far\b",
    re.IGNORECASE,
)
# "A quarter of the country's" measures by the country and is no figure of it; nor is "the first in China".
BY_COUNTRY = re.compile(
    r"(?:占|居|相当于|达到?)(?:全国|中国|我国)|(?:全国|中国|我国|国内)(?:的?(?:第|首|最|领先|示范|前|比重|比例|几分|占|份))"
    r"|\b(?:share|proportion|portion|part|quarter|third|half|%|per ?cent)"
    r" of (?:the |all )?(?:china|nation|countr)\S*(?: total)?"
    r"|\b(?:first|second|third|fourth|fifth|only|largest) (?:\w+ ){0,4}in (?:china|the country)\b"
)
IN_MONEY = re.compile(
    r"(?:多少|几)(?:万|亿|万亿)?元|多少钱|\b(?:in|many|million|billion) (?:yuan|rmb|dollars)\b"
)
CURRENCIES = {
    Unit.USD: re.compile(r"美元|美金|(?<!kong )(?<!singapore )\bdollars?\b|\busd\b"),
    Unit.EUR: re.compile(r"欧元|\beuros?\b"),
    Unit.GBP: re.compile(r"英镑|\bpounds? sterling\b"),
    Unit.JPY: re.compile(r"日元|\byen\b"),
    Unit.HKD: re.compile(r"港[元币]|\bhong kong dollars?\b"),
}
RATIO = re.compile(r"占比|比重|比例|份额|存贷比|\b(?:share|proportion|ratio)\b")
# Words that hold a rise or a fall and tell none.
OTHERWISE = re.compile(
    r"\bup (?:to|until|till)\b|\bcut-?off\b|增加值|增值|增长极|降低|\bvalue[- ]added\b"
    r"|\badded value\b|\bgrowth (?:engine|pole)"
    r"|\breduc\w+"
)
SHARES = frozenset({Unit.PERCENT, Unit.POINTS})
CHANGES = frozenset({Measure.GROWTH, Measure.FALL})
CHANGED = re.compile(
    r"增[加长量]|[新净多]增|压降|较年初|\bup\b|\bdown\b|\bby\b|\bnew\b|\bgr[eo]w\w*|\bincreas\w*|\bris\w+|\brose\b|\badd\w*|下降|减少|\bfell\b"
)


def is_aligned(asked: Asked, told: Sequence[Evidence]) -> bool:
    """Whether nothing that ``told`` says of its figures sets them apart from the one asked for."""
    return not any(rule(asked, told) for rule in RULES)


def _other_period(asked: Asked, told: Sequence[Evidence]) -> bool:
    """A quarter is asked, or one month alone, and only a longer time is told that ends with it."""
    text = asked.query.text
    said = [date for e in told for date in e.own.dates]
    for date in asked.dates:
        if date.quarter and not date.cumulative and _longer(date, said):
            return True
        if date.month and ALONE.search(text) and any(RUNNING.search(e.own.folded) for e in told):
            return True
    return False


def _longer(asked: DateMention, said: Sequence[DateMention]) -> bool:
    same_year = [date for date in said if date.year in (asked.year, None)]
    longer = any(date.half or date.cumulative for date in same_year)
    # Up to the first quarter is the first quarter.
    same = (
        date
        for date in same_year
        if date.quarter == asked.quarter and (asked.quarter == 1 or not date.cumulative)
    )
    return longer and not any(same)


def _other_country(asked: Asked, told: Sequence[Evidence]) -> bool:
    """The country's figure is asked, or a share of it, and none is told."""
    # "What were loans in China?" asks for a quantity without a word for it.
    if Want.VERDICT in asked.wants or not (Want.QUANTITY in asked.wants or asked.measures):
        return False
    question = of_the_country(fold_text(asked.query.text))
    said = [of_the_country(e.own.folded) for e in told]
    if says_country(BY_COUNTRY.sub(" ", question)):
        return not any(says_country(BY_COUNTRY.sub(" ", text)) for text in said)
    return says_country(question) and not any(map(says_country, said))


def _other_base(asked: Asked, told: Sequence[Evidence]) -> bool:
    """A figure by the month, per head or since January is asked, and none such is told."""
    said = " ".join(e.own.folded for e in told)
    question = fold_text(asked.query.text)
    # "How long on average" asks for a time, not for a quantity.
    return bool(asked.wants & {Want.QUANTITY, Want.DATE}) and (
        asks_another_base(question, said) or asks_stock_or_flow(question, said)
    )


def _other_currency(asked: Asked, told: Sequence[Evidence]) -> bool:
    """Dollars are asked for, and none are told."""
    if asked.wants & {Want.VERDICT, Want.CHOICE}:
        return False
    question = fold_text(asked.query.text)
    units = {figure.unit for e in told for figure in e.own.figures}
    return any(
        name.search(question) and currency not in units and not any(name.search(e.own.folded) for e in told)
        for currency, name in CURRENCIES.items()
    )


def _other_kind(asked: Asked, told: Sequence[Evidence]) -> bool:
    """An increase in money is asked and only a level told, or a share and only a growth."""
    if Want.QUANTITY not in asked.wants:
        return False
    folded = fold_text(asked.query.text)
    if IN_MONEY.search(folded) and Measure.GROWTH in asked.measures:
        amounts = _figures_in(MONEY, told)
        return bool(amounts) and not any(CHANGED.search(_before(fact)) for fact in amounts)
    if RATIO.search(folded) and not asked.measures & CHANGES:
        shares = _figures_in(SHARES, told)
        return bool(shares) and all(fact.roles and fact.roles <= CHANGES for fact in shares)
    return False


def _figures_in(units: frozenset[Unit], told: Sequence[Evidence]) -> list[Fact]:
    read = (read_statement(e.text, e.language, e.own.dictionary) for e in told)
    figures = (fact for statement in read for fact in statement.figures)
    return [fact for fact in figures if isinstance(fact.mark, Figure) and fact.mark.unit in units]


def _before(fact: Fact) -> str:
    return fact.near.folded[: max(fact.mark.span.start - fact.span.start, 0)]


def _other_direction(asked: Asked, told: Sequence[Evidence]) -> bool:
    """The question takes for granted that it rose, and all that is told is a fall; or the other way."""
    if asked.wants & {Want.VERDICT, Want.CHOICE}:
        return False
    own = find_poles(OTHERWISE.sub(" ", fold_text(asked.query.text))) & {RISE, FALL}
    said = frozenset(p for e in told for p in find_poles(OTHERWISE.sub(" ", e.own.folded))) & {RISE, FALL}
    return len(own) == 1 and len(said) == 1 and own != said


RULES = (_other_period, _other_country, _other_base, _other_currency, _other_kind, _other_direction)
