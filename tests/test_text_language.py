"""A text's language is that of the words that carry it, however short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.text.language import detect_language
from wfc_qa.types import Language


@pytest.mark.parametrize(
    "text",
    [
        "重庆金融业资产是多少？",
        "绿色贷款GDP占比",
        "什么是 Western Financial Center?",
        "“智融惠畅”是什么？",
        "重庆GDP",
        "那2023年呢？",
        "請介紹 Belt and Road Initiative",
        "RCEP对西部陆海新通道的影响",
        "《White Paper on the Development of the Western Financial Center》是哪年发布的",
    ],
)
def test_chinese_texts(text: str) -> None:
    assert detect_language(text) is Language.ZH


@pytest.mark.parametrize(
    "text",
    [
        "What is 渝金通?",
        "Chongqing's 智融惠畅 initiative supports small firms",
        'The "千里马" initiative has enhanced capital market functions',
        "Tell me about 西部陆海新通道金融服务联合体",
        "And in 2023?",
        "8.9",
        "",
        "😀",
        "кто там",
    ],
)
def test_texts_without_han_or_carried_by_english_words(text: str) -> None:
    assert detect_language(text) is Language.EN


@given(st.text())
def test_any_text_has_a_language(text: str) -> None:
    assert detect_language(text) in Language


@given(st.text(alphabet="金融中心重庆贷款", min_size=1), st.text(alphabet="0123456789 .%，。", max_size=20))
def test_figures_and_punctuation_do_not_change_the_language(words: str, rest: str) -> None:
    assert detect_language(words + rest) is Language.ZH
