"""Which of the collection's languages a text is in."""

from __future__ import annotations

import re

from wfc_qa.types import Language

from .scripts import HAN

_SAMPLE_CHARS = 50_000
_QUESTION_CHARS = 300
_HAN = re.compile(f"[{HAN}]")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{2,}")
_EN_CUE = re.compile(
    r"(?i)\b(?:the|of|and|in|to|for|is|are|was|were|has|have|did|does|do|by|on|with|what|which|who|when|where"
    r"|how|why|many|much|tell|about|explain|describe)\b|['’]s\b"
)
_EN_QUESTION = re.compile(
    r"(?i)\W*(?:and\s+)?(?:what|which|who|whose|when|where|how|why|is|are|was|were|do|does|did|has|have|can"
    r"|could|will|would|should|tell|explain|describe|give|list|name|compare|show|please|in what)\b"
)
_ZH_CUE = re.compile(
    "[的了是在和与與及哪谁誰吗嗎呢几幾请請]|什[么麼]|多少|多大|多高|如何|怎|为何|為何|是否|介绍|介紹|何时|何時"
)
_ZH_QUESTION = re.compile(
    "什[么麼]|多少|多大|多高|[哪谁誰吗嗎呢]|如何|怎|为何|為何|是否|何时|何時|请|請|介[绍紹]"
)


def detect_language(text: str) -> Language:
    """The language whose words carry ``text``; names quoted from the other one do not count against it."""
    text = text[:_SAMPLE_CHARS]
    han = len(_HAN.findall(text))
    words = _WORD.findall(text)
    if not han:
        return Language.EN
    if not words:
        return Language.ZH
    if len(text) <= _QUESTION_CHARS:
        if _EN_QUESTION.match(text):
            return Language.EN
        if _ZH_QUESTION.search(text):
            return Language.ZH
    zh_cue, en_cue = _ZH_CUE.search(text), _EN_CUE.search(text)
    if bool(zh_cue) != bool(en_cue):
        return Language.ZH if zh_cue else Language.EN
    # An English word says about as much as two Han characters; an acronym is at home in either language.
    latin = sum(1 if word.isupper() else 2 for word in words)
    return Language.ZH if han >= latin else Language.EN
