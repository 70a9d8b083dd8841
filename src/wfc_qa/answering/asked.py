"""What a question asks for: dates, figures and names it states, and the kind of thing it wants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ..retrieval.terms import Terms
from ..text.dates import DateMention, find_dates
from ..text.figures import Figure, Unit, find_figures
from ..types import Language, Query
from .names import Name


class Want(StrEnum):
    QUANTITY = "quantity"
    DATE = "date"
    LIST = "list"
    VERDICT = "verdict"


WANTS: dict[Language, dict[Want, re.Pattern[str]]] = {
    Language.ZH: {
        Want.DATE: re.compile(r"何时|什么时候|什么时间|哪一?[年月天日]|何年|几[月号]|多久"),
        Want.QUANTITY: re.compile(
            r"多少|多大|多高|多长|占比|比例|比重|增速|增幅|增长率|几[家个项条批次位名种]|第几|百分之几"
        ),
        Want.LIST: re.compile(r"哪些|哪[两二三四五六七八九十几]|列出|列举|有什么|包括什么|分别"),
        Want.VERDICT: re.compile(r"吗[？?]?$|是否|有没有|是不是|对不对"),
    },
    Language.EN: {
        Want.DATE: re.compile(r"\b(when|(what|which) (year|month|day|date|quarter)|how long)\b", re.I),
        Want.QUANTITY: re.compile(
            r"\b(how (many|much|large|big|high|long|far)|what (share|percentage|proportion|number|amount|rate|sum|size)"
            r"|growth rate|interest rate)\b",
            re.I,
        ),
        Want.LIST: re.compile(
            r"\b(which \w+s|what are|list|name the|what \w+s (are|were|did|does|do|have))\b", re.I
        ),
        Want.VERDICT: re.compile(
            r"^\W*(is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b", re.I
        ),
    },
}


@dataclass(frozen=True, slots=True)
class Asked:
    """``names`` leaves out what names the collection itself."""

    query: Query
    terms: Terms
    dates: tuple[DateMention, ...]
    figures: tuple[Figure, ...]
    names: tuple[Name, ...]
    wants: frozenset[Want]


def read_question(query: Query, terms: Terms, names: tuple[Name, ...]) -> Asked:
    """Everything the evidence will be held against; ``names`` are those worth checking."""
    wants = frozenset(want for want, pattern in WANTS[query.language].items() if pattern.search(query.text))
    dates = tuple(find_dates(query.text))
    figures = tuple(
        figure
        for figure in find_figures(query.text)
        # "Which three initiatives" counts what to list; the evidence need not say "three".
        if not (figure.unit is Unit.COUNT and Want.LIST in wants)
    )
    return Asked(query, terms, dates, figures, names, wants)
