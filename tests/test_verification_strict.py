"""A figure that is told otherwise than its paragraph tells it is doubted; told the same way, it passes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from indexing_support import open_collection
from wfc_qa.config import Settings
from wfc_qa.engine import Engine
from wfc_qa.indexing.store import PassageRow
from wfc_qa.text.language import detect_language
from wfc_qa.types import Flaw, Support
from wfc_qa.verification.strict import find_strict_doubts

# Paragraphs by what only they hold.
YEAR_ZH, YEAR_EN = "存款余额5.36万亿元", "outstanding deposits in Chongqing stood at 5.36"
JUNE_ZH, JUNE_EN = "贷款余额6.25万亿元", "were 6.25 trillion yuan"
AUGUST_ZH, AUGUST_EN = "境内贷款余额5.81万亿元", "domestic loans in Chongqing were 5.81"
ASSETS_ZH, ASSETS_EN = "科技企业贷款8641亿元", "loans to technology companies were 864.1"
HALF_ZH, HALF_EN = "社会融资规模增量为4153亿元", "grew by 415.3 billion yuan"
CARGO_ZH, CARGO_EN = "运输32.77万标箱", "moved 327,700 TEU"
RISE_ZH, RISE_EN = "2023年通道货运量增长21%", "growth of corridor cargo in 2023 at 21%"
BANKS_ZH, BANKS_EN = "提供融资5986亿元", "had provided 598.6 billion yuan"
DOUBTED_ZH, DOUBTED_EN = "所致，但未经证实", "likely a mistranslation"
APART_ZH, APART_EN = "两篇报道不一致", "Two articles disagree on December 2025"
FLAT_EN = "with 6 trillion yuan in financing for the Western"
DECEMBER_EN = "with deposits of 6.04 trillion yuan"
COUNT_ZH, COUNT_EN = "重庆有金融机构457家", "2025 Chongqing had 457 financial institutions"
CONSUMER_EN = "consumer-finance companies were above 400 billion"
GREEN_ZH, GREEN_EN = "占各项贷款的15.8%", "or 15.8% of all loans"
WALLETS_EN = "more than 1.5 million transactions"
INDEX_EN = "first for the strength of its institutions"
DISTRICT_ZH, PORTS_EN = "渝中区聚集金融机构460余家", "584 ports in 127 countries"
CENTRE_ZH = "累计办理金融案件1.8万件"

F, D, N, W = Flaw.FIGURE, Flaw.DATE, Flaw.NAME, Flaw.WORDING


@dataclass(frozen=True)
class Case:
    claim: str
    holding: tuple[str, ...]
    flaw: Flaw | None = None


def case(claim: str, *holding: str, flaw: Flaw | None = None) -> Case:
    return Case(claim, holding, flaw)


SIGNS = [
    case("2025年6月末重庆贷款余额6.25万亿元，同比增长-8.3%。", JUNE_ZH, flaw=F),
    case("2025年6月末重庆贷款余额同比增速为负8.3%。", JUNE_EN, flaw=F),
    case("2025年6月末重庆贷款余额增速为负的8.3%。", JUNE_ZH, flaw=F),
    case("Loan growth in Chongqing at June 30, 2025 was minus 8.3%.", JUNE_EN, flaw=F),
    case("Loan growth in Chongqing at June 30, 2025 was negative, at 8.3%.", JUNE_ZH, flaw=F),
    case("Corridor cargo changed by −21% in 2023.", RISE_EN, flaw=F),
    case("2025年6月末重庆贷款余额6.25万亿元，同比增速为+8.3%。", JUNE_ZH),
    case("At June 30, 2025 loans in Chongqing were 6.25 trillion yuan, up 8.3%.", JUNE_ZH),
]

WORDS = [
    case("截至2023年12月31日，重庆贷款余额翻了一番。", YEAR_ZH, flaw=F),
    case("截至2023年12月31日，重庆贷款余额接近翻番。", YEAR_EN, flaw=F),
    case("截至2023年12月31日，重庆贷款余额翻两番。", YEAR_ZH, flaw=F),
    case("截至2023年12月31日，重庆贷款余额减半。", YEAR_ZH, flaw=F),
    case("截至2023年12月31日，重庆贷款余额腰斩。", YEAR_ZH, flaw=F),
    case("截至2025年3月31日，重庆绿色贷款占各项贷款过半。", GREEN_ZH, flaw=F),
    case("截至2025年3月31日，绿色贷款占各项贷款的三分之一。", GREEN_ZH, flaw=F),
    case("截至2023年12月31日，重庆贷款余额达数千亿元。", YEAR_ZH, flaw=F),
    case("截至2024年9月30日，重庆银行业为通道提供融资上万亿元。", BANKS_ZH, flaw=F),
    case("截至2025年12月31日，重庆有金融机构上千家。", COUNT_ZH, flaw=F),
    case("Outstanding loans in Chongqing more than doubled in 2023.", YEAR_EN, flaw=F),
    case("Outstanding loans in Chongqing nearly tripled in 2023.", YEAR_ZH, flaw=F),
    case("At December 31, 2023 loans in Chongqing had halved.", YEAR_EN, flaw=F),
    case("At December 31, 2023 loans in Chongqing were a third higher.", YEAR_EN, flaw=F),
    case("At December 31, 2023 loans in Chongqing were twice as large as a year earlier.", YEAR_EN, flaw=F),
    case("Banks in Chongqing had provided tens of billions of yuan for the corridor.", BANKS_EN, flaw=F),
    case("At December 31, 2025 Chongqing had thousands of financial institutions.", COUNT_EN, flaw=F),
    case("A dozen ports were reached at the end of 2025.", PORTS_EN, flaw=F),
    case("截至2024年9月30日，重庆银行业为西部陆海新通道提供了数千亿元融资。", BANKS_ZH),
    case(
        "By September 30, 2024 Chongqing's banks had provided hundreds of billions of yuan of financing for the"
        " corridor.",
        BANKS_EN,
    ),
    case("截至2025年12月31日，重庆有数百家金融机构。", COUNT_ZH),
]

BASES = [
    case("2025年6月末重庆人均贷款余额6.25万亿元。", JUNE_ZH, flaw=F),
    case("2025年6月末重庆户均贷款余额6.25万亿元。", JUNE_EN, flaw=F),
    case("2025年6月末重庆月均贷款余额6.25万亿元。", JUNE_ZH, flaw=F),
    case("截至2024年8月31日，重庆境内贷款余额5.81万亿元，环比增长6.6%。", AUGUST_ZH, flaw=F),
    case("2025年6月末重庆贷款增速加快至8.3%。", JUNE_ZH, flaw=F),
    case("2025年上半年，重庆社会融资规模余额为4153亿元。", HALF_ZH, flaw=F),
    case("截至2025年6月30日，重庆新增贷款6.25万亿元。", JUNE_ZH, flaw=F),
    case("At June 30, 2025 per capita loans in Chongqing were 6.25 trillion yuan.", JUNE_EN, flaw=F),
    case("At June 30, 2025 average loans in Chongqing were 6.25 trillion yuan.", JUNE_ZH, flaw=F),
    case(
        "Domestic loans in Chongqing were up 6.6% quarter on quarter at August 31, 2024.", AUGUST_EN, flaw=F
    ),
    case("At June 30, 2025 loan growth in Chongqing slowed to 8.3%.", JUNE_EN, flaw=F),
    case(
        "In the first half of 2025 outstanding aggregate financing was 415.3 billion yuan.", HALF_EN, flaw=F
    ),
    case(
        "By May 19, 2022 the digital yuan was used for more than 1.5 million transactions daily.",
        WALLETS_EN,
        flaw=F,
    ),
    case("截至2025年9月30日，重庆金融资产9.5万亿元，较年初增长8.3%。", ASSETS_ZH, flaw=F),
    case("Loans per technology company were 864.1 billion yuan at September 30, 2025.", ASSETS_EN, flaw=F),
    case("2025年上半年新发放企业贷款平均利率为3.3%。", HALF_EN),
    case("In the first half of 2025 newly issued corporate loans carried an average rate of 3.3%.", HALF_ZH),
    case("截至2024年8月31日，重庆境内贷款余额5.81万亿元，同比增长6.6%。", AUGUST_EN),
    case("截至2023年8月17日，西部金融法律服务中心已累计办理1.8万件金融案件。", CENTRE_ZH),
]

MOMENTS = [
    case("今年重庆经通道运输32.77万标箱。", CARGO_ZH, flaw=D),
    case("去年重庆经通道运输32.77万标箱。", CARGO_EN, flaw=D),
    case("目前重庆有金融机构457家。", COUNT_ZH, flaw=D),
    case("如今重庆贷款余额6.25万亿元。", JUNE_ZH, flaw=D),
    case("上月末重庆贷款余额6.25万亿元。", JUNE_ZH, flaw=D),
    case("最新数据显示，重庆有金融机构457家。", COUNT_EN, flaw=D),
    case("三年前重庆贷款余额6.25万亿元。", JUNE_ZH, flaw=D),
    case("Two years ago outstanding loans in Chongqing were 6.25 trillion yuan.", JUNE_EN, flaw=D),
    case("This year Chongqing moved 327,700 TEU through the corridor.", CARGO_EN, flaw=D),
    case("Last year Chongqing moved 327,700 TEU through the corridor.", CARGO_ZH, flaw=D),
    case("Chongqing currently has 457 financial institutions.", COUNT_EN, flaw=D),
    case("Today the corridor reaches 584 ports in 127 countries.", PORTS_EN, flaw=D),
    case("2025年6月末重庆贷款余额6.25万亿元，比去年同期增长8.3%。", JUNE_ZH),
    case(
        "Loans in Chongqing were 6.25 trillion yuan at June 30, 2025, up 8.3% from the same period last year.",
        JUNE_EN,
    ),
    case("2025年重庆经通道运输32.77万标箱。", CARGO_EN),
]

POINTERS = [
    case("2023年末，重庆存款与贷款相比，前者增长9.8%。", YEAR_ZH, flaw=F),
    case("前者增长8.0%。", YEAR_ZH, flaw=F),
    case("2023年末重庆存款和贷款均增长9.8%。", YEAR_ZH, flaw=F),
    case("2023年末重庆存款和贷款分别增长9.8%和8.0%。", YEAR_ZH, flaw=F),
    case("2025年，标箱和货值分别增长25%和30%。", CARGO_ZH, flaw=F),
    case("The latter grew 8.0%.", YEAR_EN, flaw=F),
    case("Of deposits and loans in Chongqing, the former grew 9.8% in 2023.", YEAR_EN, flaw=F),
    case("Both grew 9.8%.", YEAR_EN, flaw=F),
    case("In 2023 deposits and loans in Chongqing grew 9.8% and 8.0% respectively.", YEAR_EN, flaw=F),
    case("Deposits as well as loans grew 9.8% in 2023.", YEAR_EN, flaw=F),
    case("2023年末重庆存贷款余额分别为5.67万亿元和5.36万亿元。", YEAR_ZH, flaw=F),
    case("The increase was 22.9%.", ASSETS_EN, flaw=F),
    case("其同比增长22.9%。", ASSETS_ZH, flaw=F),
    case("其余额为5.67万亿元。", YEAR_ZH, flaw=F),
    case("It grew by 8.0% in 2023.", YEAR_EN, flaw=F),
    case("The balance was 5.67 trillion yuan at December 31, 2023, up 9.8%.", YEAR_EN, flaw=F),
    case("2023年末，重庆存款与贷款相比，后者增长9.8%。", YEAR_ZH),
    case("2023年末重庆存款和贷款分别增长8.0%和9.8%。", YEAR_ZH),
    case("截至2023年12月31日，重庆存款和贷款余额均超过5万亿元。", YEAR_ZH),
    case("At December 31, 2023 both deposits and loans in Chongqing exceeded 5 trillion yuan.", YEAR_EN),
    case(
        "At December 31, 2025 deposits and loans were 6.04 trillion yuan and 6.39 trillion yuan.", DECEMBER_EN
    ),
    case("截至2023年12月31日，重庆贷款余额为5.67万亿元，其同比增长9.8%。", YEAR_ZH),
    case("At December 31, 2023 loans in Chongqing stood at 5.67 trillion yuan; they grew by 9.8%.", YEAR_EN),
    case("2025年6月30日重庆贷款余额为6.25万亿元，它同比增长8.3%。", JUNE_ZH),
]

SUBJECTS = [
    case("截至2023年12月31日，中国贷款余额5.67万亿元。", YEAR_ZH, flaw=N),
    case("截至2023年12月31日，全国贷款余额5.67万亿元。", YEAR_EN, flaw=N),
    case("我国金融资产9.5万亿元，同比增长8.3%。", ASSETS_ZH, flaw=N),
    case("At December 31, 2023 outstanding loans in China stood at 5.67 trillion yuan.", YEAR_EN, flaw=N),
    case("National loans stood at 6.25 trillion yuan at June 30, 2025.", JUNE_EN, flaw=N),
    case("截至2025年9月15日，重庆聚集金融机构460余家。", DISTRICT_ZH, flaw=N),
    case("截至2025年12月31日，重庆有金融机构457家，创历史新高。", COUNT_ZH, flaw=W),
    case("2025年，重庆经通道运输量首次达到32.77万标箱。", CARGO_ZH, flaw=W),
    case("2025年，重庆经通道运输32.77万标箱，居西部第一。", CARGO_ZH, flaw=W),
    case("In 2025 Chongqing moved a record 327,700 TEU through the corridor.", CARGO_EN, flaw=W),
    case("At June 30, 2025 loans in Chongqing were 6.25 trillion yuan, the largest ever.", JUNE_EN, flaw=W),
    case("消费金融公司贷款超过4000亿元，约占全国的25%。", CONSUMER_EN),
    case(
        "In the index of June 6, 2025 Chongqing ranked third overall and first for its institutions.",
        INDEX_EN,
    ),
    case("渝中区2025年9月15日有460余家金融机构。", DISTRICT_ZH),
]

STANDING = [
    case("通道融资规模为6万亿元，已经证实。", DOUBTED_ZH, flaw=W),
    case("通道融资规模6万亿元已获官方确认。", DOUBTED_EN, flaw=W),
    case("The mistranslation has been confirmed.", DOUBTED_EN, flaw=W),
    case("Corridor financing is 6 trillion yuan.", DOUBTED_EN, flaw=W),
    case("通道融资规模达6万亿元。", DOUBTED_ZH, flaw=W),
    case("6万亿元是6000亿元的误译。", DOUBTED_ZH, flaw=W),
    case("通道融资规模为6万亿元。", FLAT_EN, DOUBTED_EN, flaw=W),
    case("According to a news summary, corridor financing is 6 trillion yuan.", DOUBTED_EN, flaw=W),
    case("2025年末重庆贷款5.9万亿元。", APART_ZH, flaw=W),
    case("At the end of 2025 Chongqing's deposits were 6.4 trillion yuan.", APART_EN, flaw=W),
    case("One source puts corridor financing at 6 trillion yuan, another at 598.6 billion yuan.", DOUBTED_EN),
    case("截至2024年9月30日，重庆银行业为西部陆海新通道提供融资5986亿元。", BANKS_ZH, DOUBTED_ZH),
    case("据英文新闻摘要，通道融资规模为6万亿元，但可能是误译，未经证实。", DOUBTED_ZH),
    case(
        "The 6 trillion yuan figure for corridor financing is likely a mistranslation and has not been confirmed.",
        DOUBTED_EN,
    ),
    case(
        "One article puts year-end 2025 deposits at 6.04 trillion yuan; the other gives 6.4 trillion yuan.",
        APART_EN,
    ),
    case("At December 31, 2025 Chongqing's deposits were 6.04 trillion yuan.", DECEMBER_EN, APART_EN),
]

UNIONS = [
    case("截至2023年12月31日，西部陆海新通道贷款余额5.67万亿元。", YEAR_ZH, BANKS_ZH, flaw=N),
    case("截至2025年9月30日，渝中区金融资产9.5万亿元。", ASSETS_ZH, DISTRICT_ZH, flaw=N),
    case("截至2023年12月31日重庆贷款余额5.67万亿元，2025年6月30日为6.25万亿元。", YEAR_ZH, JUNE_ZH),
    case(
        "截至2025年9月30日，重庆金融资产9.5万亿元；截至2025年9月15日，渝中区有460余家金融机构。",
        ASSETS_ZH,
        DISTRICT_ZH,
    ),
]  # fmt: skip

ALL = [*SIGNS, *WORDS, *BASES, *MOMENTS, *POINTERS, *SUBJECTS, *STANDING, *UNIONS]
FALSE = [one for one in ALL if one.flaw is not None]
TRUE = [one for one in ALL if one.flaw is None]


def cited(engine: Engine, one: Case) -> list[PassageRow]:
    rows = engine.generation.store.passages(range(len(engine.generation.vectors)))
    found = [row for holding in one.holding for row in rows if holding in row.paragraph.text]
    assert len({row.paragraph.paragraph_id for row in found}) == len(one.holding), one.holding
    return found


@pytest.mark.parametrize("one", FALSE, ids=lambda one: one.claim)
def test_a_figure_told_otherwise_than_its_paragraph_tells_it_is_doubted(engine: Engine, one: Case) -> None:
    verdict = engine.verifier.verify(one.claim, detect_language(one.claim), cited(engine, one))
    assert verdict.support is not Support.SUPPORTED
    assert one.flaw in {doubt.flaw for doubt in verdict.doubts}, verdict.doubts


@pytest.mark.parametrize("one", TRUE, ids=lambda one: one.claim)
def test_a_figure_told_as_its_paragraph_tells_it_is_supported(engine: Engine, one: Case) -> None:
    verdict = engine.verifier.verify(one.claim, detect_language(one.claim), cited(engine, one))
    assert verdict.support is Support.SUPPORTED, verdict.doubts


WUHAN = (
    "# 武汉金融\n\n- 截至2025年9月30日，江岸区贷款余额为320亿元。\n"
    "- 截至2025年9月30日，武汉江岸区存款余额为410亿元。\n"
)


def test_a_district_stands_for_no_city_of_any_collection(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with open_collection(settings, tmp_path_factory.mktemp("wuhan"), {"wuhan.zh.md": WUHAN}) as engine:
        passages = engine.generation.store.passages(range(len(engine.generation.vectors)))
        proofs = engine.verifier.proofs(passages)

        def doubted(claim: str) -> list[str]:
            read = engine.verifier.read(claim, detect_language(claim))
            return [doubt.text for doubt in find_strict_doubts(read, proofs) if doubt.flaw is N]

        assert doubted("截至2025年9月30日，武汉贷款余额为320亿元。") == ["武汉"]
        assert doubted("截至2025年9月30日，全市贷款余额为320亿元。") == ["全市"]
        assert doubted("At September 30, 2025 loans in Wuhan were 32 billion yuan.") == ["wuhan"]
        assert doubted("截至2025年9月30日，江岸区贷款余额为320亿元。") == []
        assert doubted("截至2025年9月30日，武汉存款余额为410亿元。") == []


def test_no_sentence_of_the_collection_is_told_otherwise_than_it_tells_itself(engine: Engine) -> None:
    for row in engine.generation.store.passages(range(len(engine.generation.vectors))):
        proofs = engine.verifier.proofs([row])
        for statement in proofs[0].statements:
            read = engine.verifier.read(statement.text, row.language)
            assert list(find_strict_doubts(read, proofs)) == [], statement.text
