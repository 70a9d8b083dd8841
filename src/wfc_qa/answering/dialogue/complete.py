"""A follow-up made whole by rules: what it lacks is taken from the question that it follows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...adapters.cedict import Dictionary
from ...adapters.encoders import Encoder
from ...text.dates import find_dates
from ...text.language import detect_language
from ...text.marks import read_marks, replace_span
from ...types import Language, Span
from ..wants import words
from .carry import ask_again, carry
from .dating import COUNTED_BACK, SAME_DATE, SHIFTED, has_date, same_date
from .naming import ASKS, COUNTED, PRONOUNS, is_name_like, names_something
from .pronouns import put_pronoun, read_side
from .swap import Tools
from .telling import tell_about
from .topics import BRACKET, ENDS, find_topic
from .turns import Act, Turn, find_earlier, read_turn

LONGEST = 2000
"""Characters of a completed question; longer ones are cut."""
LONGEST_ELLIPSIS = 60
OPENS = {
    Language.ZH: words(
        r"^(?:那么?(?![里儿个些一年半])|还有|以及|至于|换成|再往[后前]看|到了?(?=[0-9２]))[，,\s]*|呢[？?。!！\s]*$"
    ),
    Language.EN: words(r"^(?:and|or|but|so|then)\b[,\s]*|^(?:what|how) about\b\s*"),
}
# What may stand around the new part of an elliptic question.
PADDING = {
    Language.ZH: words(
        r"^(?:那么?(?![里儿个些一年])|还有|以及|至于|换成|再往[后前]看|到了?)?[，,\s]*(?:[当同]年)?"
        r"|(?:又?是多少|的时候|那时候?|看看|看一下|试试|也?一[并起]?(?:告诉我|说说|说一下|列出来)吧?|的"
        r"|又?如何|怎么样|呢"
        r"|是多少|有多少)*[？?。!！\s]*$"
    ),
    Language.EN: words(
        r"^(?:and|or|but|so|then)?[,\s]*(?:(?:what|how) about)?\s*(?:(?:back in|for|in|at|by|of|its|their|the)\s+)*"
        r"|(?:,?\s+(?:in |of |for )?(?:that|the same) (?:year|time|date)|,?\s+please|,?\s+then)?[?.!\s]*$"
    ),
}
# Openings of questions that go on about the same thing.
GOES_ON = {
    Language.ZH: words(
        r"^(?:同比|环比|一共|总共|共有|后来|之后|随后|其中|占|增长|增幅|增速|下降|又|还(?!是)|由(?!于)|带来"
        r"|提供|促成|比|相当|里面)"
    ),
    Language.EN: words(
        r"^(?:compared|since then|in total|of (?:these|those|which)|after that|under (?:what"
        r"|which) (?:document )?number)\b"
    ),
}
# "What was it in 2021?" asks what was asked before, of another date.
IT_WAS = {
    Language.ZH: words(r"^(?:那|它|这个?数)(?=[0-9])"),
    Language.EN: words(
        r"^(?:(?:and|but|so) )?(?:what|how (?:much|many|large|high|big)) (?:is|are|was|were) (?:it|that|this"
        r"|they|the (?:figure|number))\b"
    ),
}
SENTENCE = re.compile(r"(?<=[？?。！!])\s*(?=\S)|(?<=呢)[，,]")


def complete_question(
    question: str, history: Sequence[str], language: Language, encoder: Encoder, dictionary: Dictionary
) -> str:
    """``question`` as it stands on its own, given earlier ones (as understood, oldest first)."""
    question = question.strip()
    earlier = [said.strip() for said in history if said.strip()]
    if not earlier:
        return question
    turn = read_turn(question, language)
    tools = Tools(language, encoder, dictionary)
    match turn.act:
        case Act.ASKS_AGAIN:
            completed = earlier[-1]
        case Act.SWITCHES:
            completed = turn.said
        case Act.RETURNS:
            completed = _return(turn, earlier, tools)
        case Act.CORRECTS:
            completed = _correct(turn, earlier[-1], tools)
        case _:
            completed = _follow(turn.said, earlier[-1], tools)
    return completed[:LONGEST].strip() or question


def lean_question(question: str, before: str, language: Language) -> str:
    """``question`` with what the one before it was about in brackets, for when it finds nothing on its own; empty where
    it cannot lean."""
    if BRACKET.search(question) or SHIFTED.search(question) or detect_language(before) is not language:
        return ""
    topic = find_topic(before, language, dated=not has_date(question, language))
    if not topic or topic in question:
        return ""
    return tell_about(question, topic, before, language)


def _return(turn: Turn, earlier: Sequence[str], tools: Tools) -> str:
    """The rest of the turn, asked of the earlier question that it goes back to."""
    before = find_earlier(turn.back_to, earlier, tools.language)
    if not before:
        vectors = tools.encoder.encode_queries([turn.back_to, *earlier])
        before = earlier[int((vectors[1:] @ vectors[0]).argmax())]
    completed = _follow(turn.said, before, tools)
    return carry(turn.said, before, tools) if completed == turn.said else completed


def _correct(turn: Turn, before: str, tools: Tools) -> str:
    """The question before with what was meant in place of what was not."""
    language, said = tools.language, turn.said
    meant = said.strip(ENDS)
    subject, asked = _subject_and_question(said, language)
    if asked and is_name_like(subject, language):
        return carry(asked, subject, tools)
    if ASKS[language].search(meant):
        completed = _follow(said, before, tools)
        stands = completed != said or (
            names_something(said, language) and not PRONOUNS[language].search(said)
        )
        return completed if stands else carry(said, before, tools)
    place = before.lower().find(turn.not_meant.lower()) if turn.not_meant else -1
    if place >= 0 and not find_dates(meant):
        meant = meant if meant[1:2].isupper() or before[place].isupper() else meant[:1].lower() + meant[1:]
        return replace_span(before, Span(place, place + len(turn.not_meant)), meant)
    if PRONOUNS[language].search(meant):
        return put_pronoun(meant, before, language) or carry(meant, before, tools)
    return ask_again(meant, before, tools) or carry(meant, before, tools)


def _subject_and_question(said: str, language: Language) -> tuple[str, str]:
    """ "The joint rules. How many measures?" in two; the question is empty where the turn is not of that form."""
    for mark in ("。", ". ", "：", ": ", "，"):
        subject, _, asked = said.partition(mark)
        if asked and ASKS[language].search(asked) and not ASKS[language].search(subject):
            return subject.strip(), asked.strip()
    return said, ""


def _follow(said: str, before: str, tools: Tools) -> str:
    """A turn that only asks, completed from the question before where it leans on it."""
    language = tools.language
    if BRACKET.search(said) or _says_all(said, before, language):
        return said
    first, *more = SENTENCE.split(said, maxsplit=1)
    if more:
        completed = _follow(first, before, tools)
        return said if completed == first else f"{completed}{'' if language is Language.ZH else ' '}{more[0]}"
    if side := read_side(said, before, language):
        said, before = side
    core = _strip(said, language)
    opened = bool(OPENS[language].search(said))
    if SHIFTED.search(said) and not COUNTED_BACK[language].match(core):
        return said
    if IT_WAS[language].match(said) and find_dates(said):
        return ask_again(IT_WAS[language].sub("", core), before, tools) or said
    counted, counted_before = COUNTED[language].search(said), COUNTED[language].search(before)
    if opened and counted and counted_before and not names_something(said[: counted.start()], language):
        return replace_span(before, Span(*counted_before.span("noun")), counted["noun"])
    if _is_elliptic(core, said, opened, language) and (changed := ask_again(core, before, tools)):
        return changed
    if named := put_pronoun(said, before, language):
        return named
    dated = SAME_DATE[language].search(said)
    if dated and read_marks(before).dates:
        said = same_date(said, dated, before, language)
    if (
        PRONOUNS[language].search(said)
        or GOES_ON[language].search(said)
        or not names_something(said, language)
    ):
        elliptic = opened and not ASKS[language].search(core)
        return carry(core if elliptic else said, before, tools, elliptic=elliptic)
    return said


def _says_all(said: str, before: str, language: Language) -> bool:
    """Whether an English turn asks something and names all that the question before is about, its date too."""
    if language is not Language.EN or not ASKS[language].search(said):
        return False
    topic = find_topic(before, detect_language(before))
    return len(topic.split()) > 1 and topic in said


def _is_elliptic(core: str, said: str, opened: bool, language: Language) -> bool:
    """Whether a turn is only a date, a name or a quantity, and asks nothing by itself."""
    if not core or len(core) > LONGEST_ELLIPSIS or ASKS[language].search(core):
        return False
    if opened:
        return True
    if ASKS[language].search(said) and names_something(said, language):
        return False
    short = len(core) <= 12 if language is Language.ZH else len(core.split()) <= 4
    return short or bool(find_dates(core))


def _strip(question: str, language: Language) -> str:
    """The question without what only says that it follows another."""
    start, end = 0, len(question)
    for match in PADDING[language].finditer(question):
        if match.start() == 0:
            start = max(start, match.end())
        if match.end() == len(question):
            end = min(end, match.start())
    return question[start:end].strip() if start < end else ""
