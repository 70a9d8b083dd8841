"""A sentence passes only where a paragraph that it cites says the same; whatever is put into it is told."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfc_qa.engine import Engine
from wfc_qa.indexing.store import PassageRow
from wfc_qa.types import Flaw, Language, Support
from wfc_qa.verification.verifier import Verdict

ZH, EN = Language.ZH, Language.EN
LOANS_ZH, LOANS_EN = "贷款余额6.25万亿元", "were 6.25 trillion yuan"
YEAR_ZH = "存款余额5.36万亿元"
GREEN_EN = "above 1 trillion yuan"


def paragraph(engine: Engine, holding: str) -> list[PassageRow]:
    """The passages of the one paragraph that holds ``holding``."""
    rows = engine.generation.store.passages(range(len(engine.generation.vectors)))
    found = [row for row in rows if holding in row.paragraph.text]
    assert len({row.paragraph.paragraph_id for row in found}) == 1, holding
    return found


def verify(engine: Engine, claim: str, language: Language, *holding: str) -> Verdict:
    cited = [row for one in holding for row in paragraph(engine, one)]
    return engine.verifier.verify(claim, language, cited)


def flaws(verdict: Verdict) -> set[Flaw]:
    return {doubt.flaw for doubt in verdict.doubts}


def test_every_sentence_of_the_collection_is_supported_by_its_own_paragraph(engine: Engine) -> None:
    store = engine.generation.store
    rows = store.passages(range(len(engine.generation.vectors)))
    for row in rows:
        start = row.passage.span.start
        for quotable in row.sentences:
            text = quotable.span.shift(-start).of(row.passage.text)
            verdict = engine.verifier.verify(text, row.language, store.cited([row.paragraph.paragraph_id]))
            assert verdict == Verdict(Support.SUPPORTED, (), 1.0), text


def test_a_sentence_quoted_without_its_source_marks_is_supported(engine: Engine) -> None:
    holding = "strengthening central-local collaboration"
    [passage] = paragraph(engine, holding)
    quoted = passage.passage.text.rstrip(" []0123456789")
    assert quoted != passage.passage.text
    assert verify(engine, quoted, EN, holding) == Verdict(Support.SUPPORTED, (), 1.0)


def test_the_rules_find_nothing_amiss_in_any_sentence_of_the_collection(engine: Engine) -> None:
    """Quoted sentences pass unread; read like any other, they would pass too."""
    from wfc_qa.verification.checks import find_doubts

    rows = engine.generation.store.passages(range(len(engine.generation.vectors)))
    for row in rows:
        proofs = engine.verifier.proofs([row])
        for statement in proofs[0].statements:
            read = engine.verifier.read(statement.text, row.language)
            assert list(find_doubts(read, proofs)) == [], statement.text


def test_a_sentence_that_cites_nothing_is_not_supported(engine: Engine) -> None:
    verdict = engine.verifier.verify("重庆贷款余额6.25万亿元。", ZH, [])
    assert (verdict.support, flaws(verdict)) == (Support.UNSUPPORTED, {Flaw.UNCITED})


SAME = [
    ("2025年6月末，重庆贷款余额为62500亿元，同比增长8.3%。", ZH, LOANS_ZH),
    ("2025年6月30日，重庆贷款余额为六万二千五百亿元。", ZH, LOANS_EN),
    ("２０２５年６月末，重庆贷款余额为６．２５万亿元。", ZH, LOANS_ZH),
    ("At the end of June 2025 loans in Chongqing were 6,250 billion yuan.", EN, LOANS_ZH),
    ("At end-June 2025 Chongqing's loans stood at RMB 6.25tn, up 8.3 percent.", EN, LOANS_EN),
    ("2025年6月末重庆贷款余额超过6万亿元。", ZH, LOANS_ZH),
    ("At June 30, 2025 Chongqing's loans were over 6 trillion yuan.", EN, LOANS_ZH),
    ("2025年6月末重庆贷款余额约6.3万亿元。", ZH, LOANS_EN),
    ("截至2025年末，重庆绿色贷款逾一万亿元。", ZH, GREEN_EN),
]


@pytest.mark.parametrize(("claim", "language", "holding"), SAME)
def test_a_fact_said_another_way_is_supported(
    engine: Engine, claim: str, language: Language, holding: str
) -> None:
    verdict = verify(engine, claim, language, holding)
    assert verdict.support is Support.SUPPORTED, verdict.doubts


WRONG = [
    ("2025年6月末重庆贷款余额62.5万亿元。", ZH, LOANS_ZH, Flaw.FIGURE),
    ("At June 30, 2025 loans in Chongqing were 6.25 billion yuan.", EN, LOANS_ZH, Flaw.FIGURE),
    ("2025年6月末重庆贷款余额6.25万亿美元。", ZH, LOANS_ZH, Flaw.FIGURE),
    ("2025年6月末重庆贷款余额同比增长8.3个百分点。", ZH, LOANS_EN, Flaw.FIGURE),
    ("2024年6月末重庆贷款余额6.25万亿元。", ZH, LOANS_ZH, Flaw.DATE),
    ("At September 30, 2025 loans in Chongqing were 6.25 trillion yuan.", EN, LOANS_EN, Flaw.DATE),
    ("2025年6月末重庆贷款余额不足6.25万亿元。", ZH, LOANS_ZH, Flaw.BOUND),
    ("At June 30, 2025 loans were more than 6.25 trillion yuan.", EN, LOANS_EN, Flaw.BOUND),
    ("截至2025年末，重庆绿色贷款为1万亿元。", ZH, GREEN_EN, Flaw.BOUND),
    ("2023年末，重庆贷款余额5.36万亿元。", ZH, YEAR_ZH, Flaw.FIGURE),
    ("2023年末，重庆存款增长9.8%。", ZH, YEAR_ZH, Flaw.FIGURE),
    ("2025年6月末重庆贷款余额6.25万亿元，同比下降8.3%。", ZH, LOANS_ZH, Flaw.DIRECTION),
    ("Loans in Chongqing were 6.25 trillion yuan at June 30, 2025, down 8.3%.", EN, LOANS_ZH, Flaw.DIRECTION),
    ("2025年6月末成都贷款余额6.25万亿元。", ZH, LOANS_ZH, Flaw.NAME),
    ("重庆印发渝府办发〔2023〕31号细则。", ZH, "文号为渝府办发〔2023〕13号", Flaw.FIGURE),
    ("中新互联互通项目尚未推出任何创新政策。", ZH, "74 innovative policies", Flaw.NEGATION),
    ("Financial cooperation with Singapore has not been upgraded.", EN, "Singapore has been upgraded", Flaw.NEGATION),
    ("The fourth Jiangbeizui conference unveiled it in 2024.", EN, "第五届江北嘴新金融大会发布", Flaw.ORDINAL),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "language", "holding", "flaw"), WRONG)
def test_each_flaw_is_found_and_named(
    engine: Engine, claim: str, language: Language, holding: str, flaw: Flaw
) -> None:
    verdict = verify(engine, claim, language, holding)
    assert flaw in flaws(verdict)
    numbers = flaw in {Flaw.FIGURE, Flaw.DATE, Flaw.ORDINAL, Flaw.BOUND}
    assert verdict.support is (Support.NUMBER_MISMATCH if numbers else Support.UNSUPPORTED)


TURNED = [
    ("渝中区金融业增加值已突破570亿元，占全市比重已达到15%以上。", ZH, "突破570亿元"),
    ("At December 31, 2025 green loans were above 1 trillion yuan because rates were cut.", EN, GREEN_EN),
    ("截至2025年末，重庆绿色债券超过1万亿元。", ZH, GREEN_EN),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "language", "holding"), TURNED)
def test_a_claim_that_says_more_or_the_opposite_is_not_supported(
    engine: Engine, claim: str, language: Language, holding: str
) -> None:
    assert verify(engine, claim, language, holding).support is not Support.SUPPORTED


TENTHS = st.decimals(min_value="0.1", max_value="99", places=2).filter(lambda value: value % 1 != 0)
FORMS = ("2025年6月30日，重庆贷款余额{}亿元。", "At June 30, 2025 loans in Chongqing were {} billion yuan.")


@given(st.sampled_from([-3, -2, -1, 1, 2, 3]), st.sampled_from(FORMS), st.sampled_from([LOANS_ZH, LOANS_EN]))
@settings(max_examples=12)
def test_a_figure_at_another_scale_is_always_caught(
    engine: Engine, power: int, form: str, holding: str
) -> None:
    true = Decimal("62500") if "亿" in form else Decimal("6250")
    language = ZH if "亿" in form else EN
    right = form.format(f"{true:f}")
    wrong = form.format(f"{true.scaleb(power):f}")
    assert verify(engine, right, language, holding).support is Support.SUPPORTED
    assert verify(engine, wrong, language, holding).support is Support.NUMBER_MISMATCH


@given(TENTHS.filter(lambda value: value != Decimal("6.25")))
@settings(max_examples=15)
def test_no_other_figure_passes_for_the_one_stated(engine: Engine, value: Decimal) -> None:
    verdict = verify(engine, f"2025年6月30日，重庆贷款余额{value}万亿元。", ZH, LOANS_ZH)
    assert verdict.support is Support.NUMBER_MISMATCH


CITED = [LOANS_ZH, YEAR_ZH, GREEN_EN, "74 innovative policies"]


@given(st.permutations(CITED), st.sampled_from([SAME[0], SAME[3], (*WRONG[4][:2], LOANS_ZH), WRONG[9][:3]]))
@settings(max_examples=12)
def test_the_order_of_what_is_cited_does_not_matter(
    engine: Engine, order: Sequence[str], case: tuple[str, Language, str]
) -> None:
    claim, language, _ = case
    assert verify(engine, claim, language, *order) == verify(engine, claim, language, *CITED)


@pytest.mark.parametrize(("claim", "language", "holding"), SAME)
def test_another_paragraph_cited_besides_takes_no_support_away(
    engine: Engine, claim: str, language: Language, holding: str
) -> None:
    for other in ("74 innovative policies", "全长约1.7公里"):
        assert verify(engine, claim, language, holding, other).support is Support.SUPPORTED


@pytest.mark.parametrize(
    ("claim", "language", "holding"),
    [
        ("Deposits grew 8% and loans 9.8% in Chongqing in 2023.", EN, YEAR_ZH),
        ("2023年底，重庆的存款有5.36万亿元，贷款有5.67万亿元，增速分别为8%和9.8%。", ZH, YEAR_ZH),
        ("Chongqing's green loan book had gone past the 1 trillion yuan mark by the close of 2025.", EN, GREEN_EN),
        ("渝中区那条绿色金融大道大约有1.7公里长。", ZH, "全长约1.7公里"),
        ("Seventy-four policy innovations have been rolled out under the initiative.", EN, "74 innovative policies"),
        ("截至2025年末，重庆绿色贷款已破万亿元。", ZH, GREEN_EN),
    ],
)  # fmt: skip
def test_a_true_claim_in_the_words_of_another_writer_is_supported(
    engine: Engine, claim: str, language: Language, holding: str
) -> None:
    verdict = verify(engine, claim, language, holding)
    assert verdict.support is Support.SUPPORTED, verdict.doubts


@pytest.mark.parametrize(
    ("claim", "language", "holding"),
    [
        ("Deposits grew 9.8% and loans 8% in Chongqing in 2023.", EN, YEAR_ZH),
        ("2023年末重庆存款和贷款分别为5.67万亿元和5.36万亿元。", ZH, YEAR_ZH),
        ("2023年上半年，成渝重大项目获得授信659.15亿元。", ZH, "granted credit lines of 767.373 billion"),
        ("The center is to be initially built by 2035 and consolidated by 2025.", EN, "2025年初步建成西部金融中心"),
        ("数字人民币试点才开展一年，重庆的钱包就超过了100万个。", ZH, "已开立钱包超过100万个"),
        ("At end-August 2024 domestic loans were 6.6% above their level a month earlier.", EN, "贷款余额5.81万亿元"),
        ("Chongqing's green bonds were above 1 trillion yuan at December 31, 2025.", EN, GREEN_EN),
        ("数字人民币试点已叫停。", ZH, "数字人民币试点仍在推进"),
    ],
)  # fmt: skip
def test_what_changes_places_or_things_is_not_supported(
    engine: Engine, claim: str, language: Language, holding: str
) -> None:
    assert verify(engine, claim, language, holding).support is not Support.SUPPORTED


WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14)


@given(WORDS)
def test_a_root_begins_its_word_and_keeps_four_letters(word: str) -> None:
    from wfc_qa.text.families import SHORTEST, root

    assert word.startswith(root(word))
    assert len(root(word)) >= min(len(word), SHORTEST)


@pytest.mark.parametrize("family", ["issue issued issuing issuance issuer", "grow grows growth growing"])
def test_words_of_one_family_have_one_root(family: str) -> None:
    from wfc_qa.text.families import root

    assert len(set(map(root, family.split()))) == 1


@pytest.mark.parametrize(
    ("word", "language", "text", "said_in", "akin"),
    [
        ("issuance", EN, ["issued"], EN, True),
        ("帮助", ZH, ["协助"], ZH, True),
        ("aiding", EN, ["协助"], ZH, True),
        ("存款", ZH, ["loans"], EN, False),
        ("insurance", EN, ["loans", "bank"], EN, False),
    ],
)
def test_words_are_akin_by_family_or_by_what_they_share_in_the_dictionary(
    engine: Engine, word: str, language: Language, text: list[str], said_in: Language, akin: bool
) -> None:
    from wfc_qa.verification.kin import is_akin, read_kin

    dictionary = engine.verifier._dictionary
    assert is_akin(word, language, read_kin(text, said_in, dictionary), dictionary) is akin


def test_no_idle_word_is_empty_or_a_broken_pattern() -> None:
    """An empty alternative would make every word idle."""
    from wfc_qa.verification.concepts import idle_spans

    assert idle_spans("存款 insurance 保险") == ()


def test_a_thing_is_implied_only_by_evidence() -> None:
    from wfc_qa.verification.concepts import find_concepts, known_concepts

    banks = {one.concept for one in find_concepts("银行")}
    assert banks & known_concepts("贷款余额")
    assert not {one.concept for one in find_concepts("贷款余额")} >= banks
