"""Whether a quote names what a question asks to be named: which firm or office, who, where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..text.scripts import fold_text
from ..text.terms import content_terms
from ..types import Language
from ..verification.names import Name, find_names, speaks_of
from ..verification.reading import Reading, read_text
from .asked import Asked
from .evidence import Evidence
from .wants import Want

# What names of bodies end in or hold, and abbreviations of them.
BODY_ENDS = "银行 公司 集团 协会 委员会 联盟 大学 研究院 中心 法院 办公厅 人大 政府 交易所 局 部 厅 委 署 行 会".split()
BODY = re.compile(
    r"\b(?:Bank|Company|Co|Group|Ministry|Commission|Committee|Office|Bureau|Association|University|Institute|Authority"
    r"|Administration|Fund|Centre|Center|Court|Exchange|Government|Council|Board|Congress|Agency|Corporation|Ltd)\b"
    r"|\b[A-Z]{3,6}\b"
)
# Runs of words that end as bodies do; "等" and joints end what came before.
HAN_BODY = re.compile(
    r"(?:(?![与和由同向在对的及等还是])[\u4e00-\u9fff]){1,12}?(?:银行|公司|集团|协会|委员会|联盟|大学|研究院|中心|法院|交易所)"
)
PLACE_ENDS = "市省区县"
# A name of which this share of the terms is in the question, translated word by word, is the question's own.
KNOWN_SHARE = 0.5


def names_anew(evidence: Evidence, asked: Asked) -> bool:
    """Whether the sentence holds a name of the kind asked for that the question does not say, in either language."""
    dictionary, query = evidence.own.dictionary, asked.query
    question = read_text(query.text, query.language, dictionary)
    new = (name for name in _names(evidence) if not _is_said(name, question, evidence))
    if Want.PLACE in asked.wants:
        return any(True for _ in new)
    return any(_is_body(name) for name in new)


def _names(evidence: Evidence) -> Iterator[Name]:
    dictionary = evidence.own.dictionary
    yield from find_names(evidence.text, evidence.language, dictionary, lambda term: 0, 1)
    for body in HAN_BODY.findall(evidence.own.folded):
        yield Name(body, Language.ZH, tuple(content_terms(body)), (), dictionary.spell(body), False)


def _is_said(name: Name, question: Reading, evidence: Evidence) -> bool:
    if speaks_of(name, question) or fold_text(name.text) in question.folded:
        return True
    if name.text[-1] in PLACE_ENDS and question.dictionary.spell(name.text[:-1]) in question.spelled:
        return True
    said = question.spoken(foreign=question.language is not evidence.language)
    known = sum(term in said for term in name.terms)
    return bool(name.terms) and known >= KNOWN_SHARE * len(name.terms)


def _is_body(name: Name) -> bool:
    return name.text.endswith(tuple(BODY_ENDS)) or bool(BODY.search(name.text))
