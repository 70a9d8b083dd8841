"""What proof costs a reader: a streamed sentence beside the model's own time for it, a quote with and without proof.

By default a scripted server streams tokens at ``--pace-ms``; ``--model FILE.gguf`` measures a real model, served in
process. Both sides of a ratio come from one request.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from answering import WORDINGS
from measure import Spread, dev_items, percentile, print_table, timed, workbench
from wfc_qa.adapters.llms import LanguageModel, Message
from wfc_qa.answering.assembly import cut_sentences
from wfc_qa.config import CHECKOUT, Settings
from wfc_qa.engine import Engine, open_engine
from wfc_qa.types import Answer, GoldQuestion, Language, Note, Sentence, Support
from wfc_qa.verification.verifier import Verdict

sys.path.append(str(CHECKOUT / "tests"))
from llm_server import Reply, ScriptedServer, say, scripted

QUESTIONS = 40
QUOTED = 100
ROUNDS = 5
GOAL = 1.2
# What a hosted model takes to read a prompt, and a token's usual length by language.
PROMPT_S = 0.3
TOKEN_CHARS = {Language.ZH: 2, Language.EN: 5}


@dataclass(slots=True)
class Watched:
    """A model whose stream is timed; ``arrivals`` are seconds from the request to each piece."""

    model: LanguageModel
    started: float = 0.0
    pieces: list[str] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)

    @property
    def model_id(self) -> str:
        return self.model.model_id

    def stream(self, messages: Sequence[Message], **limits: Any) -> Iterator[str]:
        self.started, self.pieces, self.arrivals = time.perf_counter(), [], []
        with closing(self.model.stream(messages, **limits)) as pieces:
            for piece in pieces:
                self.pieces.append(piece)
                self.arrivals.append(time.perf_counter() - self.started)
                yield piece

    def close(self) -> None:
        self.model.close()

    def needed_s(self, number: int) -> float:
        """Seconds in which the model had written its first ``number`` sentences."""
        raws = list(cut_sentences(self.pieces))
        length = len("".join(raws[:number]).rstrip())
        written = 0
        for piece, arrival in zip(self.pieces, self.arrivals, strict=True):
            written += len(piece)
            if written >= length:
                return arrival
        return self.arrivals[-1]


@dataclass(frozen=True, slots=True)
class Took:
    """The model's own time for the first sentence told, and what its reader waited over that, counted from the request
    to the model and from the question."""

    needed_s: float
    from_request: float
    from_question: float


class Trusting:
    """A verifier that takes every sentence at its word."""

    def verify(self, *claim: object) -> Verdict:  # noqa: ARG002
        return Verdict(Support.SUPPORTED, (), 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="a GGUF file instead of the scripted server")
    parser.add_argument("--pace-ms", type=float, default=25, help="milliseconds a token, scripted")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    given = parser.parse_args()
    with workbench() as settings:
        measure_quotes(settings)
        if given.model:
            local = {"llm": "local", "llm_model": str(given.model), "llm_timeout_s": 600, "llm_stall_s": 600}
            measure_streams(settings.model_copy(update=local), given.questions, given.model.name)
        else:
            said: list[str] = []
            with scripted(lambda _: speak(said[-1], given.pace_ms / 1000)) as server:
                options = scripted_settings(settings, server)
                measure_streams(options, given.questions, f"{given.pace_ms:g} ms a token", said)


def scripted_settings(settings: Settings, server: ScriptedServer) -> Settings:
    return server.settings(index_dir=settings.index_dir, data_dir=settings.data_dir)


def speak(text: str, pace_s: float) -> Reply:
    """``text`` token by token, as a hosted model streams."""
    size = TOKEN_CHARS[Language.EN if text.isascii() else Language.ZH]
    reply = say(*(text[at : at + size] for at in range(0, len(text), size)), every_s=pace_s)
    return replace(reply, body=(PROMPT_S, *reply.body))


def measure_streams(settings: Settings, most: int, name: str, said: list[str] | None = None) -> None:
    """Time to the first sentence told, over the time in which the model had written that sentence."""
    engine = open_engine(settings)
    assert engine.author.model
    quoting = replace(engine.author, model=None)
    watched = Watched(engine.author.model)
    items = [item for item in dev_items() if item.answerable and not item.history]
    took: list[Took] = []
    asked = 0
    for item in items[:: max(1, len(items) // most)]:
        if said is not None:
            engine.author = quoting
            quoted = engine.ask(item.text)
            if len(quoted.sentences) != 1:
                # A comparison's first sentence waits for its second, however fast it is proved.
                continue
            # As models are told to write: the marker before the stop. The quote comes first among what is shown, and
            # ends in another mark, for a sentence that stands in its paragraph word for word is proved at a glance.
            text = quoted.sentences[0].text.rstrip("。.")
            said.append(f"{text}[1]! {text}.")
        engine.author = replace(quoting, model=watched)
        if not asked:
            # The first request of a process loads the client.
            engine.ask(item.text)
        asked += 1
        if one := first_sentence(engine, watched, item.text):
            took.append(one)
    engine.close()
    if not took:
        print("no sentence of the model was proved")
        return
    rows = [
        [
            f"p{percent}",
            f"{percentile([one.from_request for one in took], percent):.3f}",
            f"{percentile([one.from_question for one in took], percent):.3f}",
            f"{GOAL}",
        ]
        for percent in (50, 95, 100)
    ]
    print_table(
        f"First sentence told / the model's own time for it; {name}; {len(took)} of {asked} answered by the model",
        ("", "from the request", "from the question", "goal"),
        rows,
        f"the model's own time: {Spread.of([1000 * one.needed_s for one in took]).show(0)} ms",
    )


def first_sentence(engine: Engine, watched: Watched, question: str) -> Took | None:
    """None where the model's words were not told."""
    watched.pieces = []
    start = time.perf_counter()
    sentences: list[tuple[Sentence, float]] = []
    notes: tuple[Note, ...] = ()
    for step in engine.stream(question):
        if isinstance(step, Sentence):
            sentences.append((step, time.perf_counter()))
        elif isinstance(step, Answer):
            notes = step.notes
    if not (sentences and watched.pieces) or {Note.MODEL_FAILED, Note.MODEL_UNPROVED} & set(notes):
        return None
    first, told = sentences[0]
    raws = list(cut_sentences(watched.pieces))
    number = next((n for n, raw in enumerate(raws, 1) if first.text[:6] in raw), 0)
    if not number:
        return None
    needed = watched.needed_s(number)
    before = watched.started - start
    return Took(needed, (told - watched.started) / needed, (told - start) / (needed + before))


def measure_quotes(settings: Settings) -> None:
    """Quoted answers with and without proof, in turns, each wording new to both."""
    engine = open_engine(settings)
    proving = engine.author
    trusting = replace(proving, verifier=Trusting())  # type: ignore[arg-type]
    items = dev_items()[:: len(dev_items()) // QUOTED]
    for item in items[:5]:
        engine.ask(f"{item.text}?")
    rounds = [ask_all(engine, items, number, [proving, trusting]) for number in range(ROUNDS)]
    engine.close()
    rows = []
    for percent in (50, 95):
        with_ms, without_ms = ([percentile(one[side], percent) * 1000 for one in rounds] for side in (0, 1))
        shares = Spread.of([one / other for one, other in zip(with_ms, without_ms, strict=True)])
        rows.append(
            [
                f"p{percent}",
                Spread.of(without_ms).show(1),
                Spread.of(with_ms).show(1),
                shares.show(3),
                f"{GOAL}",
            ]
        )
    total = Spread.of([sum(one[0]) / sum(one[1]) for one in rounds])
    rows.append(["all", "", "", total.show(3), f"{GOAL}"])
    print_table(
        f"Quoted answers to {len(items)} questions, {ROUNDS} rounds",
        ("", "unproved ms", "proved ms", "proved / unproved", "goal"),
        rows,
        "each question is asked of both in turn; who goes first changes",
    )


def ask_all(
    engine: Engine, items: Sequence[GoldQuestion], number: int, authors: Sequence[object]
) -> tuple[list[float], list[float]]:
    """Seconds of each answer by each author; who goes second finds caches warm, so the first changes."""
    times: tuple[list[float], list[float]] = [], []
    for place, item in enumerate(items):
        text = WORDINGS[item.language][number].format(item.text)
        for side in (0, 1) if (place + number) % 2 else (1, 0):
            engine.author = authors[side]  # type: ignore[assignment]
            times[side].append(timed(lambda text=text, item=item: engine.ask(text, history=item.history)))
    return times


if __name__ == "__main__":
    main()
