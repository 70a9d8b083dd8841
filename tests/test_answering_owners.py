"""Whose figures a question asks for: those of a place that no document speaks of are nobody's."""

from __future__ import annotations

import pytest

from wfc_qa.engine import Engine
from wfc_qa.types import Abstention

# In no document of the home collection, and no names to the dictionary, or none at all.
PLACES = ("火星", "月球", "深海", "南极", "桃花源", "地狱", "动物园", "哥谭市", "阿斯加德", "亚特兰蒂斯")
ASKED = (
    "{}上有多少家银行？",
    "{}里一共有几家外资银行？",
    "在{}，究竟有多少家金融机构？",
    "{}的存款余额是多少？",
    "2023年12月31日{}的存款余额是多少？",
    "{}什么时候建成西部金融中心？",
    "{}上的陆海新通道通达多少个港口？",
)
ENGLISH = ("mars", "the moon", "gotham", "wonderland", "the zoo", "the south pole", "the sahara", "hogwarts")
ASKED_ENGLISH = (
    "how many foreign bank branches are there on {}?",
    "How many financial institutions does {} have?",
    "What were deposits in {} at the end of 2023?",
    "How many ports does the corridor reach on {}?",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("asked", ASKED)
def test_what_a_place_unheard_of_has_is_declined(bold_engine: Engine, place: str, asked: str) -> None:
    answer = bold_engine.ask(asked.format(place))
    assert answer.abstention is not None, answer.sentences


@pytest.mark.parametrize("place", ENGLISH)
@pytest.mark.parametrize("asked", ASKED_ENGLISH)
def test_so_it_is_in_english(bold_engine: Engine, place: str, asked: str) -> None:
    answer = bold_engine.ask(asked.format(place))
    assert answer.abstention is not None, answer.sentences


@pytest.mark.parametrize("here", ["重庆", "全市", "我市", "本市", "当地", "咱们这儿", "山城", "渝都"])
def test_the_city_of_whoever_asks_is_the_collections_own(bold_engine: Engine, here: str) -> None:
    answer = bold_engine.ask(f"{here}有多少家金融机构？")
    assert answer.abstention is None, answer.missing


def test_what_is_missing_is_told_in_the_words_of_the_question(engine: Engine) -> None:
    answer = engine.ask("桃花源里有多少家银行？")
    assert (answer.abstention, answer.missing) == (Abstention.MISSING_NAME, ("桃花源",))


def test_a_loan_that_a_word_unheard_of_begins_is_doubted(engine: Engine) -> None:
    """Without "of" or "in" it may be a kind of loan as well as a place, so the fitted doubt decides."""
    assert (
        engine.ask("绿色贷款余额是多少？").confidence
        > engine.ask("火星绿色贷款余额是多少？").confidence + 0.2
    )
