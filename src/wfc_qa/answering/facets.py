"""What must be proved by a sentence of its own: each date, name or thing that a question compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..text.measures import find_measures
from ..text.scripts import fold_text
from .asked import Asked
from .wants import Want, find_wants


def find_facets(asked: Asked) -> list[Asked]:
    """The question once for each thing compared, or as it is.

    "Green loans in March and technology loans in September" are two questions: what stands before the second date
    belongs to the first.
    """
    if len(asked.dates) > 1:
        cuts = [date.span.start for date in asked.dates]
    elif len(asked.names) > 1:
        folded = fold_text(asked.query.text)
        cuts = [folded.find(fold_text(name.text)) for name in asked.names]
    elif Want.EACH in asked.wants and len(asked.joined) > 1:
        return [replace(asked, joined=(part,)) for part in asked.joined]
    else:
        return [asked]
    return [_restrict(asked, start, end) for start, end in _spans(cuts, len(asked.query.text))]


def _spans(cuts: Sequence[int], length: int) -> list[tuple[int, int]]:
    starts = sorted(set(cuts))
    starts[0] = 0
    return list(zip(starts, [*starts[1:], length], strict=True))


def _restrict(asked: Asked, start: int, end: int) -> Asked:
    """``asked`` with only the dates, names and measures of its text from ``start`` to ``end``; a part that names no
    measure shares the whole question's."""
    text = asked.query.text[start:end]
    folded = fold_text(text)
    names = tuple(name for name in asked.names if fold_text(name.text) in folded)
    whole = find_wants(text, asked.query.language) & {Want.WHOLE_YEAR}
    return replace(
        asked,
        wants=asked.wants - {Want.WHOLE_YEAR, Want.MORE, Want.SUPERLATIVE, Want.CHANGE} | whole,
        dates=tuple(date for date in asked.dates if start <= date.span.start < end) or asked.dates,
        names=names if len(asked.dates) > 1 else names or asked.names,
        owners=tuple(owner for owner in asked.owners if owner in folded),
        measures=(find_measures(text) & asked.measures) or asked.measures,
        joined=(),
        sides=(),
        topic=(),
        listed=0,
        amounts=0,
        moments=0,
        deed=None,
    )
