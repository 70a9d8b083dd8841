"""The same said in other words passes: banks for 银行业, a list in another order; a plan, a denial or a rounding that
nobody stated does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.engine import Engine
from wfc_qa.text.figures import find_figures
from wfc_qa.text.language import detect_language
from wfc_qa.types import Flaw, Language, Support
from wfc_qa.verification.amounts import proves_amount
from wfc_qa.verification.facts import Stage
from wfc_qa.verification.verifier import Verdict

GRANTED_ZH, GRANTED_EN = "重大项目授信7673.73亿元", "granted credit lines of 767.373 billion yuan"
BANKS_ZH, BANKS_EN = "提供融资5986亿元", "had provided 598.6 billion yuan"
ARRANGED_ZH, ARRANGED_EN = "促成企业融资结算53亿美元", "came to USD 5.3 billion"
TRADES_ZH, TRADES_EN = "交易超过150万笔", "more than 1.5 million transactions"
WALLETS_ZH = "已开立钱包超过100万个"
PORTS_EN, PORTS_2024_EN = "584 ports in 127 countries", "555 ports in 127 countries"
EARLIER_ZH = "120个国家的490个港口"
STEPS_EN, SYSTEMS_EN = "works in two steps", "six systems and one foundation"
YEARS_EN = "built in about five years"
CENTRE_ZH, CASES_ZH = "国家金融科技认证中心在重庆设立", "累计办理金融案件1.8万件"
COUNT_ZH = "重庆有金融机构457家"


def verify(engine: Engine, claim: str, holding: str) -> Verdict:
    rows = engine.generation.store.passages(range(len(engine.generation.vectors)))
    found = [row for row in rows if holding in row.paragraph.text]
    assert len({row.paragraph.paragraph_id for row in found}) == 1, holding
    return engine.verifier.verify(claim, detect_language(claim), found)


@pytest.mark.parametrize(
    ("claim", "holding"),
    [
        ("By September 30, 2024 the city's banks had put 598.6 billion yuan into the corridor.", BANKS_ZH),
        ("截至2024年9月30日，重庆银行业为通道提供融资5986亿元。", BANKS_EN),
        ("By September 30, 2024 banks had helped firms arrange USD 5.3 billion of settlement.", ARRANGED_ZH),
        ("截至2024年9月30日，重庆银行业促成企业融资结算53亿美元。", ARRANGED_EN),
        ("In the first half of 2023 banks and insurers granted 767.373 billion yuan of credit.", GRANTED_ZH),
        ("银行业保险业2023年上半年对成渝重大项目授信7673.73亿元。", GRANTED_EN),
        ("截至2022年5月19日，重庆数字人民币交易额2.88亿元，笔数超过150万。", TRADES_EN),
        ("By May 19, 2022 digital yuan payments amounted to 288 million yuan, over 1.5 million in number.", TRADES_ZH),
        ("截至2024年1月，通道覆盖了120个国家，港口490个。", EARLIER_ZH),
        ("At the end of 2025 the corridor reached 584 ports spread over 127 countries.", PORTS_EN),
        ("截至2025年最后一天，重庆有金融机构457家。", COUNT_ZH),
        ("规划分两步走：2025年初步建成西部金融中心，2035年地位更加巩固。", STEPS_EN),
        ("试点一个月，重庆开立的数字人民币钱包过了百万（截至2022年5月19日）。", WALLETS_ZH),
    ],
)  # fmt: skip
def test_the_same_in_other_words_is_supported(engine: Engine, claim: str, holding: str) -> None:
    verdict = verify(engine, claim, holding)
    assert verdict.support is Support.SUPPORTED, verdict.doubts


@pytest.mark.parametrize(
    ("claim", "holding", "flaw"),
    [
        ("截至2024年9月30日，重庆保险业为通道提供融资5986亿元。", BANKS_EN, Flaw.FIGURE),
        ("截至2024年9月30日，重庆银行为通道提供融资5986亿元。", BANKS_ZH, Flaw.FIGURE),
        ("By September 30, 2024 a bank had given 598.6 billion yuan of financing.", BANKS_ZH, Flaw.FIGURE),
        ("试点一个月，重庆开立的数字人民币钱包过了千万（截至2022年5月19日）。", WALLETS_ZH, Flaw.FIGURE),
        ("截至2022年5月19日，重庆数字人民币交易额1.5亿元，笔数超过288万。", TRADES_EN, Flaw.FIGURE),
        ("截至2024年1月，通道覆盖了490个国家，港口120个。", EARLIER_ZH, Flaw.FIGURE),
        ("规划分三步走，2025年初步建成西部金融中心。", STEPS_EN, Flaw.FIGURE),
        ("规划列出28项政策措施，共十二章。", SYSTEMS_EN, Flaw.FIGURE),
        ("The green finance system is to be built in around ten years.", YEARS_EN, Flaw.FIGURE),
        ("2024年初，通道通达127个国家的555个港口。", PORTS_2024_EN, Flaw.DATE),
        ("In early 2024 the corridor reached 555 ports in 127 countries.", PORTS_2024_EN, Flaw.DATE),
        ("截至2024年9月30日，重庆银行业为通道提供融资5986亿元，比上年少17.6%。", BANKS_ZH, Flaw.DIRECTION),
        ("国家金融科技认证中心计划于2020年10月18日在重庆设立。", CENTRE_ZH, Flaw.WORDING),
        ("国家金融科技认证中心仍在筹备，2020年10月18日定址重庆。", CENTRE_ZH, Flaw.WORDING),
        ("西部金融法律服务中心没有办理过1.8万件金融案件。", CASES_ZH, Flaw.NEGATION),
        ("The corridor reached 584 ports in 127 countries because tariffs were cut.", PORTS_EN, Flaw.WORDING),
    ],
)  # fmt: skip
def test_what_no_paragraph_says_so_is_doubted_and_named(
    engine: Engine, claim: str, holding: str, flaw: Flaw
) -> None:
    verdict = verify(engine, claim, holding)
    assert verdict.support is not Support.SUPPORTED
    assert flaw in {doubt.flaw for doubt in verdict.doubts}, verdict.doubts


def test_the_word_that_turns_a_claim_is_named_not_the_whole_of_it(engine: Engine) -> None:
    verdict = verify(engine, "国家金融科技认证中心计划于2020年10月18日在重庆设立。", CENTRE_ZH)
    assert "计划" in {doubt.text for doubt in verdict.doubts}


@given(said=st.integers(1, 9), claimed=st.integers(1, 9), scale=st.integers(0, 3))
def test_a_figure_of_one_digit_is_no_rounding_of_another(said: int, claimed: int, scale: int) -> None:
    """About five is not about ten, though half of ten rounds up to it."""
    (own,) = find_figures(f"about {said} yuan")
    (other,) = find_figures(f"about {claimed * 10**scale} yuan")
    assert proves_amount(own, "", other, "") is (said == claimed * 10**scale)


def test_newly_granted_loans_are_paid_out_and_granted_credit_is_not(engine: Engine) -> None:
    def stages(text: str) -> frozenset[Stage]:
        (fact,) = engine.verifier.read(text, Language.EN).statement.figures
        return fact.stages

    assert stages("Newly granted loans carried 3.3%.") == frozenset()
    assert stages("Banks granted 767 billion yuan.") == {Stage.GRANTED}
