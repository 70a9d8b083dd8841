"""What a quote must say before it may answer: a name where one is asked, the whole year, everything counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexing_support import open_collection
from wfc_qa.answering.wants import Want, find_wants
from wfc_qa.config import Settings
from wfc_qa.engine import Engine
from wfc_qa.text.dates import find_dates
from wfc_qa.text.language import detect_language
from wfc_qa.text.measures import Measure, find_measures

TEXT = """# 渝州金融

- 2024年3月5日，渝州农商银行与滨江大学签署合作备忘录。
- 2024年6月，八家单位联合发布渝州港航意见，列出12项措施。
- 截至2024年9月30日，渝州前三季度社会融资增量为530亿元。
- 2023年渝州社会融资增量为610亿元。
- 2024年，渝州港运输集装箱18.2万标箱。
- 渝州灯塔基金会设在北川市。
- 渝州环江大道全长3.2公里。
- 截至2024年9月30日，渝州科技企业贷款为72亿元。
- 截至2024年9月30日，渝州消费金融公司贷款为31亿元。
"""


@pytest.fixture(scope="module")
def own(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine that answers whatever the guard lets through."""
    with open_collection(settings, tmp_path_factory.mktemp("guard"), {"yuzhou.zh.md": TEXT}) as engine:
        yield engine


def said(engine: Engine, question: str) -> str:
    return " ".join(sentence.text for sentence in engine.ask(question).sentences)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("渝州农商银行与哪家机构签署了合作备忘录？", "滨江大学"),
        ("Which institution did Binjiang University sign a memorandum with?", "渝州农商银行"),
        ("渝州灯塔基金会设在哪个城市？", "北川市"),
        ("渝州灯塔基金会设在哪里？", "北川市"),
    ],
)
def test_a_quote_that_names_what_is_asked_answers(own: Engine, question: str, named: str) -> None:
    assert named in said(own, question)


@pytest.mark.parametrize(
    "question",
    [
        "渝州港航意见是哪八家单位联合发布的？",
        "Which institutions jointly issued the Yuzhou port opinions in June 2024?",
        "渝州环江大道3.2公里从哪条街开始？",
        "渝州科技企业贷款72亿元是哪些银行发放的？",
        "Who lent the 7.2 billion yuan to technology enterprises in Yuzhou?",
    ],
)
def test_a_quote_that_names_nothing_new_does_not(own: Engine, question: str) -> None:
    answer = own.ask(question)
    assert answer.abstention, answer.sentences


@pytest.mark.parametrize(
    ("question", "wants"),
    [
        ("哪些类型企业的贷款增长？", set()),
        ("哪类机构被清退？", set()),
        ("这个说法是哪里来的？", set()),
        ("渝州在哪一年发布意见？", set()),
        ("有多少家机构参与？", set()),
        ("牵头的是哪个部门？", {Want.NAME}),
        ("谁牵头？", {Want.NAME}),
        ("基金设在哪个省？", {Want.PLACE}),
        ("Where does Chongqing rank in the index?", set()),
        ("Where is the fund set up?", {Want.PLACE}),
        ("Which two banks signed?", {Want.NAME}),
        ("Which measures were taken?", set()),
    ],
)
def test_a_name_is_wanted_where_one_is_asked(question: str, wants: set[Want]) -> None:
    assert find_wants(question, detect_language(question)) & {Want.NAME, Want.PLACE} == wants


@pytest.mark.parametrize(
    "question",
    ["2024年渝州社会融资增量是多少？", "渝州2024年全年社会融资增量是多少亿元？"],
)
def test_a_part_of_a_year_answers_no_question_about_the_year(own: Engine, question: str) -> None:
    assert "530" not in said(own, question)


@pytest.mark.parametrize(
    "question",
    [
        "截至2024年9月30日，全国科技企业贷款为多少？",
        "How much did banks across China lend to technology companies by September 30, 2024?",
        "2024年年中，渝州港运输集装箱多少标箱？",
        "2024年渝州港的预算是多少？",
        "What is the budget of Yuzhou's 12 measures of June 2024?",
        "When did Binjiang University reject the memorandum with the rural bank?",
        "截至2024年9月30日，中国科技企业贷款是多少？",
        "What were loans to technology companies in China at September 30, 2024?",
        "What share of China's technology loans was it at September 30, 2024?",
        "截至2024年9月30日，渝州科技企业外币贷款是多少？",
        "截至2024年9月30日，渝州科技企业贷款环比增长多少？",
        "截至2024年9月30日，渝州户均科技企业贷款是多少？",
    ],
)
def test_another_scope_time_or_deed_than_asked_answers_nothing(own: Engine, question: str) -> None:
    assert not said(own, question)


@pytest.mark.parametrize(
    "question", ["2024年前三季度渝州社会融资增量是多少？", "渝州2024年1—9月社会融资增量多少？"]
)
def test_the_part_asked_is_answered(own: Engine, question: str) -> None:
    assert "530亿元" in said(own, question)


def test_containers_are_counted_in_their_unit(own: Engine) -> None:
    assert "18.2万标箱" in said(own, "2024年渝州港运输了多少集装箱？")


def test_two_things_asked_are_answered_by_two_sentences(own: Engine) -> None:
    told = said(own, "截至2024年9月30日，渝州科技企业贷款和消费金融公司贷款各多少？")
    assert "72亿元" in told
    assert "31亿元" in told


@pytest.mark.parametrize(
    "question", ["渝办发的文号是多少？", "文号是多少", "Under what number was it issued?"]
)
def test_a_document_number_is_no_quantity(question: str) -> None:
    wants = find_wants(question, detect_language(question))
    assert Want.DOCUMENT_NUMBER in wants
    assert Want.QUANTITY not in wants


@pytest.mark.parametrize(
    "text", ["Could you look it up?", "The court was set up in 2022.", "what made up the rest"]
)
def test_up_in_a_verb_is_no_growth(text: str) -> None:
    assert Measure.GROWTH not in find_measures(text)
    assert Measure.GROWTH in find_measures("loans were up 8.3%")


@pytest.mark.parametrize(
    "text", ["January-September 2025", "Jan to Sep 2025", "2025年前9个月", "2025年前九个月"]
)
def test_nine_months_are_three_quarters(text: str) -> None:
    [date] = find_dates(text)
    assert (date.year, date.quarter, date.cumulative) == (2025, 3, True)


@pytest.mark.parametrize("text", ["grew by 7.2% over 2025, and", "the major 2023 projects of the circle"])
def test_a_year_beside_a_share_or_a_project_is_a_date(text: str) -> None:
    [date] = find_dates(text)
    assert date.year in {2023, 2025}


@pytest.mark.parametrize(
    "text",
    ["By how much were deposits up over 2025?", "They grew over 2025, then fell.", "How was it over 2025"],
)
def test_over_a_year_that_ends_a_clause_is_through_it(text: str) -> None:
    assert [date.year for date in find_dates(text)] == [2025]


@pytest.mark.parametrize("text", ["mid-2025", "the middle of 2025", "2025年年中", "2025年中，存款增长"])
def test_the_middle_of_a_year_is_june(text: str) -> None:
    assert [(date.year, date.month) for date in find_dates(text)] == [(2025, 6)]


@pytest.mark.parametrize("text", ["It employs over 2000 as of now", "invested over 2000, and more"])
def test_a_round_number_is_no_year(text: str) -> None:
    assert not find_dates(text)


@pytest.mark.parametrize("text", ["2025年中国的贷款", "2025年中央文件", "2025年中期"])
def test_a_word_that_begins_with_the_middle_is_another(text: str) -> None:
    assert [(date.year, date.month) for date in find_dates(text)] == [(2025, None)]


@pytest.mark.parametrize(
    "question",
    [
        "2024年第三季度，渝州社会融资增量是多少？",
        "截至2024年9月30日，全国消费金融公司贷款是多少？",
        "截至2024年9月30日，渝州科技企业贷款比年初增加多少亿元？",
    ],
)
def test_a_figure_of_another_period_country_or_kind_does_not_answer(own: Engine, question: str) -> None:
    answer = own.ask(question)
    assert answer.abstention, answer.sentences


@pytest.mark.parametrize(
    ("question", "figure"),
    [
        ("2024年前三季度，渝州社会融资增量是多少？", "530亿元"),
        ("截至2024年9月30日，渝州消费金融公司贷款是多少？", "31亿元"),
        ("截至2024年9月30日，渝州科技企业贷款是多少亿元？", "72亿元"),
    ],
)
def test_a_figure_of_the_period_and_place_asked_does(own: Engine, question: str, figure: str) -> None:
    assert figure in said(own, question)
