"""Numbers as they are written: Arabic, Chinese and English words; exact, never through floats."""

from __future__ import annotations

import re
from decimal import Decimal

FLAGS = re.ASCII | re.IGNORECASE  # ASCII: \b parts Latin from Han, \d is 0-9 only

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDE |= {ord(mark): ord(mark) for mark in "，！？：；"}
_WIDE |= dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000\t"), ord(" "))
_WIDE |= {ord("−"): ord("-"), ord("￥"): ord("¥")}
_WIDE_COMMA = re.compile("(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")


def narrow(text: str) -> str:
    """The text with full-width digits, signs and spaces in ASCII; offsets stay what they were."""
    return _WIDE_COMMA.sub(",", text).translate(_WIDE)


HAN_DIGITS = {han: value for value, han in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
HAN_NUMERAL = "零〇一二两三四五六七八九十百千"
_D = "[一二两三四五六七八九]"
HAN = (
    rf"(?:(?={_D}|十)(?:{_D}千)?[零〇]?(?:{_D}百)?[零〇]?(?:{_D}?十)?[零〇]?{_D}?"
    rf"(?:点[零〇一二三四五六七八九]{{1,12}})?(?![{HAN_NUMERAL}]))"
)
ARABIC = r"(?:\d{1,3}(?:,\d{3}){1,8}+(?!\d)(?:\.\d++)?|\d++(?:\.\d++)?)"

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ENGLISH = {word: value for value, word in enumerate(_ONES + _TEENS, 1)}
ENGLISH |= {word: 10 * value for value, word in enumerate(_TENS, 2)}
_WORD_VALUES = ENGLISH | {"a": 1, "an": 1}

_LARGE = r"(?:hundred|thousand|million|billion|trillion)"
_TO_99 = rf"(?:(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS + _ONES)})\b"
WORDS = (
    rf"\b(?:(?:an?|{'|'.join(_ONES)})\shundred(?:\s(?:and\s)?{_TO_99})?\b"
    rf"|{_TO_99}|(?:half\s)?an?(?=\s{_LARGE}\b))"
)
NUMBER = rf"(?:(?P<arabic>{ARABIC})|(?P<han>{HAN})|(?P<words>{WORDS}))"

SCALES = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8} | {
    "hundred": 2, "thousand": 3, "k": 3, "million": 6, "mn": 6, "mln": 6, "m": 6,
    "billion": 9, "bn": 9, "bln": 9, "b": 9, "trillion": 12, "tn": 12, "trn": 12, "t": 12,
}  # fmt: skip
_SCALE = re.compile(
    r"\s?[十百千]?(?:万亿|[万亿])|\s?[百千](?![米克瓦分])"
    rf"|\s{{0,2}}(?:{_LARGE}|mn|mln|bn|bln|tn|trn)\b|-{_LARGE}\b",
    FLAGS,
)
_LETTER_SCALE = re.compile(r"[kmbt]\b", FLAGS)
_CORE = re.compile(NUMBER, FLAGS)
_TAIL = {
    "han": re.compile(rf"[零〇]?{HAN}", FLAGS),
    "arabic": re.compile(rf"{ARABIC}(?=[百千万])", FLAGS),
    "words": re.compile(rf"\s(?:and\s)?{WORDS}", FLAGS),
}
_MAX_CHARS = 40


def han_value(numeral: str) -> Decimal:
    """The value of what ``HAN`` matches: 五百三十, 十二, 六点六."""
    whole, _, fraction = numeral.partition("点")
    total = digit = 0
    for char in whole:
        if char in HAN_DIGITS:
            digit = HAN_DIGITS[char]
        else:
            total, digit = total + (digit or 1) * 10 ** SCALES[char], 0
    return Decimal(f"{total + digit}.{''.join(str(HAN_DIGITS[char]) for char in fraction)}")


def words_value(words: str) -> Decimal:
    """The value of what ``WORDS`` matches: "twenty-five", "a hundred and two", "half a"."""
    total = Decimal(0)
    for word in re.split(r"[-\s]+", words.lower()):
        if word == "half":
            return Decimal("0.5")
        total = total * 100 if word == "hundred" else total + _WORD_VALUES.get(word, 0)
    return total


def number_value(kind: str, written: str) -> Decimal:
    """The exact value of a number of a kind: ``arabic``, ``han`` or ``words``."""
    if kind == "arabic":
        return Decimal(written.replace(",", ""))
    return han_value(written) if kind == "han" else words_value(written)


def shifted(value: Decimal, exponent: int) -> Decimal:
    """``value * 10**exponent`` with every digit kept, however many there are."""
    sign, digits, own = value.as_tuple()
    return Decimal((sign, digits, int(own) + exponent))


def read_scale(text: str, start: int, *, letters: bool = False) -> tuple[int, int]:
    """The power of ten written at ``start`` and where it ends; ``letters`` admits k, m, b and t."""
    match = _SCALE.match(text, start) or (_LETTER_SCALE.match(text, start) if letters else None)
    if match is None:
        return 0, start
    word = match[0].strip(" \n-").lower()
    return SCALES.get(word) or sum(SCALES[char] for char in word), match.end()


def read_number(text: str, start: int, *, letters: bool = False) -> tuple[Decimal, int, int] | None:
    """The number at ``start`` as (value, power of ten, end): 1亿2000万 is (1.2, 8, end)."""
    match = _CORE.match(text, start)
    if match is None or match.lastgroup is None or match.end() - start > _MAX_CHARS:
        return None
    kind = match.lastgroup
    value = number_value(kind, match[kind])
    exponent, end = read_scale(text, match.end(), letters=letters)
    below = exponent
    while below > 1 and (tail := _TAIL[kind].match(text, end)) and len(tail[0]) <= _MAX_CHARS:
        scale, stop = read_scale(text, tail.end())
        if below == 4 and 8 <= scale < 12:  # 一万两千亿 is twelve thousand times 亿
            exponent += 8
        elif scale >= below:
            break
        value += shifted(number_value(kind, tail[0]), scale - exponent)
        below, end = scale, stop
    return value, exponent, end
