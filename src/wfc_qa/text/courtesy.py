"""Words around a question that only make it polite."""

from __future__ import annotations

import re

_BEFORE = re.compile(
    r"^(?:您好|你好|请问一?下?|麻烦|我?想(?:了解|知道|问)(?:一下)?|请?告诉我|hi|hello|dear \w+|please"
    r"|(?:could|can|would) you (?:please )?(?:tell me|say|explain)|i(?:'d| would) like to know|do you know"
    r"|(?:please )?tell me)(?![a-z])[\s,，。!！:：]*",
    re.IGNORECASE,
)
_AFTER = re.compile(r"[\s,，。.!！]*(?:谢谢您?|感谢|多谢|thank you|thanks|please)[\s。.!！]*$", re.IGNORECASE)


def strip_courtesy(text: str) -> str:
    """``text`` without greetings and thanks around it; as it is when nothing else is left."""
    kept = _AFTER.sub("", text)
    while (shorter := _BEFORE.sub("", kept)) != kept:
        kept = shorter
    return kept.strip() or text
