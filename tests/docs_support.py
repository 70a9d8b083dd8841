"""The code that the documents show, as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def shown(document: str, language: str) -> list[str]:
    """Every block of ``language`` in a document; there is at least one."""
    blocks = [code for told, code in BLOCK.findall((DOCS / document).read_text("utf-8")) if told == language]
    assert blocks
    return blocks
