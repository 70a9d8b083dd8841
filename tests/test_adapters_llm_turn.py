"""All that one answer asks of a model has one time, and is not asked of an endpoint that failed for good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.adapters import llm_turn
from wfc_qa.adapters.llm_turn import LASTING, ModelTurn
from wfc_qa.adapters.llms import Failure, GenerationError, Message, Role

ASKED = (Message(Role.USER, "?"),)


class Timed:
    """Takes as many seconds as it is told to, on a clock of its own; ``given_s`` is what it was allowed."""

    model_id = "timed"

    def __init__(self, takes_s: Sequence[float], failure: Failure | None = None) -> None:
        self.now_s = 100.0
        self.given_s: list[float | None] = []
        self._takes_s = iter(takes_s)
        self._failure = failure

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        timeout_s: float | None = None,
    ) -> Iterator[str]:
        self.given_s.append(timeout_s)
        self.now_s += next(self._takes_s)
        yield "Yes."
        if self._failure:
            raise GenerationError(self._failure, "no")

    def close(self) -> None:
        raise AssertionError("the model outlives the answer")


@given(st.lists(st.floats(0, 40), min_size=1, max_size=6))
def test_requests_share_the_time_from_the_first_on(takes_s: list[float]) -> None:
    model = Timed(takes_s)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(llm_turn, "time", SimpleNamespace(monotonic=lambda: model.now_s))
        turn = ModelTurn(model, 60)
        for nth in range(len(takes_s)):
            left = 60 - sum(takes_s[:nth])
            if left <= 1e-9:
                with pytest.raises(GenerationError, match="llm_timeout_s = 60") as caught:
                    next(turn.stream(ASKED, max_tokens=1))
                assert caught.value.failure is Failure.TIMED_OUT
                break
            assert list(turn.stream(ASKED, max_tokens=1)) == ["Yes."]
            assert model.given_s[nth] == pytest.approx(left)
        turn.close()


@pytest.mark.parametrize("failure", Failure)
def test_only_a_failure_that_lasts_ends_the_turn(failure: Failure, caplog: pytest.LogCaptureFixture) -> None:
    model = Timed([0, 0], failure)
    turn = ModelTurn(model, 60)
    for _ in range(2):
        with pytest.raises(GenerationError, match="no"):
            list(turn.stream(ASKED, max_tokens=1))
    asked = 1 if failure in LASTING else 2
    assert (len(model.given_s), len(caplog.records)) == (asked, asked)
