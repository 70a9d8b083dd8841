"""Whose figure it is, and how it ranks: a country's is no city's, and no record stands untold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..text.scripts import fold_text
from ..types import Doubt, Flaw
from .patterns import read_lines, read_pattern
from .proof import Proof
from .supplied import Place, Supplied

_PLACES = [read_pattern(line) for line in read_lines("places.txt")]
_PLACE = "|".join(pattern.pattern for pattern in _PLACES)
# Names that hold a country's name and are not the country.
_BODIES = re.compile(
    r"中国(?:人民|工商|农业|建设)?银行|中国[（(—–-]*新加坡|中国消费金融指数|中国(?:西部|西南)|全国(?:人大"
    r"|政协)\w*|[^，。]{0,4}在全国"
    r"|\b(?:people's )?bank of china\b|\bchina[-–— ]+singapore\b|\bchina's central bank\b"
    r"|\b(?:western|southwest(?:ern)?|inland) china\b"
    r"|\bchina and abroad\b|\bchina consumer finance index\b"
    r"|\bchina(?:'s)? \w+ (?:bank|commission|administration)\b"
    rf"|中国(?:{_PLACE})|\bchina's (?:{_PLACE})|(?:{_PLACE}), china\b"
)
_COUNTRY = re.compile(
    r"全国|我国|中国|国内(?!外)|\bchina(?:'s)?\b|\bnationwide\b|\bnational(?:ly)?\b|\b(?:the"
    r"|our) (?:whole )?(?:country|nation)(?:'s)?\b"
)
_COUNTRY_SAID = re.compile(
    r"全国|我国|中国|中外|国家|国内|\bchin\w+|\bnation\w*|\bcountr\w+|\bdomestic\w*|\bpboc\b|全世界|全球|\bglobal\w*"
)
_CITY = re.compile(rf"{_PLACE}|(?<!占)全市(?!比重)|(?<!of )\bthe (?:whole |entire )?(?:city|municipality)\b")
_DISTRICT = re.compile(
    r"(?:^|[，,；;。：\s\d年月日])(?:[\u4e00-\u9fff]{2}"
    r"|全)(?<!地)(?<!试验)(?<!示范)(?<!核心)(?<!城)(?<!园)(?<!社)区(?![域块间分])|\b\w+ district\b"
)

# As a claim says it, and what more of the evidence proves it.
_RANKS = [
    (re.compile(words), re.compile(f"{words}|{more}" if more else words))
    for words, more in (
        (r"新高|新低|历史最[高低大]|历史性|创(?:下)?(?:了)?(?:历史)?(?:纪录|记录)|空前|前所未有"
        r"|\brecord(?:[- ](?:high|low|level"
        r"|breaking|setting))?\b(?! of meeting)"
        r"|峰值|\ball[- ]time\b|\b(?:new|its) peak\b|\bbest (?:\w+ ){0,2}yet\b|\bunprecedented\b"
        r"|(?<!first[- ])\bever\b", ""),
        (r"[为是][\u4e00-\u9fff]{0,4}最多|最多的|最[大高快强低小](?!人民|可[达为]|不超|限额)|\b(?:largest"
        r"|highest|biggest|greatest|lowest|smallest|fastest"
        r"|slowest|strongest)\b", ""),
        (r"首次|首度|头一次|第一次|\bfor the first time\b", r"首|\bfirst\b"),
        (r"(?:位居|位列|排名|居|列|名列)(?:[\u4e00-\u9fff]{0,4})(?:第一|首位|榜首)|居首|榜首|首位|\bno\. ?1\b"
        r"|\bnumber one\b"
        r"|\brank\w* (?:\w+ ){0,4}first\b|\bfirst place\b|\btop(?:s|ped|ping)? the (?:list|nation|country"
        r"|table|chart|ranking)",
         r"第一|\bfirst (?:in|for)\b"),
        (r"(?:位居|名列|走在|处于)[\u4e00-\u9fff]{0,4}前[列茅]|领先|领跑|\bleads\b|\bleading (?:the|in|all)\b"
        r"|\bahead of (?!schedule)|\bforefront\b|\bamong the (?:top|highest|best)\b",
         r"\blead\w*|第一|\bfirst\b"),
        (r"连续|连年|\bconsecutive\b|\bin a row\b|\b(?:year|month|quarter) running\b|\bstraight (?:year|month"
        r"|quarter)\b", r"\bcontinu\w+"),
    )
]  # fmt: skip


def of_the_country(text: str) -> str:
    """``text``, folded, without the names that hold a country's name and are not the country."""
    return _BODIES.sub(" ", text)


def says_country(text: str) -> bool:
    """Whether ``text``, folded and without such names, speaks of the whole country."""
    return bool(_COUNTRY.search(text))


def find_other_subjects(claim: str, supplied: Sequence[Supplied]) -> Iterator[Doubt]:
    """A doubt for each figure told of a country, or of a city, that every place tells of a smaller one."""
    for one in supplied:
        clause = _BODIES.sub(" ", one.clause)
        match = _COUNTRY.search(clause)
        if match and one.places and not any(_COUNTRY_SAID.search(_around(place)) for place in one.places):
            yield Doubt(Flaw.NAME, match[0])
        city = _CITY.search(clause)
        if (
            city
            and one.places
            and not _district(claim)
            and all(_only_district(place, _named(clause)) for place in one.places)
        ):
            yield Doubt(Flaw.NAME, city[0])


def _around(place: Place) -> str:
    return _BODIES.sub(" ", place.clause)


def _district(text: str) -> bool:
    return bool(re.search("区|district|new area", text, re.IGNORECASE))


def _named(clause: str) -> list[re.Pattern[str]]:
    """The cities that may be meant: those named, for "the city" any."""
    return [pattern for pattern in _PLACES if pattern.search(clause)] or _PLACES


def _only_district(place: Place, cities: Sequence[re.Pattern[str]]) -> bool:
    said = fold_text(place.statement.text)
    return bool(_DISTRICT.search(said)) and not any(city.search(said) for city in cities)


def find_unsaid_ranks(claim: str, proofs: Sequence[Proof]) -> Iterator[Doubt]:
    """A doubt for each superlative, record or run that no cited paragraph tells."""
    folded = fold_text(claim)
    for pattern, known in _RANKS:
        if (match := pattern.search(folded)) and not any(
            known.search(proof.around.folded) for proof in proofs
        ):
            yield Doubt(Flaw.WORDING, match[0])
