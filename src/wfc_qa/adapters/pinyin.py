"""pypinyin: how Chinese is spelled in Latin letters."""

from __future__ import annotations


def spell_pinyin(text: str) -> str:
    """``text`` with every Chinese character as toneless pinyin, nothing between: 江北嘴 → jiangbeizui."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.NORMAL))
