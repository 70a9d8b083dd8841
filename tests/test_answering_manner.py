"""What a quote cannot tell is declined, and what only sounds like it is not: both ways, in both languages."""

from __future__ import annotations

import pytest

from wfc_qa.answering.wants import Want, count_listed, find_wants
from wfc_qa.engine import Engine
from wfc_qa.text.language import detect_language

DECLINED = (
    "How is the value added of Chongqing's financial sector calculated?",
    "重庆金融业增加值是怎么计算的？",
    "What happens if the Western Financial Center is not built by 2025?",
    "如果2025年没有建成西部金融中心，会怎么样？",
    "小额贷款公司违反消费者权益保护工作指引会被怎么处罚？",
    "What is the smallest claim the Chengdu-Chongqing Financial Court will take?",
    "渝中区哪家火锅店最好吃？",
    "Who signed the memorandum with the IoD City of London on behalf of Jiangbeizui?",
    "2022年5月19日前，美元数字人民币交易金额有多少？",
    "西部金融法律服务中心平均多久结案？",
    "截至2025年6月末，重庆社会融资规模存量有多少？",
    "江北嘴与伦敦金融城董事协会的合作备忘录，期限是几年？",
    "2025年底陆海新通道通达国家减到119个，少的是哪几个",
    "What made the two articles differ on loans at the end of 2025?",
    "规划的28项政策措施，请逐条列出。",
)
ANSWERED = (
    "Do you know if Chongqing belongs to the digital yuan pilots?",
    "如果我想知道重庆有多少家金融机构，应该看哪个数字？",
    "How many foreign bank branches are there in the city?",
    "How many financial institutions does this city have?",
    "过去几年重庆的绿色贷款余额是多少？",
    "陆海新通道的跨境融资综合成本比境内低多少？",
    "To how many countries did the Land-Sea Corridor extend as of 21 January 2024?",
    "截至2024年9月30日，重庆银行业促成企业融资结算多少美元？",
    "绿色金融改革创新试验区的体系，原计划花几年时间搭起来？",
    "重庆打击非法集资工作连续多少年保持全国领先？",
    "2025年3月末的绿色贷款和同年9月末的科技企业贷款，哪一块更大？",
)


@pytest.mark.parametrize("question", DECLINED)
def test_what_no_quote_tells_is_declined(bold_engine: Engine, question: str) -> None:
    answer = bold_engine.ask(question)
    assert answer.abstention is not None, answer.sentences


@pytest.mark.parametrize("question", ANSWERED)
def test_what_only_sounds_like_it_is_answered(bold_engine: Engine, question: str) -> None:
    answer = bold_engine.ask(question)
    assert answer.abstention is None, (answer.abstention, answer.missing)


@pytest.mark.parametrize(
    ("question", "wants"),
    [
        ("行动方案的内容主要是什么？", set()),
        ("如果我想申请绿色贷款，需要准备什么材料？", set()),
        ("如果逾期不还，会有什么后果？", {Want.OUTCOME}),
        ("近几年绿色贷款增长了多少？", set()),
        ("在哪几年试点？", set()),
        ("有效期是多久？", {Want.DURATION}),
        ("哪个城市的贷款更多？", {Want.MORE}),
        ("哪个大会发布了白皮书？", set()),
        ("最新的贷款余额是多少？", set()),
        ("规模最大的是哪家？", {Want.SUPERLATIVE}),
        ("值得投资吗？", {Want.OPINION}),
        ("What are the main groups of the action plan?", set()),
        ("Which documents should I submit?", set()),
        ("Which measures lower financing costs?", set()),
        ("Which banks have issued more than 10 billion yuan?", set()),
        ("Which was lower, the rate in June or in December?", {Want.MORE}),
        ("Which is the largest bank?", {Want.SUPERLATIVE}),
        ("How long does the pilot last?", {Want.DURATION}),
        ("Should I invest in the fund?", {Want.OPINION}),
        ("Tell me if there are penalties.", {Want.PENALTY}),
        ("Which official spoke?", {Want.PERSON}),
        ("How has membership changed since?", {Want.CHANGE}),
    ],
)
def test_a_manner_is_wanted_where_one_is_asked(question: str, wants: set[Want]) -> None:
    known = {
        Want.METHOD,
        Want.OUTCOME,
        Want.SUPERLATIVE,
        Want.OPINION,
        Want.PENALTY,
        Want.PERSON,
        Want.CHANGE,
    }
    known |= {Want.DURATION, Want.MORE}
    assert find_wants(question, detect_language(question)) & known == wants


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("28项政策措施，逐条列出", 28),
        ("28项政策措施是哪年公布的？", 0),
        ("What are the names of the 13 platforms?", 13),
    ],
)
def test_whoever_asks_for_names_asks_for_all(question: str, number: int) -> None:
    assert count_listed(question, detect_language(question)) == number
