"""What the opening words of a turn do: correct, return, change the topic, ask again, or only go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ...text.numerals import HAN_DIGITS
from ...text.terms import content_terms
from ...types import Language
from ..wants import words


class Act(StrEnum):
    ASKS = "asks"
    GOES_ON = "goes_on"
    CORRECTS = "corrects"
    RETURNS = "returns"
    SWITCHES = "switches"
    ASKS_AGAIN = "asks_again"


@dataclass(frozen=True, slots=True)
class Turn:
    """``said`` is the turn without its opening; ``not_meant`` what a correction takes back, ``back_to`` what a return
    names."""

    act: Act
    said: str
    not_meant: str = ""
    back_to: str = ""


AGAIN = {
    Language.ZH: words(
        r"(?:这是?|那是?|你)?(?:真的|确定|肯定|当真|是真的|没错|没搞错|可靠)[吗么嘛]?"
        r"|(?:有)?(?:什么|啥|何)?(?:出处|来源|依据|根据|证据)(?:呢|吗|是什么|在哪里?)?|(?:请)?(?:再)?(?:核实"
        r"|确认|核对)(?:一下|一遍)?"
        r"|(?:这|你)?(?:数据|数字|信息)?(?:是)?从?哪里?(?:说|写|看到|来)的|再(?:说|查)一(?:遍|次)"
    ),
    Language.EN: words(
        r"(?:are )?you (?:really |quite )?(?:sure|certain)(?: (?:about|of) (?:that|this|it))?|(?:oh )?really"
        r"|is (?:that|this|it)"
        r" (?:really )?(?:so|true|right|correct)|(?:what(?:'s| is) (?:the|your) |any |the |your )?(?:sources?"
        r"|evidence|reference)(?: for (?:this|that|it))?"
        r"|(?:(?:can|could) you )?(?:please )?(?:double[- ]?check|check|verify)(?: (?:that|this"
        r"|it))?(?: again)?|says who|come again"
        r"|say (?:that|it) again"
        r"|where (?:does it say|is|did you (?:get|find|read)|do you have) (?:that|this|it)(?: from)?"
        r"|how do you know(?: that)?"
    ),
}
SWITCHES = {
    Language.ZH: words(
        r"(?:那|好[的吧]?|嗯)?[，,\s]*(?:换一?个(?:话题|问题)|新(?:话题|问题)|题外话|(?:说|问"
        r"|聊)[个点些]?(?:别|其他)的(?:问题|事)?"
        r"|(?:另外|顺便|再|还想?)(?:问|请教|请问|打听)(?:一?下|一?个(?:别的)?问题|一?句|问)?|另一?个问题"
        r"|还有一?个问题)[，,：:。\s]+"
    ),
    Language.EN: words(
        r"(?:(?:ok|okay|thanks|now)[,.]? )?(?:(?:a |on a )?(?:different|another|new|separate"
        r"|unrelated)(?: (?:topic|question|subject|matter))"
        r"|(?:let'?s )?(?:chang(?:e|ing) (?:the )?(?:topic|subject))|by the way|something else)\s*[,.:;—-]+\s*"
    ),
}
GREETS = {
    Language.ZH: words(r"^(?:好[的吧]?|嗯+|哦|噢|明白了?|知道了|谢谢|收到|行)[，,。！!\s]+"),
    Language.EN: words(
        r"^(?:(?:ok|okay|thanks|thank you|right|great|i see|alright|well|hm+|got it)[,.!]?\s+)(?=\w)"
    ),
}
BACK = {
    Language.ZH: words(
        r"^(?:(?:那|再|还是|我们|咱们)*(?:回到|说回|回过头来?[看说]?|回头再?[看说]|还是说回?|再说回?|接着说|继续说)"
        r"(?:刚才|之前|前面|上面|最初|开头)?(?:[说问提]到?的?|的)?|(?:刚才|之前|前面)(?:[说问提])(?:到|过)?的)"
        r"(?:[那这][个份次项])?(?P<topic>[^，,：:。？?]{1,24}?)(?:的?(?:问题|话题|事))?(?P<date>那一?[年月]|那半年)?"
        r"[，,：:。\s]+(?=.)"
    ),
    Language.EN: words(
        r"^(?:(?:and|but|so|now)[, ]+)?(?:(?:(?:going|coming|getting|go|come|let'?s go) )?(?:back|return(?:ing)?) to"
        r"|(?:about|as for|regarding)(?=[^,:;.?]{1,60} (?:again|from before|i asked about)))"
        r" (?:the |my |our |that |this )?(?P<topic>[^,:;.?]{1,60}?)(?: again| from before"
        r"| i asked about(?: \w+)?)?(?P<date>)\s*[,.:;—]+\s*(?=.)"
    ),
}
NUMBERED = {
    Language.ZH: words(r"^第(?P<number>[一二三四五六1-6])个?(?:问题|问)?$"),
    Language.EN: words(r"^(?P<number>first|second|third|fourth|fifth|sixth) (?:question|one|topic)$"),
}
NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}
CORRECTS = {
    Language.ZH: (
        words(r"^(?:不好意思|抱歉|对不起|哎呀?|啊)[，,。！!\s]*"),
        words(
            r"^(?:不(?=[，,。\s])|不不不?|不是的?(?=[，,。])|不对|错了"
            r"|(?:我)?(?:刚才)?(?:[说打问写搞弄]错)了?(?:[^，,。：:]{0,4})|更正一?下?|纠正一?下?|改一下)"
            r"[，,。：:！!\s]*"
        ),
        words(
            r"^我?(?:其实|真正|本来|刚才|的意思)*(?:是想|是要|想|要|是)?(?:问|说|指|了解|知道|要"
            r"|查)的?(?:其实|应该)?是"
            r"|^我(?:其实|真正|本来)*是?(?:想|要)?(?:问|说|指)的?(?:是)?"
        ),
        words(r"^(?:应该?是|应为|其实是|改成|换成|是)"),
    ),
    Language.EN: (
        words(r"^(?:(?:oh|ah)[,.]? )?(?:sorry|oops|apologies|my (?:mistake|bad)|pardon)[,.!:;—-]*\s+"),
        words(
            r"^(?:no|nope|wrong|not quite|that'?s (?:wrong|not it|not what i (?:meant|asked))|correction"
            r"|actually|rather)"
            r"(?:\s*[,.!:;—-]+\s*|\s+(?=wait\b|i\b|in\b|sorry\b|at\b))|^wait[,.!]*\s+"
        ),
        words(
            r"^(?:but )?(?:what )?i (?:actually |really |only |just )?(?:mean|meant|was asking|am asking"
            r"|asked|wanted(?: to know)?|was thinking|'?m asking|want|need)"
            r"(?: (?:about|for|of))?(?: (?:is|was))?[,:\s]+"
        ),
        words(r"^(?:it'?s|it is|it should be|make (?:it|that)|that should be)\s+"),
    ),
}
NOT_MEANT = {
    Language.ZH: words(
        r"^(?:而?不是|不要|并非|不问)(?P<first>[^，,。]{1,20})[，,]\s*(?:而?是|要|我?[问说]的?是)?"
        r"|[，,]\s*(?:而?不是|并非|不要)(?P<last>[^，,。？?]{1,20})(?=[。？?！!]*$)"
    ),
    Language.EN: words(
        r"^not (?:the )?(?P<first>[^,;:.]{1,60})[,;:]\s*(?:but\s+)?(?:the )?"
        r"|,\s+(?:and )?not (?:the )?(?P<last>[^,;:.?]{1,60})(?=[.?!]*$)"
    ),
}
ENDS = "？?。.！! "


def read_turn(question: str, language: Language) -> Turn:
    """The act of a turn that follows others."""
    said = GREETS[language].sub("", question).strip()
    if AGAIN[language].fullmatch(said.strip(ENDS).removesuffix("呢")):
        return Turn(Act.ASKS_AGAIN, said)
    if found := SWITCHES[language].match(said):
        return Turn(Act.SWITCHES, said[found.end() :].strip())
    if found := BACK[language].match(said):
        return Turn(
            Act.RETURNS,
            found["date"] + said[found.end() :] if found["date"] else said[found.end() :].strip(),
            back_to=found["topic"],
        )
    if corrected := _correct(said, language):
        return corrected
    return Turn(Act.ASKS, said)


def find_earlier(back_to: str, history: Sequence[str], language: Language) -> str:
    """The earlier question that ``back_to`` speaks of: by number, or the latest with most of its words; empty where
    none shares any."""
    if numbered := NUMBERED[language].match(back_to):
        place = NTH.get(numbered["number"].lower()) or _number(numbered["number"])
        return history[place - 1] if place <= len(history) else ""
    wanted = set(content_terms(back_to)) or set(back_to)
    shared = [(len(wanted & set(content_terms(said))), place) for place, said in enumerate(history)]
    most, place = max(shared, default=(0, 0))
    return history[place] if most else ""


def _number(written: str) -> int:
    return int(written) if written.isdigit() else int(HAN_DIGITS.get(written, 0))


def _correct(said: str, language: Language) -> Turn | None:
    """The turn as a correction, where it opens as one or takes something back."""
    left, not_meant = said, ""
    for opening in CORRECTS[language][:2]:
        while (found := opening.match(left)) and found.end() < len(left):
            left = left[found.end() :]
    opened = left != said
    for _ in range(2):
        if found := NOT_MEANT[language].search(left):
            not_meant = (found["first"] or found["last"]).strip()
            left = (left[: found.start()] + left[found.end() :]).strip()
        if (found := CORRECTS[language][2].match(left)) and found.end() < len(left):
            left, opened = left[found.end() :], True
    if not (opened or (not_meant and len(not_meant) < 40)):
        return None
    if (found := CORRECTS[language][3].match(left)) and found.end() < len(left):
        left = left[found.end() :]
    return Turn(Act.CORRECTS, left.strip(), not_meant)
