"""Opposites, denials, plans and causes are found in both languages, and not where they only look like one."""

from __future__ import annotations

import pytest

from wfc_qa.text.cues import Cue, find_cues
from wfc_qa.text.poles import FALL, RISE, find_poles


@pytest.mark.parametrize(
    "text", ["贷款同比增长", "loans rose", "up    from a year earlier", "余额上升", "the number climbed"]
)
def test_a_rise_is_a_rise_in_either_language(text: str) -> None:
    assert RISE in find_poles(text)
    assert FALL not in find_poles(text)


@pytest.mark.parametrize(
    "text", ["贷款同比下降", "loans fell", "down    from a year earlier", "余额减少", "volumes shrank"]
)
def test_a_fall_is_a_fall_in_either_language(text: str) -> None:
    assert FALL in find_poles(text)
    assert RISE not in find_poles(text)


@pytest.mark.parametrize(
    "text", ["falls into four groups", "a court was set up", "which made up    of all loans"]
)
def test_what_only_sounds_like_a_movement_is_none(text: str) -> None:
    assert not {RISE, FALL} & find_poles(text)


def test_unconfirmed_is_not_confirmed() -> None:
    high, low = find_poles("has been confirmed"), find_poles("has not been confirmed")
    assert {pole.opposite for pole in high} == low


@pytest.mark.parametrize(
    ("cue", "texts"),
    [
        (Cue.DENIAL, ("尚未推出政策", "has not been upgraded", "没有增长")),
        (Cue.PLAN, ("将签署协议", "plans to sign", "will be upgraded", "力争突破")),
        (Cue.COMPLETE, ("项目已全部完工", "was fully built")),
        (Cue.CAUSE, ("由于利率下调", "because rates were cut", "带动存款增长")),
        (Cue.EVERY, ("机构全部发行过债券", "none from abroad")),
        (Cue.OFTEN, ("每年评估", "updated every quarter")),
    ],
)
def test_small_words_are_heard(cue: Cue, texts: tuple[str, ...]) -> None:
    for text in texts:
        assert cue in find_cues(text), text


@pytest.mark.parametrize(
    "text", ["不超过5%", "no less than 5%", "不良贷款", "不断推进", "两个数字不一致", "行动计划印发"]
)
def test_what_only_looks_like_a_denial_or_a_plan_is_none(text: str) -> None:
    assert not {Cue.DENIAL, Cue.PLAN} & find_cues(text)
