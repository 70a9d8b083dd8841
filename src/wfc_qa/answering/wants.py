"""The kind of thing a question wants: a figure and in which unit, a date, a list, a verdict."""

from __future__ import annotations

import re
from enum import StrEnum

from ..text.figures import Unit
from ..text.marks import read_marks
from ..text.scripts import fold_text
from ..text.units import MONEY, read_unit
from ..types import Language


class Want(StrEnum):
    QUANTITY = "quantity"
    DATE = "date"
    PLACE_IN_ROW = "place_in_row"
    LIST = "list"
    REASON = "reason"
    VERDICT = "verdict"
    CHOICE = "choice"
    LATEST = "latest"
    WHO = "who"
    HOW = "how"
    PROCEDURE = "procedure"
    CONTACT = "contact"
    EACH = "each"
    PART = "part"
    CRITERIA = "criteria"
    LEAD = "lead"
    WHOLE_YEAR = "whole_year"
    NAME = "name"
    PLACE = "place"
    DOCUMENT_NUMBER = "document_number"
    METHOD = "method"
    OUTCOME = "outcome"
    SUPERLATIVE = "superlative"
    OPINION = "opinion"
    PENALTY = "penalty"
    PERSON = "person"
    CHANGE = "change"
    DURATION = "duration"
    MORE = "more"


def words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


WANTS: dict[Language, dict[Want, re.Pattern[str]]] = {
    Language.ZH: {
        Want.DATE: words(r"何时|什么时候|什么时间|哪一?[年月天日]|何年|几[月号]|多久"),
        Want.QUANTITY: words(
            r"多少|多大|多高|多长|占比|比例|比重|增速|增幅|增长率|(?<!第)几[家个项条次位名种份列座款笔件场只间人]|百分之几"
            r"|(?:预算|造价|费用|票价|房租|薪酬|工资)(?:是|为|有)?(?:什么|哪|几)"
        ),
        Want.PLACE_IN_ROW: words(r"第几|排名"),
        Want.LIST: words(
            r"哪些|哪[两二三四五六七八九十几]|列出|列举|有什么|(包括|包含)(了?什么|哪)|有何内容"
        ),
        Want.REASON: words(r"为什么|为何|凭什么|原因|怎么会|什么(?:导致|推动|使得?|让)"),
        Want.VERDICT: words(r"吗[？?]?$|是否|有没有|是不是|对不对|没有[？?]?$|[够超过]了?没"),
        Want.CHOICE: words(r"还是"),
        Want.LATEST: words(r"最新|目前|现在|当前|最近"),
        Want.WHO: words(r"谁"),
        Want.HOW: words(r"怎么(?!样)|如何|怎样|哪里可以"),
        Want.PROCEDURE: words(
            r"(怎么|如何|怎样|哪里?(可以|能))(才能|可以|去|能)?(申请|办理|开|注册|下载|登录|使用|查询|购买|买|投诉|预约|办)"
        ),
        Want.CONTACT: words(r"电话|地址|网址|邮箱|联系方式|公众号"),
        Want.EACH: words(r"分别|各(?!项|类|种|地|界)"),
        Want.PART: words(r"其中|当中|(?<=[0-9家个件笔])里面?"),
        Want.CRITERIA: words(
            r"条件|(?<!写)材料|什么证件|流程|手续|门槛|资格|申报|报名|租金|[达满]到?.{0,4}标准|标准是|按什么标"
        ),
        Want.LEAD: words(r"牵头|负责|主管"),
        Want.WHOLE_YEAR: words(r"全年|整年"),
        Want.NAME: words(
            r"谁|哪(?:些|几|[两二三四五六七八九十]|一)?[个家]?(?![类种])[\u4e00-\u9fff]{0,4}"
            r"(?:机构|公司|企业|银行|部门|部委|单位|大学|协会)(?<![类种].{2})(?<![类种].{3})"
        ),
        Want.PLACE: words(
            r"何处|什么地方|[在于到从自]哪(?:里|儿|个|座|一)?(?!一?[年月天日])|哪(?:里|儿)(?!可以|来)"
            r"|哪(?:些|几|[两二三四五六七八九十]|一)?[个座条]?(?:国家?|城市|地区|省|市|区县?|县|街道?|路|地方)"
        ),
        Want.DOCUMENT_NUMBER: words(r"文号|文件号|发文字号"),
        Want.METHOD: words(r"(?:怎么|如何|怎样)(?:计?算|核算|统计|测算|计量)|计算(?:方法|公式|口径)"),
        Want.OUTCOME: words(
            r"(?:如果|(?<![主需])要是|假如|倘若|万一|一旦).{0,40}(?:会怎|怎么办|后果)|会怎么?样|后果"
        ),
        Want.SUPERLATIVE: words(r"(?<!不)最(?!早|新|近|后|初|终|迟)(?!.{0,4}(?:达到?|能|可))"),
        Want.OPINION: words(r"好不好|值得|划算|好吃|靠谱|合适吗"),
        Want.PENALTY: words(r"处罚|罚款|惩罚"),
        Want.PERSON: words(r"哪一?位|哪个人"),
        Want.MORE: words(
            r"哪(?:一?[个份家边方块项])?.{0,8}更(?:多|大|高|少|低|小|快|慢)|谁.{0,4}更"
            r"|哪(?:一?[个份家边方块项年]).{0,6}(?:多|大|高|少|低|小|快|慢)(?=[？?，,。]|$|一点|些)"
        ),
        Want.DURATION: words(
            r"(?<![哪第近前后去来这那])(?:几年|几个月|几天)|多少年|多少个?月|多少天|多长时间|多久|有效期|期限"
        ),
        Want.CHANGE: words(r"(?:有什么|有何|怎么|如何|怎样)变化?|变化了?(?:多少|多大)"),
    },
    Language.EN: {
        Want.DATE: words(r"\b(when|(what|which) (year|month|day|date|quarter)|how long)\b"),
        Want.QUANTITY: words(
            r"\b(how (many|much|large|big|high|far)"
            r"|what (?:(?:is|are|was|were) the )?(?:total |overall |combined )?"
            r"(share|percentage|proportion|number|amount|balance|rate|sum|size|value|volume|turnover)"
            r"|growth rate|interest rate"
            r"|what (?:is|are|was|were) (?:the |its |their )?(?:\w+ )?"
            r"(?:budget|costs?|price|fee|salary|salaries|wages?|rent)"
            r"|what (is|are|was|were) [\w' -]{0,40}?(balance|total|value|growth|ratio|share|number))\b"
        ),
        Want.PLACE_IN_ROW: words(r"\b(what|which) (overall )?(rank|place|position|batch)\b"),
        Want.LIST: words(
            r"\b(which (\w+ )?\w+s|what are|list|name the|what \w+s (are|were|did|does|do|have)"
            r"|what (does|do|did) .{1,60} (contain|include|comprise|cover|consist))\b"
        ),
        Want.REASON: words(
            r"\b(why|how come|what (caused|made|reason|drove|led to|explains|(is|lies|was) behind|pushed))\b"
        ),
        Want.VERDICT: words(
            r"(?:^\W*|[,:;]\s+)(is|are|was|were|do|does|did|has|have|had|can|could|will|would)(n't)?\s+(?!not\b)"
        ),
        Want.CHOICE: words(r"\bor\b"),
        Want.LATEST: words(r"\b(latest|current|currently|most recent|now|today)\b"),
        Want.WHO: words(r"\bwho(se|m)?\b"),
        Want.HOW: words(r"\bhow (do|can|should|to|would|does one)\b"),
        Want.PROCEDURE: words(
            r"\b(how (do|can|should|would)|where (do|can)) (i|we|you|one|an? (\w+ ){1,2})\b|how to\b"
        ),
        Want.CONTACT: words(r"\b(tele)?phone( number)?\b|\b(e-?mail|street|postal) address\b|\bwebsite\b"),
        Want.EACH: words(r"\b(respectively|each|both)\b"),
        Want.PART: words(r"\b(of (which|these|those|them)|how (many|much) of)\b|^\W*of the [0-9]"),
        Want.CRITERIA: words(
            r"\b(criteri\w+|requirements?|conditions?|qualif(y|ies)|eligib\w+|minimum|documents? (do|should|must)"
            r"|papers must|apply|sign up|register|file a)\b"
        ),
        Want.LEAD: words(r"\b(in charge|responsible for|oversees?|takes? the lead)\b"),
        Want.WHOLE_YEAR: words(r"\b((whole|full|entire)[ -](of |year)|full-year|throughout the year)\b"),
        Want.NAME: words(
            r"\bwho(se|m)?\b"
            r"|\b(which|what) (\w+ ){0,2}(banks?|compan(y|ies)|firms?|institutions?|bod(y|ies)|ministr(y|ies)"
            r"|departments?|agenc(y|ies)|authorit(y|ies)|lenders?)\b"
        ),
        Want.PLACE: words(
            r"\bwhere\b(?!.{1,60}\b(rank|stand|place)s?\b)"
            r"|\b(which|what) (\w+ ){0,2}(countr(y|ies)|cit(y|ies)|districts?|provinces?|streets?)\b"
        ),
        Want.DOCUMENT_NUMBER: words(r"\b(under (what|which) number|document number|reference number)\b"),
        Want.METHOD: words(
            r"\bhow (is|are|was|were) .{1,80}\b(calculated|computed|measured|compiled|worked out|arrived at)\b"
        ),
        Want.OUTCOME: words(r"\bwhat (happens|(would|will) happen)\b"),
        Want.SUPERLATIVE: words(r"\b(biggest|largest|smallest|highest|lowest|best|worst|cheapest|longest)\b"),
        Want.OPINION: words(
            r"\b(a good|worth (it|visiting|buying|investing)|should (i|we) (buy|invest|visit|choose|move)"
            r"|better off|recommend\w*)\b"
        ),
        Want.PENALTY: words(r"\b(penalt\w+|fined?|punish\w*)\b"),
        Want.MORE: words(
            r"\bwhich .{0,60}\b(is|are|was|were|has|had|grew|rose|fell) (the )?"
            r"(more|larger|bigger|higher|greater|smaller|lower|fewer|less|faster|slower)\b(?! than)"
        ),
        Want.DURATION: words(
            r"\b(how long (does|did|will|do|is it|are|was it|has|have|would|must)|for how long"
            r"|how many (years|months|weeks|days))\b"
        ),
        Want.CHANGE: words(
            r"\bhow (did|has|have) .{1,80}\b(change|changed|develop|developed|evolve|evolved)\b"
        ),
        Want.PERSON: words(r"\b(on behalf of|(which|what) (person|official|leader|man|woman))\b"),
    },
}
NUMBER_ASKED = words(r"(?:文号|文件号|发文字号)(?:是|为)?多少|\bunder what number\b")
NAMED_UNIT = {
    Language.ZH: words(r"(?:多少|几)(?=[^，。？]{1,6})"),
    Language.EN: words(r"\bhow many |\bin "),
}
SHARES = {
    Language.ZH: words(
        r"比例|占比|比重|份额|增速|增幅|增长率|利率|[^余金数]率|百分之几|增长了?多少|(占|下降)[^，]{0,12}多少"
    ),
    Language.EN: words(
        r"\b(share|percent\w*|proportion|rate|ratio|how (much|fast) did .{1,60} (grow|rise|fall))\b"
    ),
}
SUMS = {
    Language.ZH: words(
        r"多少(万|亿|万亿)?(元|美元|钱|人民币)|余额|金额|总额|货值|价值|多少资金|预算|造价|费用|票价|房租|薪酬|工资|薪水"
    ),
    Language.EN: words(
        r"\b((?<!digital )yuan|dollars?|usd|rmb|money|balance|amount|worth|value"
        r"|budget|costs?|price|fees?|salary|salaries|wages?|rent)\b"
    ),
}
AMOUNT = {Language.ZH: words(r"多少|百分之几"), Language.EN: words(r"\bhow (?:many|much|large|high)\b")}
MOMENT = {
    Language.ZH: words(r"何时|什么时[候间]|哪一?[年天日]"),
    Language.EN: words(r"\bwhen\b|\b(?:what|which) (?:year|month|day|date)\b"),
}
# "How much" asks for an amount, never for a count.
MUCH = words(r"\bhow much\b|多少钱")
SHARE_UNITS = frozenset({Unit.PERCENT, Unit.POINTS})
# "How many" of a thing is never answered by money, a share or a length.
COUNTING = {
    Language.ZH: words(r"(?:多少|(?<!第)几)[家个项名位笔件条次种只款座所份列场间人]"),
    Language.EN: words(
        r"\bhow many (?!\w*illions?\b|亿|万|us dollars|dollars|yuan|per ?cent|percentage|basis|kilomet\w+|miles)"
    ),
}
COUNTABLE = frozenset(Unit) - MONEY - {Unit.PERCENT, Unit.POINTS, Unit.KM, Unit.SQUARE_KM}
MEASURED = frozenset(Unit) - {Unit.COUNT}
NUMERALS = {word: value for value, words in enumerate(
    ("3 三 three", "4 四 four", "5 五 five", "6 六 six", "7 七 seven", "8 八 eight", "9 九 nine"), 3
) for word in words.split()}  # fmt: skip
LISTED = {
    Language.ZH: words(r"(?:哪|列出|是什么|这)(?P<number>[三四五六七八九3-9])[个大项类种家条份只](?!.*几)"),
    Language.EN: words(
        r"\b(?:which|what (?:are|were) the|names? (?:of )?the|list the) "
        r"(?P<number>three|four|five|six|seven|eight|nine)\b"
    ),
}


# Whoever asks for things by name, wants as many as the question says there are.
BY_NAME = {
    Language.ZH: words(r"逐条|逐项|逐一|一一列|名单|列出.{0,8}名[称字]"),
    Language.EN: words(r"\b(?:the|their|all) names of\b|\bby name\b|\bone by one\b|\bname all\b"),
}


def find_wants(text: str, language: Language) -> frozenset[Want]:
    # "Under what number" asks for no figure.
    counted = NUMBER_ASKED.sub("", text)
    return frozenset(
        want
        for want, pattern in WANTS[language].items()
        if pattern.search(counted if want is Want.QUANTITY else text)
    )


def find_units(text: str, language: Language) -> frozenset[Unit]:
    """Units that the figure asked for may be counted in; empty when any."""
    for match in NAMED_UNIT[language].finditer(text):
        named = read_unit(text, match.end())
        if named:
            return SHARE_UNITS if named[0] in SHARE_UNITS else frozenset({named[0]})
    if SHARES[language].search(text):
        return SHARE_UNITS
    if COUNTING[language].search(text):
        return COUNTABLE
    if SUMS[language].search(text):
        return MONEY
    return MEASURED if MUCH.search(text) else frozenset()


def count_amounts(text: str, wants: frozenset[Want], language: Language) -> int:
    """How many figures an answer gives at least: "how much, and how many" asks for two."""
    return len(AMOUNT[language].findall(text)) if Want.QUANTITY in wants else 0


def count_moments(text: str, wants: frozenset[Want], language: Language) -> int:
    """How many dates an answer gives at least."""
    return len(MOMENT[language].findall(text)) if Want.DATE in wants else 0


def count_listed(text: str, language: Language) -> int:
    """The number of "which six systems", or of "the names of the 13 platforms"; 0 where none is named."""
    match = LISTED[language].search(fold_text(text))
    if match:
        return NUMERALS.get(match["number"], 0)
    counts = (int(figure.value) for figure in read_marks(text).figures if figure.unit is Unit.COUNT)
    return max(counts, default=0) if BY_NAME[language].search(text) else 0
