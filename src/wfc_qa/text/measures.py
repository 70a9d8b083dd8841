"""What a figure measures, and which way things went: the words of finance that must agree between question and proof.

Deposits and loans, or a rise and a fall, look alike to an embedding; to a reader one for the other is a wrong answer.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from .scripts import fold_text

REMEMBERED = 4096


class Measure(StrEnum):
    """A quantity of finance, what qualifies one, or an event; a text may speak of several."""

    AGGREGATE_FINANCING = "aggregate_financing"
    ASSETS = "assets"
    BAD_LOANS = "bad_loans"
    BONDS = "bonds"
    BUDGET = "budget"
    COST = "cost"
    DEPOSITS = "deposits"
    EMPLOYEES = "employees"
    EXCHANGE_RATE = "exchange_rate"
    FINANCING = "financing"
    GDP = "gdp"
    HOUSE_PRICE = "house_price"
    INTEREST = "interest"
    INVESTMENT = "investment"
    LOANS = "loans"
    MARKET_VALUE = "market_value"
    MORTGAGE = "mortgage"
    POPULATION = "population"
    PAY = "pay"
    PREMIUMS = "premiums"
    PRICE = "price"
    PROFIT = "profit"
    RECOVERY = "recovery"
    REGISTERED_CAPITAL = "registered_capital"
    RENT = "rent"
    REVENUE = "revenue"
    TAX = "tax"
    TRADE = "trade"
    TRANSACTIONS = "transactions"
    VALUE_ADDED = "value_added"
    WEIGHT = "weight"
    WIDTH = "width"
    GREEN = "green"
    TECHNOLOGY = "technology"
    MANUFACTURING = "manufacturing"
    SMALL_FIRMS = "small_firms"
    PRIVATE_FIRMS = "private_firms"
    PERSONAL = "personal"
    CONSUMER = "consumer"
    FARMING = "farming"
    REAL_ESTATE = "real_estate"
    FOREIGN = "foreign"
    FOREIGN_CURRENCY = "foreign_currency"
    BANKING = "banking"
    INSURANCE = "insurance"
    SECURITIES = "securities"
    SHARE = "share"
    GROWTH = "growth"
    FALL = "fall"
    END = "end"


EVENTS = frozenset({Measure.FALL, Measure.END})
QUALIFIERS = frozenset(
    {
        Measure.GREEN,
        Measure.TECHNOLOGY,
        Measure.MANUFACTURING,
        Measure.SMALL_FIRMS,
        Measure.PRIVATE_FIRMS,
        Measure.PERSONAL,
        Measure.CONSUMER,
        Measure.FARMING,
        Measure.REAL_ESTATE,
        Measure.FOREIGN,
        Measure.FOREIGN_CURRENCY,
        Measure.BANKING,
        Measure.INSURANCE,
        Measure.SECURITIES,
    }
)
"""Whose loans, assets or financing a figure is of."""

# "Set up" and "look it up" are no growth.
NO_VERB = "".join(f"(?<!{verb} )" for verb in "look it set make makes made take sum add open".split())
_NAMES: dict[Measure, tuple[str, str]] = {
    Measure.AGGREGATE_FINANCING: (r"社会融资|社融", r"aggregate financing|social financing"),
    Measure.ASSETS: (r"资产", r"assets?"),
    Measure.BAD_LOANS: (r"不良(?:贷款|资产|率)?|坏账", r"bad[- ](?:loans?|debts?)|non-?performing|npls?"),
    Measure.BONDS: (r"债券|公司债|国债", r"bonds?"),
    Measure.BUDGET: (r"预算", r"budgets?|budgeted"),
    Measure.COST: (r"成本|造价|费用|手续费|花费", r"costs?|fees?|expenses?"),
    Measure.DEPOSITS: (r"存款|储蓄", r"deposits?|savings"),
    Measure.EMPLOYEES: (r"员工|从业人员|雇员|职工", r"employees|staff|workforce"),
    Measure.EXCHANGE_RATE: (r"汇率", r"exchange rates?"),
    Measure.FINANCING: (r"融资", r"financing|funding"),
    Measure.GDP: (r"生产总值|gdp", r"gdp|gross domestic product"),
    Measure.HOUSE_PRICE: (r"房价", r"(?:house|housing|home) prices?"),
    Measure.INTEREST: (r"利率|利息", r"interest|(?:loan|lending|deposit|average) rates?|rates? on"),
    Measure.INVESTMENT: (r"投资额|固定资产投资|外商投资", r"(?:fixed-asset|foreign) investment"),
    Measure.LOANS: (r"贷款|信贷|授信|放贷|放款|借款", r"loans?|lending|lent|lend|credit"),
    Measure.MARKET_VALUE: (r"市值", r"market (?:value|cap\w*)"),
    Measure.MORTGAGE: (r"房贷|按揭|住房贷款", r"mortgages?"),
    Measure.POPULATION: (r"人口", r"population|inhabitants"),
    Measure.PAY: (
        r"薪酬|工资|年薪|薪水|月薪|待遇",
        r"salar(?:y|ies)|wages?|pay (?:level|grade)s?|paid staff",
    ),
    Measure.PREMIUMS: (r"保费", r"premiums?"),
    Measure.PRICE: (r"价格|单价|票价|股价", r"prices?|priced"),
    Measure.PROFIT: (r"利润|盈利|净利", r"profits?|earnings|net income"),
    Measure.RECOVERY: (r"追回|挽回|追偿|收回", r"recover(?:ed|y|ies|s)?|won back|got back"),
    Measure.REGISTERED_CAPITAL: (r"注册资本", r"registered capital"),
    Measure.RENT: (r"租金|房租", r"rents?|rental"),
    Measure.REVENUE: (r"营业收入|营收|财政收入", r"revenues?|turnover"),
    Measure.TAX: (r"税收|纳税|税额", r"tax(?:es|ation)?"),
    Measure.TRADE: (r"进出口|出口额|进口额", r"(?:import|export) (?:value|volume)"),
    Measure.TRANSACTIONS: (r"交易额|交易量|成交|笔", r"transactions?"),
    Measure.VALUE_ADDED: (r"增加值", r"value[- ]added|added value"),
    Measure.WEIGHT: (r"重量|吨", r"tons?|tonnes?|tonnage|weight"),
    Measure.WIDTH: (r"多宽|宽度|宽约|米宽", r"width|wide"),
    Measure.GREEN: (r"绿色|环保", r"green|environment\w*|eco-friendly"),
    Measure.TECHNOLOGY: (r"科技|技术|科创", r"tech(?:nolog\w+)?|sci-tech|fintech"),
    Measure.MANUFACTURING: (r"制造", r"manufactur\w+"),
    Measure.SMALL_FIRMS: (r"小微|中小|小额|普惠|微型", r"small|micro\w*|smes?|inclusive"),
    Measure.PRIVATE_FIRMS: (r"民营|民企|私营", r"private"),
    Measure.PERSONAL: (r"个人|住户|居民|家庭", r"personal|households?|individuals?|residents?"),
    Measure.CONSUMER: (r"消费", r"consum\w+"),
    Measure.FARMING: (r"涉农|农业|三农|乡村", r"agricultur\w+|farm\w*|rural"),
    Measure.REAL_ESTATE: (r"房地产|地产", r"real[- ]estate|property"),
    Measure.FOREIGN: (r"外资|外商|境外|外国", r"foreign\w*|overseas"),
    Measure.FOREIGN_CURRENCY: (r"外币", r"foreign[- ]currenc(?:y|ies)|forex"),
    Measure.BANKING: (r"银行业", r"banking"),
    Measure.INSURANCE: (r"保险业", r"insurance (?:sector|industry|business)"),
    Measure.SECURITIES: (r"证券业", r"securities (?:sector|industry|business)"),
    Measure.SHARE: (
        r"占|比重|比例|份额",
        r"shares?|proportions?|portion|% of|per ?cent of|(?:out )?of all|of the (?:national|total|city)",
    ),
    Measure.GROWTH: (
        r"增长|同比|增速|增幅|增加|上升|涨|多出|高出|多了",
        rf"gr[eo]w\w*|{NO_VERB}up|r[io]s(?:e|es|en|ing)|increas\w*|% (?:higher|larger|more)|gain\w*|climb\w*|expand\w*"
        r"|(?:than|from) a year (?:earlier|before)",
    ),
    Measure.FALL: (
        r"下降|减少|下滑|缩减|萎缩|跌",
        r"f[ae]ll(?:en|ing)?|declin\w+|decreas\w+|drop(?:ped|ping)?|shr[iau]nk\w*",
    ),
    Measure.END: (
        r"取消|撤销|废止|终止|关闭|关停|停办|叫停|解散|放弃|推迟|延期|撤回|拒绝|否决|驳回",
        r"cancel\w*|revok\w+|withdr[ae]w\w*|abandon\w*|g[ai]ve up|closed|closure|shut(?:s|ting)?|annul\w*|dissol\w+"
        r"|terminat\w+|ended|abolish\w*|postpon\w+|delay\w*|scrapped"
        r"|end (?:the|its|their|this)|turn(?:ed)? down|reject\w*|refus\w+|veto\w*",
    ),
}
_PATTERNS = {measure: re.compile(rf"{zh}|\b(?:{en})\b") for measure, (zh, en) in _NAMES.items()}


@lru_cache(maxsize=REMEMBERED)
def find_measures(text: str) -> frozenset[Measure]:
    """Every measure and event that ``text`` names, in either language."""
    folded = fold_text(text)
    return frozenset(measure for measure, pattern in _PATTERNS.items() if pattern.search(folded))
