"""Whether a question names what it is about, or leans on the one before it."""

from __future__ import annotations

import re

from ...text.marks import blank, read_marks
from ...text.measures import QUALIFIERS, Measure, find_measures
from ...text.scripts import HAN
from ...text.terms import content_terms, stem
from ...types import Language
from ..wants import words

ASKS = {
    Language.ZH: words(
        r"(?:又|各|分别|到底|究竟|具体|一共|总共|共|大概|大约|累计)*(?:是|有|为|(?<!通)达到?|了|到|在|由)*"
        r"(?:多少[家个项名位笔件条次种只款座所份列]?|多[大高长久快]|为什么|凭什么|什么(?:时[候间])?|啥时?候?"
        r"|谁|哪一?[年月天日个些家项种里次位]?|何[时年日处地]"
        r"|百分之几|第?几[家个项名位笔件条次种只款座所份列年月天日号成批]?|怎么样?|怎样|如何|为何|是否|有没有"
        r"|是不是)|[吗么嘛呢](?=[？?。！!\s]*$)"
    ),
    Language.EN: words(
        r"\b(?:what|who|whom|whose|when|where|which|how|why)\b"
        r"|^(?:and |but |so |or )?(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should)(?:n't)?\b"
    ),
}
COUNTED = {
    Language.ZH: words(
        r"(?:多少|(?<!第)几)[家个项名位笔件条次种只款座所份列]?(?P<noun>[\u4e00-\u9fff]{2,8})(?=[？?呢，。]|$)"
    ),
    Language.EN: words(r"\bhow many (?P<noun>(?:[a-z-]+ )?[a-z-]+s)\b"),
}
QUOTED = re.compile(r"[《“][^》”]{2,}[》”]")
# What is always somebody's or something's: a question of nothing else leans on the one before.
OWNED = {
    Language.ZH: words(
        r"余额|金额|[总数份款价]额|规模|数[量目字额据]?|货值|[价市案]值|增[速幅量]|增长率?|增加|上升|上涨"
        r"|下降|减少|涨|跌|同比|环比|上年|一年"
        r"|比[重例]|占比|份额|占|百分[之点]?|全[市国省球部区]|各项|平均|水平|文[号件]|编号|发文|[名全简]称"
        r"|名字?|目标|任务|措施|举措|政策|条款|章节?|内容|成果|日期|时间"
        r"|时[候点]|地[点址方区]|位置|原因|理由|依据|作用|意义|目的|范围|对象|主体|单位|部门|机关|机构|成员"
        r"|会员|家数|人[员数]|员工|参[加与会]|[印公颁]发|发[布行文起出]|公布"
        r"|出台|[成设建]立|启动|开[始通业放办]|结[束案]|[生]效|[施实]行|实施|举[行办]|召开|揭牌|上线|建成"
        r"|通过|牵头|负责|主[办管]|承办|签署?|签约|覆盖|涉及|涉案|包[括含]|交易"
        r"|成交|成本|费用|收费|利率|期限|注册资本|资本|不良率|案[件子值]|具体|后来|之后|随后|目前|现在"
        r"|最[后终新早]|年底|当时|境内|境外|占用|提[出供到]|规定|要求|说法?|讲"
        r"|决定|累计|企业|公司|区县|省份|地级市|其[中他]|另外|已经|可以|应该|需要"
        r"|差异|区别|不同|变化|关系|对不上|一[样致]|相[当于同]|等于|折合|换算|划算"
        r"|[是有无被把让给向对从由于以也就又再只才将要会能着这那个家项条件笔次座所份种位名]"
    ),
    Language.EN: words(
        r"\b(?:amount|balance|total|sum|size|scale|number|value|worth|price|cost|growth|rate|ratio|share"
        r"|percentage|percent|part|proportion|rank"
        r"|place|position|name|title|date|time|year|month|day|location|address|reason|purpose|goal|target|aim"
        r"|task|measure|step|article|clause"
        r"|chapter|content|scope|member|institution|company|firm|bank|department|ministry|agency|office|body"
        r"|people|person|staff|employee|judge"
        r"|case|country|city|port|district|province|document|issuer|author|founder|sponsor|host|result"
        r"|outcome|change|difference|figure|data"
        r"|interest|capital|fee|term|money|dollar|yuan|rmb|usd|gdp|billion|million|trillion|stake|altogether"
        r"|overall|nationwide|nation|national|whole"
        r"|grow|grew|grown|rise|rose|risen|fall|fell|fallen|increase|decrease|decline|drop|issue|publish"
        r"|release|adopt|approve|found|launch|start|begin|began|begun"
        r"|open|end|close|hold|held|attend|participate|join|sign|take|took|effect|force|apply|cover|include"
        r"|contain|span|last|pass|reach|set|come|came|decide"
        r"|compare|account|make|made|mean|meant|say|said|give|get|got|put|go|went|work|run|cargo|good|later"
        r"|earlier|before|after|then|since|still|ever|yet|now|today"
        r"|high|low|large|big|small|long|short|fast|quick|far|exactly|roughly|about|around|same|different"
        r"|other|main|major|new|old|first|last|previous|next)(?:s|es|ed|d|ing)?\b"
    ),
}
# Characters that a Chinese word, words that an English question must have left to name something.
LENGTH = {Language.ZH: 3, Language.EN: 1}
LONGEST_QUANTITY = {Language.ZH: 4, Language.EN: 12}
PRONOUNS = {
    Language.ZH: words(
        r"它们?|(?<!其)[他她]们?|其(?![他它中余实次间])|[该此](?=[\u4e00-\u9fff]{1,6}(?:的|是|有|在|由|何|什|多|哪"
        r"|将|会|覆|涉|共|规|何|$))(?!如何|怎|不|去|向|找|由)"
        r"|[这那][个项份次条家座所部届场笔批类](?=[\u4e00-\u9fff])|上述|前[述者]|后者|[两二]者|[那这][里儿]"
        r"|这(?=[比是大占相算意])|那(?=[比是占相算意])|这[些几两]|那[些几两]"
    ),
    Language.EN: words(
        r"\b(?:it(?! (?:true|right|possible|legal)\b)|its|they|their|theirs|them|the former|the latter|both)\b"
        r"|\b(?:those|these)\b|(?<!is )(?<!are )(?<!was )(?<!were )\bthere\b(?! (?:is|are|was|were|be|have|has)\b)"
        r"|\b(?:that|this)(?=\s*(?:[?.,!;]|$)|\s(?:in|as|at|by|to|for|grow|rise|change|compare|mean|come"
        r"|make)\b)|(?<=\bis )(?:that|this)\b|(?<=\bwas )(?:that|this)\b|(?<=\bof )(?:that|this)\b"
        r"|\b(?:that|this) (?:one|plan|scheme|document|year|fund|court|cent(?:er|re)|bank|project|meeting"
        r"|conference|alliance|institution|district|city|place)\b"
    ),
}
VERBS = frozenset(
    map(
        stem,
        "issue issued set put take took come came go went make made give gave get got hold held stand stood"
        " say said tell told speak"
        " spoke grow grew grown rise rose risen fall fell fallen lend lent borrow pay paid move reach launch"
        " found open close publish"
        " release adopt approve join attend host sign provide produce create decide attract gather handle"
        " list mention show earn use"
        " serve cover include contain carry began begin start build built extend change run work live want"
        " mean meant bring brought"
        " receive arrange conclude establish belong happen rank aim cost pass see seen follow".split(),
    )
)
HEADS = (
    frozenset(Measure)
    - QUALIFIERS
    - {Measure.SHARE, Measure.GROWTH, Measure.FALL, Measure.END, Measure.GDP}
    # What is asked of a thing beside its quantity: "At what cost?" keeps the thing.
    - {Measure.BUDGET, Measure.COST, Measure.PRICE}
)
"""Measures that name a quantity of their own."""


def names_something(question: str, language: Language) -> bool:
    """Whether the question says what it is about: a name, or a phrase that is not only ever somebody's."""
    bare = blank(question, [date.span for date in read_marks(question).dates])
    bare = ASKS[language].sub(" ", bare)
    if QUOTED.search(bare):
        return True
    if language is Language.EN:
        return _names_in_english(bare)
    if any(not find_measures(word) for word in re.findall(r"[A-Za-z][\w-]{2,}", bare)):
        return True
    left = OWNED[language].sub(" ", bare)
    runs = re.findall(f"[{HAN}]+", " ".join(re.split(r"[的了和与及]", left)))
    runs = [run for run in runs if len(run) > 1 and content_terms(run)]
    named = [run for run in runs if not _is_quantity(run, language)]
    return bool(named) and (len(runs) > 1 or len(named[0]) >= LENGTH[language])


def is_name_like(phrase: str, language: Language) -> bool:
    """Whether a phrase that is no question names something; a capital at its start is no sentence's."""
    return names_something(f"x {phrase}" if language is Language.EN else phrase, language)


def is_owned(said: str, language: Language) -> bool:
    """Whether ``said`` is only ever somebody's: "增速", "the number of members"."""
    return not content_terms(OWNED[language].sub(" ", ASKS[language].sub(" ", said)))


def _is_quantity(word: str, language: Language) -> bool:
    """Whether a word only names a quantity, "总资产": whose, the question before has said."""
    measures = find_measures(word)
    return len(word) <= LONGEST_QUANTITY[language] and bool(measures & HEADS) and not measures & QUALIFIERS


def _names_in_english(bare: str) -> bool:
    left = OWNED[Language.EN].sub(" ", bare)
    if re.search(rf"[{HAN}]{{2,}}", left):
        return True
    named = re.findall(r"(?<=[a-z,] )[A-Z][\w'’-]+|\b[A-Z]{2,}\b", re.sub(r"[^\w\s,'’-]", " ", bare))
    if any(
        word.lower() not in {"i", "gdp", "rmb", "usd"} and not OWNED[Language.EN].fullmatch(word)
        for word in named
    ):
        return True
    kept = [
        word
        for word in re.findall(r"[A-Za-z][\w'’-]+", left)
        if content_terms(word) and stem(word.lower()) not in VERBS and not _is_quantity(word, Language.EN)
    ]
    return len(kept) >= LENGTH[Language.EN]
