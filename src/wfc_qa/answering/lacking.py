"""What a declined answer says is missing, held against the paragraphs that are shown beside it."""

from __future__ import annotations

import re
from dataclasses import replace

from ..text.figures import same_figure
from ..text.marks import read_marks
from ..text.scripts import fold_text
from ..types import Abstention, nearest_paragraphs
from .extractive import Quoted

# "None gives this for 2024" is true of a passage that names the year for another thing.
_SAID = frozenset({Abstention.MISSING_NAME, Abstention.MISSING_FIGURE})


def own_up(quoted: Quoted) -> Quoted:
    """Name as missing only what no paragraph shown says, in the same words or with the same figure; where they say it
    all, the answer is merely unsure."""
    if quoted.abstention not in _SAID or not quoted.missing:
        return quoted
    nearest = nearest_paragraphs(quoted.hits)
    shown = [hit.passage.text for hit in quoted.hits if hit.passage.paragraph_id in nearest]
    missing = tuple(word for word in quoted.missing if not any(_says(text, word) for text in shown))
    abstention = quoted.abstention if missing else Abstention.UNSURE
    return replace(quoted, abstention=abstention, missing=missing)


def _says(text: str, word: str) -> bool:
    """Whether ``word`` stands there, whole where it begins or ends with a letter or digit of ours, or its figure."""
    told = read_marks(text).figures
    if any(same_figure(figure, one) for figure in read_marks(word).figures for one in told):
        return True
    before = r"(?<![a-z0-9.])(?<!\d,)" if word[:1].isascii() else ""
    after = r"(?![a-z0-9]|[.,][0-9])" if word[-1:].isascii() else ""
    return bool(re.search(before + re.escape(fold_text(word)) + after, fold_text(text)))
