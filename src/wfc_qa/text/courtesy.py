"""Words that only make a question polite, and turns of nothing else."""

from __future__ import annotations

import re

_BEFORE = re.compile(
    r"^(?:您好|你好|请问一?下?|麻烦|我?想(?:了解|知道|问)(?:一下)?|请?告诉我|hi|hello|dear \w+|please"
    r"|(?:could|can|would) you (?:please )?(?:tell me|say|explain)|i(?:'d| would) like to know|do you know"
    r"|(?:please )?tell me)(?![a-z])[\s,，。!！:：]*",
    re.IGNORECASE,
)
_ZH_ALONE = (
    r"非常感谢|十分感谢|多谢|感谢|谢谢|谢了|辛苦了?|麻烦了?|不客气|好的|好吧|好了|好嘞|太好了|太棒了|真棒|棒|很有(?:用|帮助)|很好|不错|好|行|可以|明白|知道|了解|清楚|懂"
    r"|收到|(?<!不)对|是的|嗯|哦|噢|没有?了|没事|没问题|不用|不|再见|拜拜|您好|你好|你们|您|你|大家|的?(?:回答|解答|帮助|帮忙|指点)|了|啦|啊|哈|呀|哟|吧"
)
_EN_ALONE = (
    r"good(?:bye| morning| afternoon| evening| day)|many thanks|thanks|thank you|thank|thx"
    r"|cheers|a lot|lots|so much|very much|very|again|indeed|okay|ok|k|great|good"
    r"|fine|nice|perfect|cool|wonderful|excellent|awesome|got it|noted|i see|understood|alright|all right|sure|yes|yeah"
    r"|yep|no|nope|hi|hello|hey|bye|see you|that(?:'?s| is) all"
    r"|that(?: was)? helps?|that(?:'s| is| was)|(?:very )?(?:helpful|useful)|ty|u|and"
    r"|for (?:that|this|your (?:help|answers?|reply|time)|the (?:help|answers?|reply)|now)|then|you"
)
# Atomic, so that no text is tried in more than one way.
_ALONE = re.compile(rf"(?:(?>{_ZH_ALONE}|(?:{_EN_ALONE})(?![a-z]))[\W_]*+)++", re.IGNORECASE)
_AFTER = re.compile(r"[\s,，。.!！]*(?:谢谢您?|感谢|多谢|thank you|thanks|please)[\s。.!！]*$", re.IGNORECASE)


def strip_courtesy(text: str) -> str:
    """``text`` without greetings and thanks around it; as it is when nothing else is left."""
    kept = _AFTER.sub("", text)
    while (shorter := _BEFORE.sub("", kept)) != kept:
        kept = shorter
    return kept.strip() or text


def is_courtesy(text: str) -> bool:
    """Whether ``text``, simplified, only thanks, greets or agrees: it asks nothing."""
    return bool(_ALONE.fullmatch(text.strip()))
