"""Characters that no reader sees: they hide words from readers, or words within words."""

from __future__ import annotations

import re

# Every format character of Unicode (zero width, bidirectional, soft hyphen, tags), fillers that print as nothing, and
# variation selectors in a row, of which only the first can vary anything.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
    "|(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)


def drop_invisible(text: str) -> str:
    """``text`` as it is seen."""
    return text if text.isascii() else _INVISIBLE.sub("", text)
