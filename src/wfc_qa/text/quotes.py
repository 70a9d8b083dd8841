"""A source's sentence as a reader sees it: without the source's own marks, which beside ours would lead to a wrong
paragraph."""

from __future__ import annotations

import re
from collections import Counter

from .markers import read_markers
from .marks import read_marks
from .sentences import SOURCE_MARKS

_NUMBER = r"[\[［【][0-9０-９]{1,4}[\]］】]"
# "Decree [45]", "[45]12号": the number of a document, not of a source.
_NUMBERED = re.compile(
    r"((?:\b(?:Decree|Order|Notice|Circular|Document|Announcement|Regulation|Law|Resolution|Directive)|\bNo\.)"
    rf"[ \t]?{_NUMBER}|{_NUMBER}(?=[0-9 \t]{{0,6}}号))"
)
_BEHIND = re.compile(rf"{SOURCE_MARKS}\s*$")


def drop_marks(quote: str) -> str:
    """``quote`` without the source's own marks, wherever they stand in it."""
    parts = _NUMBERED.split(quote)
    return "".join(part if place % 2 else read_markers(part, 0).text for place, part in enumerate(parts))


def drop_marks_behind(quote: str) -> str:
    """``quote`` without those at its end."""
    return _BEHIND.sub("", quote)


def is_quoted(text: str, source: str) -> bool:
    """Whether ``text`` is ``source`` word for word, its own marks apart, and gives no figure or date that it does not:
    "6[2]5" is no 65."""
    if text in (source, drop_marks_behind(source)):
        return True
    return text == drop_marks(source) and _stated(text) <= _stated(source)


def _stated(text: str) -> Counter[tuple[object, ...]]:
    marks = read_marks(text)
    found = Counter[tuple[object, ...]]((figure.value, figure.unit) for figure in marks.figures)
    found.update((date.year, date.month, date.day) for date in marks.dates)
    return found
