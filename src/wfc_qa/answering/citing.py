"""Quotes as sentences with citations: markers in order of first mention, the source's own marks left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..types import Citation, Sentence, Span
from ..verification.proof import SOURCE_MARKS
from .evidence import Evidence, Reader
from .markers import read_markers

_NUMBER = r"[\[［【][0-9０-９]{1,4}[\]］】]"
# "Decree [45]", "[45]12号": the number of a document, not of a source.
_NUMBERED = re.compile(
    r"((?:\b(?:Decree|Order|Notice|Circular|Document|Announcement|Regulation|Law|Resolution|Directive)|\bNo\.)"
    rf"[ \t]?{_NUMBER}|{_NUMBER}(?=[0-9 \t]{{0,6}}号))"
)


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
    parts = _NUMBERED.split(quote)
    return "".join(part if place % 2 else read_markers(part, 0).text for place, part in enumerate(parts))


def shows(text: str, evidence: Evidence, reader: Reader) -> bool:
    """Whether ``text`` is the sentence without the source's own marks, and gives no figure or date that it does not:
    "6[2]5" is no 65."""
    if text == evidence.text:
        return True
    same = text == drop_marks(evidence.text)
    return same and reader.read_claim(text, evidence.language).marks <= evidence.own.marks
