"""What the evidence must say before it may answer: the dates, figures and names asked, and the kind of thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..text.dates import DateMention, covers
from ..text.figures import Figure, same_figure
from ..types import Abstention
from .asked import Asked, Want
from .evidence import Evidence
from .names import Name, speaks_of


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: Abstention
    missing: tuple[str, ...]


def find_refusal(asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    """Why ``chosen`` cannot answer, if it cannot; what is missing is told in the words of the question."""
    if names := [name.text for name in asked.names if not any(says_name(e, name) for e in chosen)]:
        return Refusal(Abstention.MISSING_NAME, tuple(dict.fromkeys(names)))
    if dates := [date.text for date in asked.dates if not any(says_date(e, date) for e in chosen)]:
        return Refusal(Abstention.MISSING_DATE, tuple(dict.fromkeys(dates)))
    if figures := [
        figure.text for figure in asked.figures if not any(says_figure(e, figure) for e in chosen)
    ]:
        return Refusal(Abstention.MISSING_FIGURE, tuple(dict.fromkeys(figures)))
    if Want.DATE in asked.wants and not any(e.own.dates or e.around.dates for e in chosen):
        return Refusal(Abstention.MISSING_DATE, ())
    if Want.QUANTITY in asked.wants and not any(e.own.figures for e in chosen):
        return Refusal(Abstention.MISSING_QUANTITY, ())
    return None


def says_date(evidence: Evidence, asked: DateMention) -> bool:
    """A sentence with dates of its own speaks of those; one without speaks of its passage's and headings'."""
    said = [date for date in evidence.own.dates if date.year is not None] or evidence.around.dates
    return any(covers(date, asked) for date in said)


def says_figure(evidence: Evidence, asked: Figure) -> bool:
    return any(same_figure(figure, asked) for figure in evidence.around.figures)


def says_name(evidence: Evidence, name: Name) -> bool:
    return speaks_of(name, evidence.around.folded, evidence.around.terms, evidence.language)
