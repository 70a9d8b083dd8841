"""Whose figure it is, said loosely: who writes of "the city's banks" means 银行业."""

from __future__ import annotations

import re

from ..text.measures import Measure, find_measures
from ..text.scripts import fold_text

# Of a Chinese text only banks in general: 人民银行, 中国银行 and 重庆银行 are one each.
_SECTORS = {
    Measure.BANKING: re.compile(
        r"\b(?:banks|lenders)\b|银行机构|银行和保险|银行保险|(?:全市|本市|市内|当地|辖内|各家?|多家|[0-9]家|的)银行"
    ),
    Measure.INSURANCE: re.compile(
        r"\b(?:insurers|insurance (?:companies|firms))\b|保险(?:机构|公司)|银行和?保险"
    ),
}


def speaks_of_measures(text: str) -> frozenset[Measure]:
    """The measures that ``text`` names, and the sectors whose firms it names."""
    folded = fold_text(text)
    return find_measures(text) | {sector for sector, said in _SECTORS.items() if said.search(folded)}
