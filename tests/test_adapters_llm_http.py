"""Every way an endpoint can fail is one of our failures, in one line, after the right number of tries."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from llm_server import (
    ROLE,
    Part,
    Reply,
    Script,
    chunk,
    dropped,
    endless,
    event,
    ollama_line,
    ollama_say,
    refuse,
    say,
    scripted,
    silent,
    stream,
)
from wfc_qa.adapters.llm_http import censored
from wfc_qa.adapters.llms import Failure, GenerationError, Message, Role, open_language_model
from wfc_qa.config import LLM_KEY

ASKED = (Message(Role.SYSTEM, "Cite."), Message(Role.USER, "利率是多少？"))
KEY = "sk-very-secret"


class Outcome:
    """What one request came to: the text before it ended, the failure if there was one, the requests made."""

    def __init__(self, script: Script, *, max_tokens: int = 20, **options: Any) -> None:
        with scripted(script) as server:
            if options.get("llm") == "ollama":
                options.setdefault("llm_base_url", server.origin)
            model = open_language_model(server.settings(**options))
            assert model
            self.pieces: list[str] = []
            self.error: GenerationError | None = None
            with closing(model), closing(model.stream(ASKED, max_tokens=max_tokens)) as pieces:
                try:
                    self.pieces.extend(pieces)
                except GenerationError as error:
                    self.error = error
            self.requests = server.requests
            self.hung_up = server.hung_up

    @property
    def failure(self) -> Failure | None:
        return self.error.failure if self.error else None


def test_pieces_come_as_they_were_sent() -> None:
    outcome = Outcome([say("利率", " is ", "3%。")])
    assert (outcome.pieces, outcome.error) == (["利率", " is ", "3%。"], None)


def test_a_piece_is_read_before_the_next_is_sent() -> None:
    """Nothing waits for the whole answer: the server goes on only once the first piece was read."""
    read = threading.Event()

    def parts() -> Iterator[Part]:
        yield ROLE
        yield chunk(content="one")
        assert read.wait(30)
        yield chunk(content="two")
        yield chunk("stop")
        yield b""

    with scripted([Reply(parts())]) as server:
        model = open_language_model(server.settings())
        assert model
        with closing(model.stream(ASKED, max_tokens=20)) as pieces:
            assert next(pieces) == "one"
            read.set()
            assert list(pieces) == ["two"]


def test_the_request_says_what_was_asked_and_leaves_nothing_to_chance() -> None:
    (request,) = Outcome([say("yes")], max_tokens=33, llm_model="qwen").requests
    assert request.path == "/v1/chat/completions"
    assert request.body["messages"] == [{"role": m.role, "content": m.text} for m in ASKED]
    told = {name: request.body[name] for name in ("model", "max_tokens", "temperature", "seed", "stream")}
    assert told == {"model": "qwen", "max_tokens": 33, "temperature": 0, "seed": 0, "stream": True}


@pytest.mark.parametrize("status", [500, 502, 503, 529, 408])
def test_a_server_in_trouble_is_asked_again_and_then_unreachable(status: int) -> None:
    outcome = Outcome([refuse(status)], llm_retries=1)
    assert (outcome.failure, len(outcome.requests)) == (Failure.UNREACHABLE, 2)


@pytest.mark.parametrize("first", [refuse(500), refuse(429), dropped()], ids=["500", "429", "dropped"])
def test_a_second_try_that_goes_well_is_an_answer(first: Reply) -> None:
    outcome = Outcome([first, say("Yes.")])
    assert (outcome.pieces, outcome.error, len(outcome.requests)) == (["Yes."], None, 2)


def test_no_try_is_made_beyond_the_retries() -> None:
    assert len(Outcome([refuse(500)], llm_retries=0).requests) == 1
    assert len(Outcome([refuse(429)], llm_retries=2).requests) == 3


def test_tries_are_ever_further_apart() -> None:
    """The least pause doubles: a quarter of a second, then a half."""
    first, second, third = (request.at_s for request in Outcome([refuse(500)], llm_retries=2).requests)
    assert second - first >= 0.25
    assert third - second >= 0.5


def test_the_pause_an_endpoint_asks_for_is_kept() -> None:
    outcome = Outcome([refuse(429, headers={"Retry-After": "0.9"}), say("Yes.")])
    first, second = outcome.requests
    assert outcome.pieces == ["Yes."]
    assert second.at_s - first.at_s >= 0.9


@pytest.mark.parametrize("after", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_pause_longer_than_the_time_left_ends_the_request_at_once(after: str) -> None:
    outcome = Outcome([refuse(429, headers={"Retry-After": after})])
    assert (outcome.failure, len(outcome.requests)) == (Failure.RATE_LIMITED, 1)


@pytest.mark.parametrize("after", ["soon", "", "Thu, 01 Jan 1970 00:00:00 GMT", "-5"])
def test_a_pause_that_cannot_be_kept_does_not_stop_the_next_try(after: str) -> None:
    assert Outcome([refuse(429, headers={"Retry-After": after}), say("Yes.")]).pieces == ["Yes."]


def test_a_spent_account_is_not_asked_again() -> None:
    outcome = Outcome([refuse(429, code="insufficient_quota")])
    assert (outcome.failure, len(outcome.requests)) == (Failure.RATE_LIMITED, 1)


def test_nothing_is_asked_again_once_a_word_came() -> None:
    outcome = Outcome([dropped(ROLE, chunk(content="It ")), say("No.")])
    assert (outcome.pieces, outcome.failure, len(outcome.requests)) == (["It "], Failure.BROKEN, 1)


def test_nobody_at_the_address_is_unreachable() -> None:
    with scripted([]) as server:
        gone = server.settings(llm_retries=0)
    model = open_language_model(gone)
    assert model
    with pytest.raises(GenerationError, match="is the endpoint up") as caught:
        next(model.stream(ASKED, max_tokens=20))
    assert caught.value.failure is Failure.UNREACHABLE


FINAL = {
    "key": (refuse(401), Failure.UNREACHABLE, LLM_KEY),
    "forbidden": (refuse(403), Failure.UNREACHABLE, LLM_KEY),
    "unknown model": (refuse(404, "no model m"), Failure.UNREACHABLE, "llm_model"),
    "redirect": (refuse(302, headers={"Location": "/elsewhere"}), Failure.UNREACHABLE, "llm_base_url"),
    "prompt too long": (refuse(400, code="context_length_exceeded"), Failure.TOO_LONG, "longer"),
    "llama.cpp's too long": (refuse(400, "exceeds the available context size"), Failure.TOO_LONG, "longer"),
    "body too long": (refuse(413), Failure.TOO_LONG, "longer"),
    "prompt filtered": (refuse(400, code="content_filter"), Failure.REFUSED, "400"),
    "bad request": (refuse(400, "no such field"), Failure.BROKEN, "no such field"),
}


@pytest.mark.parametrize("case", FINAL)
def test_what_another_try_cannot_mend_is_tried_once_and_named(case: str) -> None:
    reply, failure, named = FINAL[case]
    outcome = Outcome([reply, say("No.")])
    assert (outcome.failure, len(outcome.requests), outcome.pieces) == (failure, 1, [])
    assert named in str(outcome.error)


STREAMS = {
    "length": (say("It ", finish="length"), ["It "], Failure.TOO_LONG),
    "filter": (say("It ", finish="content_filter"), ["It "], Failure.REFUSED),
    "refusal": (stream(ROLE, chunk(refusal="I cannot."), chunk("stop")), [], Failure.REFUSED),
    "tool call": (say(finish="tool_calls"), [], Failure.BROKEN),
    "no reason to end": (say("It ", finish=None), ["It "], Failure.BROKEN),
    "no text": (say(), [], Failure.EMPTY),
    "only blanks": (say(" ", "\n"), [], Failure.EMPTY),
    "only thought": (say("<think>Hm", ".</think>", "\n"), [], Failure.EMPTY),
    "thought without end": (say("<think>Hm. It rose."), [], Failure.EMPTY),
    "thought without beginning": (say("Hm", "m.</think>Yes."), ["Hm"], Failure.BROKEN),
    "broken JSON": (stream(ROLE, chunk(content="A"), b'data: {"choices": [\n\n'), ["A"], Failure.BROKEN),
    "another schema": (stream(event({"answer": "yes"})), [], Failure.BROKEN),
    "no object": (stream(event([1, 2])), [], Failure.BROKEN),
    "choices that are none": (stream(event({"choices": [{}]})), [], Failure.BROKEN),
    "error in mid-stream": (stream(ROLE, chunk(content="A"), event({"error": {"code": 1}})), ["A"], Failure.BROKEN),
    "no stream": (Reply((b"<html>Hello",), headers={"Content-Type": "text/html"}), [], Failure.BROKEN),
    "nothing": (Reply(()), [], Failure.BROKEN),
    "not text": (Reply((b"\xff\xfe\x00data: \xff\n\n",)), [], Failure.BROKEN),
    "hung up": (dropped(ROLE, chunk(content="A")), ["A"], Failure.BROKEN),
}  # fmt: skip


@pytest.mark.parametrize("case", STREAMS)
def test_a_stream_that_is_no_answer_is_told_by_its_kind(case: str) -> None:
    reply, pieces, failure = STREAMS[case]
    outcome = Outcome([reply])
    assert (outcome.pieces, outcome.failure, len(outcome.requests)) == (pieces, failure, 1)
    assert len(str(outcome.error).splitlines()) == 1
    assert len(str(outcome.error)) < 400


@pytest.mark.parametrize(
    ("finish", "failure"),
    [
        *((whole, None) for whole in ("stop", "STOP", "eos", "eos_token", "end_turn", "stop_sequence")),
        *((cut, Failure.TOO_LONG) for cut in ("length", "MAX_TOKENS", "max_output_tokens", "model_length")),
        *((kept, Failure.REFUSED) for kept in ("content_filter", "SAFETY", "refusal", "sensitive")),
        *((strange, Failure.BROKEN) for strange in ("tool_calls", "error", "", "unknown")),
    ],
)
def test_every_servers_word_for_the_end_is_known(finish: str, failure: Failure | None) -> None:
    outcome = Outcome([say("It ", "rose.", finish=finish)])
    assert (outcome.pieces, outcome.failure) == (["It ", "rose."], failure)


def test_thoughts_kept_apart_by_the_endpoint_are_not_text() -> None:
    thought = stream(
        ROLE,
        chunk(reasoning_content="Hm."),
        chunk(reasoning_content=" Yes."),
        chunk(content="3%."),
        chunk("stop"),
    )
    assert Outcome([thought]).pieces == ["3%."]


def test_a_model_that_never_stops_is_stopped_at_its_budget() -> None:
    outcome = Outcome([endless("on and on ")], max_tokens=4)
    assert outcome.failure is Failure.TOO_LONG
    assert 4 <= len("".join(outcome.pieces)) <= 200
    assert outcome.hung_up.wait(30)


def test_endless_thought_is_stopped_too() -> None:
    thinking = Reply(chunk(reasoning_content="hm " * 100) for _ in iter(int, 1))
    outcome = Outcome([thinking], max_tokens=4)
    assert (outcome.pieces, outcome.failure) == ([], Failure.TOO_LONG)


@pytest.mark.parametrize(
    ("script", "options", "pieces"),
    [
        (silent(), {"llm_timeout_s": 1}, []),
        (silent(ROLE), {"llm_timeout_s": 1}, []),
        (silent(chunk(content="A")), {"llm_stall_s": 0.2}, ["A"]),
        # Comments keep a connection open, but are no words.
        (Reply((chunk(content="A"), *[0.05, b": ping\n\n"] * 100)), {"llm_stall_s": 0.3}, ["A"]),
    ],
    ids=["no header", "no first word", "no second word", "only comments"],
)
def test_silence_is_a_time_out_and_hangs_up(
    script: Reply, options: dict[str, float], pieces: list[str]
) -> None:
    outcome = Outcome([script], **options)
    assert (outcome.pieces, outcome.failure, len(outcome.requests)) == (pieces, Failure.TIMED_OUT, 1)
    assert outcome.hung_up.wait(30)


def test_a_model_that_talks_without_end_is_a_time_out() -> None:
    outcome = Outcome([endless("x", every_s=0.01)], llm_timeout_s=1, max_tokens=100_000)
    assert outcome.failure is Failure.TIMED_OUT
    assert outcome.pieces
    assert outcome.hung_up.wait(30)


def test_tries_share_one_time_budget() -> None:
    outcome = Outcome([refuse(500)], llm_timeout_s=0.6, llm_retries=10)
    assert len(outcome.requests) < 5
    assert outcome.failure in {Failure.UNREACHABLE, Failure.TIMED_OUT}


def test_closing_the_stream_in_mid_sentence_hangs_up() -> None:
    with scripted([endless(every_s=0.01)]) as server:
        model = open_language_model(server.settings())
        assert model
        pieces = model.stream(ASKED, max_tokens=100_000)
        assert next(pieces) == "on and "
        pieces.close()
        assert server.hung_up.wait(30)
        assert list(pieces) == []


def test_another_thread_can_end_a_stream_that_waits() -> None:
    """A reader who goes away is noticed elsewhere than where the next piece is waited for."""
    with scripted([silent(ROLE, chunk(content="A"))]) as server:
        model = open_language_model(server.settings())
        assert model
        pieces = model.stream(ASKED, max_tokens=20)
        assert next(pieces) == "A"
        leaver = threading.Timer(0.1, pieces.close)
        leaver.start()
        assert list(pieces) == []
        assert server.hung_up.wait(30)
        leaver.join()


def test_a_stream_that_nobody_holds_hangs_up() -> None:
    with scripted([endless()]) as server:
        model = open_language_model(server.settings())
        assert model
        next(model.stream(ASKED, max_tokens=100_000))
        assert server.hung_up.wait(30)


def test_closing_the_model_ends_its_streams() -> None:
    with scripted([endless()]) as server:
        model = open_language_model(server.settings())
        assert model
        pieces = model.stream(ASKED, max_tokens=100_000)
        next(pieces)
        model.close()
        assert server.hung_up.wait(30)
        assert list(pieces) == []


def test_closing_during_the_pause_before_a_try_makes_no_further_one() -> None:
    with scripted([refuse(429, headers={"Retry-After": "20"})]) as server:
        model = open_language_model(server.settings())
        assert model
        pieces = model.stream(ASKED, max_tokens=20)
        while not server.requests:
            threading.Event().wait(0.01)
        pieces.close()
        assert len(server.requests) == 1


def test_many_streams_at_once_do_not_mix() -> None:
    def echo(received: Any) -> Reply:
        return say(*received.body["messages"][0]["content"], every_s=0.002)

    with scripted(echo) as server:
        model = open_language_model(server.settings())
        assert model
        said: dict[str, str] = {}

        def ask(text: str) -> None:
            said[text] = "".join(model.stream([Message(Role.USER, text)], max_tokens=50))

        threads = [threading.Thread(target=ask, args=(str(n) * 9,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert said == {str(n) * 9: str(n) * 9 for n in range(8)}


@pytest.mark.parametrize("llm", ["openai-like", "ollama"])
@pytest.mark.parametrize("key", ["", KEY])
def test_our_key_goes_along_and_nobody_elses(monkeypatch: pytest.MonkeyPatch, llm: str, key: str) -> None:
    for name in ("OPENAI_API_KEY", "OLLAMA_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "somebody-elses")
    monkeypatch.setenv(LLM_KEY, key)
    (request,) = Outcome([ollama_say("Yes.") if llm == "ollama" else say("Yes.")], llm=llm).requests
    assert request.headers.get("authorization") == (f"Bearer {key}" if key else None)
    assert "somebody-elses" not in str(request)


@pytest.mark.parametrize(
    "reply",
    [
        *(refuse(status, f"Incorrect key {KEY}") for status in (400, 401, 404, 429, 500)),
        Reply((b"x" * 190 + KEY.encode(),), 400),
        stream(ROLE, event({"error": {"message": f"bad key {KEY}"}})),
    ],
)
def test_the_key_is_in_no_message_and_no_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    monkeypatch.setenv(LLM_KEY, KEY)
    with caplog.at_level(0):
        outcome = Outcome([reply], llm_retries=0)
    assert outcome.error
    # Not even half of it, where a long message is cut.
    assert "sk-ver" not in f"{outcome.error} {outcome.error.__cause__} {outcome.error.__context__}"
    assert KEY not in caplog.text


CHARS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="*")


@given(st.text(CHARS, min_size=8, max_size=20), st.integers(0, 3))
def test_no_way_to_write_a_key_lets_it_out(key: str, wrapped: int) -> None:
    """As JSON with and without escapes, within JSON within JSON, and in an address."""
    escaped = "".join(f"\\u{unit}" for unit in key.encode("utf-16-be").hex(" ", 2).split())
    for told in (key, key.replace("/", "\\/"), escaped, quote(key, safe=""), json.dumps(key)[1:-1]):
        for _ in range(wrapped):
            told = json.dumps(told)[1:-1]
        assert censored(f"<{told}>", SecretStr(key)) == "<***>"


@pytest.mark.parametrize("told", [r"sk\/ab\u0063d", r"sk\u002Fabcd", r"\u0073k\/ab\u0063d", "sk/abcd"])
def test_a_key_that_is_echoed_with_escapes_comes_out_in_no_message(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv(LLM_KEY, "sk/abcd")
    body = f'{{"error": {{"message": "bad key {told}"}}}}'.encode()
    outcome = Outcome([Reply((body,), 400)], llm_retries=0)
    assert "bad key ***" in str(outcome.error)


OLLAMA_DONE = b'{"model":"m","message":{"role":"assistant","content":""},"done":true}\n'
OLLAMA = {
    "well": (ollama_say("It ", "rose."), ["It ", "rose."], None),
    "without a reason": (Reply((ollama_line("A"), OLLAMA_DONE)), ["A"], None),
    "thoughts": (Reply((ollama_line(thinking="Hm."), ollama_line("A"), ollama_line(done="stop"))), ["A"], None),
    "length": (ollama_say("It ", finish="length"), ["It "], Failure.TOO_LONG),
    "broken off": (ollama_say("It ", finish=None), ["It "], Failure.BROKEN),
    "loaded only": (ollama_say(finish="load"), [], Failure.BROKEN),
    "nothing": (ollama_say(), [], Failure.EMPTY),
    "unknown model": (Reply((b'{"error":"model m not found"}',), 404), [], Failure.UNREACHABLE),
    "error in mid-stream": (Reply((ollama_line("A"), b'{"error":"runner died"}\n')), ["A"], Failure.BROKEN),
    "another schema": (Reply((b'{"x":1}\n',)), [], Failure.BROKEN),
    "broken JSON": (Reply((ollama_line("A"), b'{"mess\n')), ["A"], Failure.BROKEN),
    "hung up": (dropped(ollama_line("A")), ["A"], Failure.BROKEN),
}  # fmt: skip


@pytest.mark.parametrize("case", OLLAMA)
def test_ollamas_protocol_is_spoken_and_its_failures_told(case: str) -> None:
    reply, pieces, failure = OLLAMA[case]
    outcome = Outcome([reply], llm="ollama")
    assert (outcome.pieces, outcome.failure, len(outcome.requests)) == (pieces, failure, 1)


def test_ollama_is_told_its_context_since_it_cuts_prompts_silently() -> None:
    (request,) = Outcome([ollama_say("Yes.")], llm="ollama", llm_context_tokens=4096, max_tokens=33).requests
    assert request.path == "/api/chat"
    assert request.body["options"] == {"temperature": 0, "seed": 0, "num_ctx": 4096, "num_predict": 33}
    assert request.body["think"] is False


def test_ollama_is_tried_again_and_hung_up_on_like_any_other() -> None:
    again = Outcome([Reply((b'{"error":"busy"}',), 503), ollama_say("Yes.")], llm="ollama")
    assert (again.pieces, len(again.requests)) == (["Yes."], 2)
    stalled = Outcome([Reply((ollama_line("A"), 30.0))], llm="ollama", llm_stall_s=0.2)
    assert (stalled.pieces, stalled.failure) == (["A"], Failure.TIMED_OUT)
    assert stalled.hung_up.wait(30)
