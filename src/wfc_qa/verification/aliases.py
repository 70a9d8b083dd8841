"""Names that go by other names: bodies, places and undertakings of Chinese finance, abbreviations included.

No dictionary holds them. Each line is one name; a claim that names it needs evidence that does, by whichever name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from ..text.scripts import fold_text
from ..types import Span
from .concepts import read_lines, read_pattern

REMEMBERED = 4096

_ALIASES = [(line.split("|")[0], read_pattern(line)) for line in read_lines("aliases.txt")]


@lru_cache(maxsize=REMEMBERED)
def find_aliases(text: str) -> Mapping[str, str]:
    """The names in ``text``, by what they are called here, each with how it is written."""
    folded = fold_text(text)
    found = {name: match[0] for name, pattern in _ALIASES if (match := pattern.search(folded))}
    return MappingProxyType(found)


def alias_spans(folded: str) -> list[Span]:
    """Where ``folded`` names one of them."""
    return [Span(*match.span()) for _, pattern in _ALIASES for match in pattern.finditer(folded)]
