"""What the evidence must say before it may answer: the dates, figures and names asked, and the kind of thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..retrieval.terms import Word
from ..text.dates import DateMention, covers
from ..text.figures import Bound, Figure, same_figure
from ..text.ordinals import Ordinal
from ..types import Abstention, Language
from .asked import Asked, Want
from .evidence import Evidence
from .names import Name, speaks_of

END = re.compile(r"末|底|\bend\b", re.IGNORECASE)
# Documents do not say when a question is asked, so these name no date that they could be held against.
RELATIVE = re.compile(
    r"去年|今年|明年|前年|上个?月|本月|上一年|\b(?:last|this|next) (?:year|month|quarter)\b", re.IGNORECASE
)
REASON = re.compile(
    r"因为|由于|原因|缘于|口径|\bdefinitions?\b|\b(because|due to|owing to|reason|caused by)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: Abstention
    missing: tuple[str, ...] = ()


def find_refusal(asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    """Why ``chosen`` cannot answer, if it cannot; what is missing is told in the words of the question."""
    if len(asked.terms.own) < 2 and not asked.wants:
        # One word asks nothing.
        return Refusal(Abstention.NOT_IN_COLLECTION)
    if names := [name.text for name in asked.names if not any(says_name(e, name) for e in chosen)]:
        return Refusal(Abstention.MISSING_NAME, tuple(dict.fromkeys(names)))
    if dates := [date.text for date in asked.dates if not any(says_date(e, date) for e in chosen)]:
        return Refusal(Abstention.MISSING_DATE, tuple(dict.fromkeys(dates)))
    if relative := RELATIVE.findall(asked.query.text):
        return Refusal(Abstention.MISSING_DATE, tuple(dict.fromkeys(relative)))
    if figures := [figure.text for figure in missing_figures(asked, chosen)]:
        return Refusal(Abstention.MISSING_FIGURE, tuple(dict.fromkeys(figures)))
    verdict = Want.VERDICT in asked.wants
    places = [p.text for p in asked.ordinals if not any(says_ordinal(e, p, verdict=verdict) for e in chosen)]
    if places:
        return Refusal(Abstention.MISSING_FIGURE, tuple(dict.fromkeys(places)))
    if Want.DATE in asked.wants and not any(e.own.dates or e.around.dates for e in chosen):
        return Refusal(Abstention.MISSING_DATE)
    language = asked.query.language
    if Want.QUANTITY in asked.wants and not any(says_quantity(e, asked) for e in chosen):
        return Refusal(Abstention.MISSING_QUANTITY)
    if any(not any(says_word(e, word, language) for e in chosen) for word in (*asked.counted, *asked.joined)):
        return Refusal(Abstention.MISSING_QUANTITY)
    if asked.deed and not any(says_word(e, asked.deed, language) for e in chosen):
        return Refusal(Abstention.NOT_IN_COLLECTION)
    if Want.REASON in asked.wants and not any(REASON.search(e.text) for e in chosen):
        return Refusal(Abstention.NOT_IN_COLLECTION)
    return None


def says_date(evidence: Evidence, asked: DateMention) -> bool:
    """A sentence with dates of its own speaks of those; one without speaks of its passage's and headings'."""
    said = [date for date in evidence.own.dates if date.year is not None] or evidence.around.dates
    if END.search(asked.text):
        # "December 2025" and "end of 2025" are one reporting date.
        said = [
            replace(date, day=date.day or asked.day) if date.month == asked.month else date for date in said
        ]
    return any(covers(date, asked) for date in said)


def says_name(evidence: Evidence, name: Name) -> bool:
    return speaks_of(name, evidence.around)


def says_ordinal(evidence: Evidence, asked: Ordinal, *, verdict: bool) -> bool:
    """Whether the sentence says the same place in a row; "is it the first?" is answered by any."""
    return any(verdict or place.value == asked.value for place in evidence.own.ordinals)


def says_quantity(evidence: Evidence, asked: Asked) -> bool:
    """Whether the sentence itself gives a figure in a unit that answers."""
    return any(not asked.units or figure.unit in asked.units for figure in evidence.own.figures)


def says_word(evidence: Evidence, word: Word, language: Language) -> bool:
    return word.said_in(evidence.own.spoken(foreign=evidence.language is not language))


def missing_figures(asked: Asked, chosen: Sequence[Evidence]) -> list[Figure]:
    """Figures of the question that the evidence neither gives nor can be held against.

    "Is it 6.04 or 6.4?" is answered by either; "is it above 3 %?" by any percentage.
    """
    said = [figure for evidence in chosen for figure in evidence.around.figures]
    missing = [
        figure
        for figure in asked.figures
        if not any(same_figure(figure, other) for other in said)
        and not (figure.bound is not Bound.EXACT and any(figure.unit is other.unit for other in said))
    ]
    some = len(missing) < len(asked.figures)
    return [] if Want.CHOICE in asked.wants and some else missing
