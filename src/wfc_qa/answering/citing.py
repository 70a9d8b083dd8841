"""Quotes as sentences with citations: markers in order of first mention, the source's own marks left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..types import Citation, Sentence, Span
from ..verification.proof import SOURCE_MARKS
from .evidence import Evidence

_INNER_MARKS = re.compile(r"(?:\s*[\[［【][0-9０-９]{1,3}[\]］】])+(?=[\s。．.,，;；:：!！?？、)）”’\"']|$)")


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
    return Span(start, start + len(SOURCE_MARKS.sub("", evidence.text)))


def drop_marks(quote: str) -> str:
    """``quote`` without the source's own marks, which beside ours would lead to a wrong paragraph."""
    return _INNER_MARKS.sub("", quote)
