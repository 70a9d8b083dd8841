"""Names that go by other names: bodies, places and undertakings of Chinese finance, abbreviations included.

No dictionary holds them. Each line is one name; a claim that names it needs evidence that does, by whichever name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from ..text.scripts import fold_text
from ..types import Span
from .patterns import Patterns, read_lines

REMEMBERED = 4096

_LINES = read_lines("aliases.txt")
_NAMES = [line.split("|")[0] for line in _LINES]
_ALIASES = Patterns(dict(enumerate(_LINES)))


@lru_cache(maxsize=REMEMBERED)
def find_aliases(text: str) -> Mapping[str, str]:
    """The names in ``text``, by what they are called here, each with how it is written."""
    folded = fold_text(text)
    return MappingProxyType({_NAMES[number]: match[0] for number, match in _ALIASES.named(folded)})


def alias_spans(folded: str) -> list[Span]:
    """Where ``folded`` names one of them."""
    return [Span(*match.span()) for _, match in _ALIASES.find(folded)]
