"""Dates, figures and ordinals of a text, read together and remembered: a question is read more than once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ..types import Span
from .dates import DateMention, find_dates
from .figures import Figure, find_figures
from .ordinals import Ordinal, find_ordinals

REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Marks:
    """In order of position; ``rest`` is the text with all of them blanked, same length."""

    dates: tuple[DateMention, ...]
    figures: tuple[Figure, ...]
    ordinals: tuple[Ordinal, ...]
    rest: str


@lru_cache(maxsize=REMEMBERED)
def read_marks(text: str) -> Marks:
    """An ordinal within a date, the "first" of "first half of 2023", is none."""
    dates, figures = tuple(find_dates(text)), tuple(find_figures(text))
    ordinals = tuple(
        place
        for place in find_ordinals(text)
        if not any(date.span.start <= place.span.start < date.span.end for date in dates)
    )
    rest = blank(text, [mark.span for marks in (dates, figures, ordinals) for mark in marks])
    return Marks(dates, figures, ordinals, rest)


def blank(text: str, spans: Iterable[Span]) -> str:
    """``text`` with spaces for all that ``spans`` cover, same length."""
    for span in spans:
        text = replace_span(text, span, " " * (span.end - span.start))
    return text


def replace_span(text: str, span: Span, said: str) -> str:
    return text[: span.start] + said + text[span.end :]
