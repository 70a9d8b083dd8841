"""Places in a row: 第五届, 5th, fifth."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..types import Span
from .numerals import ENGLISH, FLAGS, HAN, han_value, narrow

_IRREGULAR = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
_WORDS = _IRREGULAR | {
    (word[:-1] + "ieth" if word.endswith("y") else word + "th"): value
    for word, value in ENGLISH.items()
    if value not in _IRREGULAR.values()
}
_TENS = "|".join(word for word, value in ENGLISH.items() if value >= 20)
_ORDINAL = re.compile(
    rf"第\s?(?:(?P<digits>\d{{1,6}})|(?P<han>{HAN}))"
    r"|(?<![\d.,])(?P<suffixed>\d{1,6})(?:st|nd|rd|th)\b"
    rf"|\b(?P<tens>{_TENS})-(?P<ones>{'|'.join(_WORDS)})\b"
    # "Just over a fifth, 21 %" is a share.
    rf"|\b(?<!\ba\s)(?P<word>{'|'.join(_WORDS)})\b"
    rf"|(?<=\ba\s)(?P<after>{'|'.join(_WORDS)})\b(?!\s?(?:of\b|[,.;)]|$|more\b|less\b|higher\b|lower\b))"
    r"|(?P<batch>首批)",
    FLAGS,
)


@dataclass(frozen=True, slots=True)
class Ordinal:
    """A place in a row, counted from 1."""

    span: Span
    value: int
    text: str


def find_ordinals(text: str) -> list[Ordinal]:
    """Every ordinal in order of position; 首 but in 首批, and "last", are none."""
    return [
        Ordinal(Span(*match.span()), _value(match), text[match.start() : match.end()])
        for match in _ORDINAL.finditer(narrow(text))
    ]


def _value(match: re.Match[str]) -> int:
    if match["han"]:
        return int(han_value(match["han"]))
    if match["batch"]:
        return 1
    if match["tens"]:
        return ENGLISH[match["tens"].lower()] + _WORDS[match["ones"].lower()]
    word = match["word"] or match["after"]
    return _WORDS[word.lower()] if word else int(match["digits"] or match["suffixed"])
