"""What the evidence must say before it may answer: the dates, figures and names asked, and the kind of thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..text.dates import DateMention
from ..text.figures import same_figure
from ..text.measures import Measure, find_measures
from ..types import Abstention
from .alignment import is_aligned
from .asked import Asked
from .evidence import Evidence
from .naming import names_anew
from .saying import (
    missing_figures,
    reports,
    said_measures,
    says_date,
    says_name,
    says_ordinal,
    says_quantity,
    says_thing,
    says_word,
    speaks_word,
)
from .wants import Want

# Documents do not say when a question is asked, so these name no date that they could be held against.
RELATIVE = re.compile(
    r"去年|今年|明年|前年|上个?月|本月|(?<![比较])上一?年|(?<![比较])前一年"
    r"|\b(?:last|this|next) (?:year|month|quarter)\b"
    r"|(?<!than )(?<!from )(?<!over )\b(?:the|a) (?:year|month|quarter) (?:before|earlier)\b|\bthe previous year\b",
    re.IGNORECASE,
)
REASON = re.compile(
    r"因为|由于|原因|缘于|口径|\bdefinitions?\b|\b(because|due to|owing to|reason|caused by)\b", re.IGNORECASE
)
LAST_MONTH, LAST_DAY = 12, 31
# What stands between the things of a list.
COMMAS = re.compile(r"[、，,;；和与及]|\band\b", re.IGNORECASE)
PROCEDURE = re.compile(
    r"凭|须|需要|应当|可以|可通过|可在|步骤|携带|提交|\b(?:must|can|should|apply|submit|visit|by \w+ing)\b",
    re.IGNORECASE,
)
CONTACT = re.compile(
    r"电话|地址|网址|邮箱|\d{7,}|\d-\d{4,}|@|\b(?:phone|address|website|e-?mail)\b", re.IGNORECASE
)
PART = re.compile(
    r"其中|占|包括|\bof (?:which|these|them|all|the national)|\binclud\w+|\baccount\w*", re.IGNORECASE
)
CRITERIA = re.compile(
    r"条件|(?<!写)材料|流程|手续|门槛|资格|申报|须|应当|标准|\b(?:must|criteri\w+|require\w*|conditions?|eligib\w+|apply)\b",
    re.IGNORECASE,
)
DOCUMENT_NUMBER = re.compile(r"[〔\[（(](?:19|20)[0-9]{2}[〕\]）)]\s?(?:[0-9]+号|No)|\bNo\.\s?[0-9]")
LEAD = re.compile(r"牵头|负责|主管|\b(?:in charge|responsible|lead\w*|oversee\w*)\b", re.IGNORECASE)
METHOD = re.compile(
    r"计算|核算|公式|口径|测算|\b(?:calculat|comput|formula|defin|measured)\w*", re.IGNORECASE
)
OUTCOME = re.compile(r"如果|若|否则|逾期|后果|一旦|\b(?:if|otherwise|unless|failing)\b", re.IGNORECASE)
SUPERLATIVE = re.compile(
    r"最|第一|首|不超过|不低于|[上下]限|至[多少]"
    r"|\b(?:biggest|largest|smallest|highest|lowest|best|worst|first|leading|at (?:most|least)|up to)\b",
    re.IGNORECASE,
)
OPINION = re.compile(r"值得|划算|推荐|\b(?:good|worth|recommend\w*)\b", re.IGNORECASE)
PENALTY = re.compile(r"处罚|罚款|惩罚|\bpenalt\w+|\bfined?\b|\bpunish", re.IGNORECASE)
PERSON = re.compile(
    r"主席|市长|书记|行长|局长|主任|先生|女士|总裁|院长|部长"
    r"|\b(?:mr|ms|chair\w*|mayor|governor|director|president|secretary|minister)\b",
    re.IGNORECASE,
)
CHANGE = re.compile(
    r"增|减|升|降|后来|变|由.{1,20}[到至]|\b(?:up|down|rose|fell|gr[eo]w\w*|later|from|increas\w*|more|less)\b",
    re.IGNORECASE,
)
DURATION = re.compile(
    r"(?<![0-9.])(?:[0-9]{1,3}|[一二两三四五六七八九十半百]+)\s?[余多]?(?:个月|年|天|周|日内|小时|个?工作日)(?![0-9])"
    r"|\b(?!five-year)(?:[0-9]{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|half a)[ -]"
    r"(?:consecutive |straight |successive |full |calendar |working |business )?(?:year|month|week|day|hour)s?\b",
    re.IGNORECASE,
)
# What an answer to such a question has to hold.
MARKS = {
    Want.REASON: REASON,
    Want.PROCEDURE: PROCEDURE,
    Want.CONTACT: CONTACT,
    Want.PART: PART,
    Want.CRITERIA: CRITERIA,
    Want.LEAD: LEAD,
    Want.DOCUMENT_NUMBER: DOCUMENT_NUMBER,
    Want.METHOD: METHOD,
    Want.OUTCOME: OUTCOME,
    Want.SUPERLATIVE: SUPERLATIVE,
    Want.OPINION: OPINION,
    Want.PENALTY: PENALTY,
    Want.PERSON: PERSON,
    Want.CHANGE: CHANGE,
    Want.DURATION: DURATION,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: Abstention
    missing: tuple[str, ...] = ()


Check = Callable[[Asked, Sequence[Evidence]], Refusal | None]


def find_refusal(asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    """Why ``chosen`` cannot answer, if it cannot; what is missing is told in the words of the question."""
    if says_too_little(asked):
        return Refusal(Abstention.NO_QUESTION)
    return _first_refusal(CHECKS, asked, chosen)


def find_unsaid(asked: Asked, told: Sequence[Evidence]) -> Refusal | None:
    """What an answer in words of its own fails to say itself, though the paragraphs it cites may."""
    return _first_refusal((_check_dates, _check_moments, _check_quantity, _check_measured), asked, told)


def says_too_little(asked: Asked) -> bool:
    """One word asks nothing."""
    return len(asked.terms.own) < 2 and not asked.wants


def _first_refusal(checks: Sequence[Check], asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    return next((refusal for check in checks if (refusal := check(asked, chosen))), None)


def _check_names(asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    names = [name.text for name in asked.names if not any(says_name(e, name) for e in chosen)]
    return _missing(Abstention.MISSING_NAME, names or asked.owners)


def _check_dates(asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    dates = [date.text for date in asked.dates if not any(says_date(e, date) for e in chosen)]
    told = [date.text for date in asked.told if not any(reports(e, date) for e in chosen)]
    if missing := dates or told:
        return _missing(Abstention.MISSING_DATE, missing)
    if Want.WHOLE_YEAR in asked.wants and not any(_tells_whole_year(e) for e in chosen):
        return Refusal(Abstention.MISSING_DATE)
    if Want.QUANTITY in asked.wants:
        parts = [date.text for date in asked.dates if _only_part(date, chosen)]
        if parts:
            return _missing(Abstention.MISSING_DATE, parts)
    return _missing(Abstention.MISSING_DATE, [] if asked.dates else RELATIVE.findall(asked.query.text))


def _check_figures(asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    """The figures and places in a row that the question states."""
    verdict = Want.VERDICT in asked.wants
    places = [p.text for p in asked.ordinals if not any(says_ordinal(e, p, verdict=verdict) for e in chosen)]
    figures = [figure.text for figure in missing_figures(asked, chosen)] or _of_another_date(asked, chosen)
    return _missing(Abstention.MISSING_FIGURE, figures or places)


def _of_another_date(asked: Asked, chosen: Sequence[Evidence]) -> list[str]:
    """Figures of a question with one date that are told of other dates alone."""
    if len(asked.dates) != 1:
        return []
    return [
        figure.text
        for figure in asked.figures
        if (telling := [e for e in chosen if any(same_figure(figure, said) for said in e.own.figures)])
        and not any(says_date(e, asked.dates[0]) for e in telling)
    ]


def _check_moments(asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    """The dates that the question asks for."""
    dated = any(e.own.dates or e.around.dates for e in chosen)
    enough = asked.moments < 2 or asked.moments <= sum(len(e.own.dates) for e in chosen)
    return None if Want.DATE not in asked.wants or (dated and enough) else Refusal(Abstention.MISSING_DATE)


def _check_quantity(asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    """A figure that could be the one asked for, and none of another period, country, direction or kind."""
    said = Want.QUANTITY not in asked.wants or any(says_quantity(e, asked) for e in chosen)
    return None if said and is_aligned(asked, chosen) else Refusal(Abstention.MISSING_QUANTITY)


def _check_measured(asked: Asked, told: Sequence[Evidence]) -> Refusal | None:
    """Deposits are no answer about loans; a figure of which nothing is said may be."""
    named = frozenset[Measure]().union(*(find_measures(e.text) for e in told))
    return Refusal(Abstention.MISSING_QUANTITY) if named and not asked.measures <= named else None


def _check_amounts(asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    """What the figures asked for are of, and how many there must be."""
    named = (*((word,) for word in asked.counted), *asked.joined)
    language = asked.query.language
    if not all(any(says_thing(e, part, language) for e in chosen) for part in named):
        return Refusal(Abstention.MISSING_QUANTITY)
    if asked.listed > max(len(chosen), 1 + len(COMMAS.findall(chosen[0].text))):
        return Refusal(Abstention.NOT_IN_COLLECTION)
    each = len(asked.joined) if {Want.EACH, Want.QUANTITY} <= asked.wants else 0
    if max(asked.amounts, each) > sum(len(e.own.figures) + len(e.own.ordinals) for e in chosen):
        return Refusal(Abstention.MISSING_QUANTITY)
    if Want.MORE in asked.wants and not _two_of_a_kind(chosen):
        return Refusal(Abstention.MISSING_QUANTITY)
    if Want.PLACE_IN_ROW in asked.wants and not any(e.own.ordinals for e in chosen):
        return Refusal(Abstention.MISSING_FIGURE)
    if not asked.measures <= frozenset[Measure]().union(*map(said_measures, chosen)):
        return Refusal(Abstention.MISSING_QUANTITY)
    return None


def _two_of_a_kind(chosen: Sequence[Evidence]) -> bool:
    """Whether two figures of one unit are told, of which a reader sees which is more."""
    units = Counter(figure.unit for e in chosen for figure in e.own.figures)
    return max(units.values(), default=0) > 1


def _check_subject(asked: Asked, chosen: Sequence[Evidence]) -> Refusal | None:
    """What is asked for, the deed, and what an answer of its kind has to hold."""
    language = asked.query.language
    spoken = all(any(speaks_word(e, word, language) for e in chosen) for word in asked.topic)
    done = asked.deed is None or any(says_word(e, asked.deed, language) for e in chosen)
    # Which of several is the largest, or how they change, a reader sees.
    compared = {Want.SUPERLATIVE, Want.CHANGE} if asked.sides or len(asked.dates) > 1 else set[Want]()
    marked = all(
        any(mark.search(e.text) for e in chosen)
        for want, mark in MARKS.items()
        if want in asked.wants - compared
    )
    named = not asked.wants & {Want.NAME, Want.PLACE} or any(names_anew(e, asked) for e in chosen)
    return None if spoken and done and marked and named else Refusal(Abstention.NOT_IN_COLLECTION)


def _missing(reason: Abstention, words: Sequence[str]) -> Refusal | None:
    return Refusal(reason, tuple(dict.fromkeys(words))) if words else None


CHECKS = (
    _check_names,
    _check_dates,
    _check_figures,
    _check_moments,
    _check_quantity,
    _check_amounts,
    _check_subject,
)
"""In the order in which what is missing is told."""


def _tells_whole_year(evidence: Evidence) -> bool:
    """Whether it speaks of a year, and of no part of the same year: "2023 projects by June 2023" are of a half."""
    dates = evidence.own.dates
    years = {date.year for date in dates if _whole_year(date)}
    parts = {date.year for date in dates if not _whole_year(date)}
    return bool(years - parts)


def _whole_year(date: DateMention) -> bool:
    """A year, or its last day or month."""
    if date.year is None or date.half or date.quarter or date.cumulative:
        return False
    return date.month is None or (date.month == LAST_MONTH and date.day in (None, LAST_DAY))


def _only_part(asked: DateMention, chosen: Sequence[Evidence]) -> bool:
    """Whether a year is asked and the evidence speaks of a half, a quarter or the first three, and not of the year."""
    if asked.month or asked.day or asked.quarter or asked.half or asked.cumulative:
        return False
    said = [date for e in chosen for date in e.own.dates if date.year in (asked.year, None)]
    part = any(date.quarter or date.half or date.cumulative for date in said)
    return part and not any(_whole_year(date) for date in said)
