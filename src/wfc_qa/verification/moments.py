"""Times counted from today: "this year" in a claim is a date that only a paragraph with that word proves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..text.scripts import fold_text
from ..types import Doubt, Flaw
from .facts import Statement
from .proof import Proof
from .supplied import Supplied

# "Up on last year" compares and dates nothing.
_COMPARED = re.compile(
    r"[较比同与](?:[一上]年前|去年|上年|上月)(?:同期|同月|年?末)?|(?:去年|上年)(?:同期|同月)"
    r"|\b(?:than|from|over|on|against|versus|vs\.?|compared (?:with|to)) (?:(?:the )?(?:end"
    r"|same (?:period|time|month)|level) (?:of |in )?)?last (?:year|month)\b"
    r"|\b(?:than|from|over|on|against|versus|compared (?:with|to)) (?:a|one) (?:year|month) ago\b"
)
# Where the claim gives the year, "now" dates nothing.
_NOW = re.compile(
    r"目前|当前|现在|如今|眼下|当下|现阶段|最新|至今|迄今|今日|今天|\b(?:currently|now|today|at present"
    r"|presently|nowadays|latest"
    r"|to date|so far|at the moment|as it stands|as of now|by now|at the time of writing)\b"
)
_MOMENTS = [
    re.compile(words)
    for words in (
        r"今年|这一年|本年度|本年(?!度报告)|年内|\bthis year\b|\byear to date\b",
        r"去年|上年|\blast year\b|\bthe previous year\b",
        r"明年|\bnext year\b",
        r"前年|\bthe year before last\b",
        r"本月|这个月|\bthis month\b",
        r"上月|上个月|\blast month\b",
        r"本季|\bthis quarter\b",
        r"上季|\blast quarter\b",
        r"(?<!\d)\d{1,2}年前|[一二两三四五六七八九十几]年前|此前[一两]年|\bago\b",
        r"昨[天日]|\byesterday\b",
        r"近年|近几年|近期|最近|近日|日前|刚刚|\brecent(?:ly)?\b|\blately\b|\bin the past few years\b",
    )
]


def find_unsaid_moments(
    claim: Statement, supplied: Sequence[Supplied], proofs: Sequence[Proof]
) -> Iterator[Doubt]:
    """A doubt for each such time in a claim with a figure that no cited paragraph says."""
    if not supplied:
        return
    folded = _COMPARED.sub(" ", fold_text(claim.text))
    dated = any(date.year for date in claim.whole.dates)
    for pattern in _MOMENTS if dated else (*_MOMENTS, _NOW):
        match = pattern.search(folded)
        if match and not any(pattern.search(proof.around.folded) for proof in proofs):
            yield Doubt(Flaw.DATE, match[0])
