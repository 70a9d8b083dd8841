"""Words of readers, documents and models as one line of Markdown in which they stay words."""

from __future__ import annotations

import re

# Quoted text makes no tag, link, picture, marker, emphasis or code of its own, nor hides one in a character reference.
ACTIVE = re.compile(r"[\\<\[\]*`]|&(?=#[0-9xX]|[A-Za-z][A-Za-z0-9]{0,30};)")
# At the beginning of a line: headings, lists, rules, fences, and the quotations that our notes stand in.
BLOCK = re.compile(
    r"\A([0-9]{0,9})((?<=[0-9])[.)](?=\s|\Z)|(?<![0-9])(?:[>~_]|#{1,6}(?=\s|\Z)|[-+](?=\s|\Z|-)))"
)


def plain(text: str) -> str:
    """One line that Markdown readers show as it stands."""
    line = ACTIVE.sub(r"\\\g<0>", " ".join(text.split()))
    return BLOCK.sub(r"\1\\\2", line, count=1)
