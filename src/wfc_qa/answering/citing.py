"""Quotes as sentences with citations: markers in order of first mention, the source's own marks left out."""

from __future__ import annotations

from collections.abc import Sequence

from ..text.quotes import drop_marks, drop_marks_behind
from ..types import Citation, Sentence, Span
from .evidence import Evidence


def cite(shown: Sequence[tuple[Evidence, ...]]) -> tuple[Sentence, ...]:
    """Each quote, cited with whatever proves it: what it was taken from comes first."""
    markers: dict[str, int] = {}
    return tuple(
        Sentence(drop_marks(proving[0].text), tuple(_citation(one, markers) for one in proving))
        for proving in shown
    )


def _citation(evidence: Evidence, markers: dict[str, int]) -> Citation:
    name = evidence.passage.paragraph.paragraph_id
    marker = markers.setdefault(name, len(markers) + 1)
    return Citation(marker, name, cover(evidence))


def cover(evidence: Evidence) -> Span:
    """Where the sentence stands in its document, without the source's own marks behind it."""
    start = evidence.span.start
    return Span(start, start + len(drop_marks_behind(evidence.text)))
