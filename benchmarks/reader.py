"""A small instruct model beside our quoted answers: the same gold questions, the same passages, one judge.

    python benchmarks/reader.py told.jsonl --gguf model.gguf
    python benchmarks/reader.py told.jsonl --url http://127.0.0.1:8080/v1 --model NAME
    python benchmarks/reader.py told.jsonl

The model reads the five paragraphs ranked first for the question as the engine understood it. Every reply is a line of
``told.jsonl`` as soon as it came: a run that was stopped goes on, and a question whose prompt did not change is not
asked again. Without a model, today's answers are held against the replies that are there. The passages are prompted
zero-shot, at temperature 0. "Forced" is our answer at any confidence, still behind the guard.

Needs ``pip install openai``, and ``pip install xllamacpp`` to run a GGUF file in process.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from replies import (
    Reading,
    hold_together,
    load_readings,
    reading_line,
    save_readings,
    show,
    without_doubt,
)
from wfc_qa.config import CHECKOUT, load_settings
from wfc_qa.engine import Engine, open_engine
from wfc_qa.evaluation.gold import load_gold
from wfc_qa.evaluation.record import Outcome
from wfc_qa.evaluation.runner import ask_question
from wfc_qa.text.quotes import drop_marks_behind
from wfc_qa.text.sentences import is_source_note, split_sentences
from wfc_qa.types import GoldQuestion, Paragraph

PROMPTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
SHOWN = 5
MAX_TOKENS = 120
CONTEXT_TOKENS = 4096
TIMEOUT_S = 900.0
Ask = Callable[[str, str], str]


def main(
    told: Annotated[Path, typer.Argument(help="file of the model's replies, one line a question")],
    gguf: Annotated[Path | None, typer.Option(exists=True, help="model file to run in this process")] = None,
    url: Annotated[str, typer.Option(help="base URL of an OpenAI-compatible endpoint")] = "",
    model: Annotated[str, typer.Option(help="model name at the endpoint")] = "",
    questions: Annotated[Path, typer.Option(help="gold questions")] = CHECKOUT / "eval" / "dev.jsonl",
    answerable: Annotated[int, typer.Option(help="how many answerable questions")] = 80,
    unanswerable: Annotated[int, typer.Option(help="how many unanswerable questions")] = 80,
    seed: Annotated[int, typer.Option(help="which questions")] = 0,
    threads: Annotated[int, typer.Option(help="threads of that model; 1 is faster on a busy machine")] = 2,
) -> None:
    chosen = sample(load_gold(questions)[0], answerable, unanswerable, seed)
    engine = open_engine(load_settings())
    if gguf or url:
        with connect(gguf, url, model, threads) as (name, ask):
            put_questions(engine, chosen, told, name, ask)
    show(hold_together(engine, chosen, load_readings(told)))
    engine.close()


def sample(
    questions: Sequence[GoldQuestion], answerable: int, unanswerable: int, seed: int
) -> list[GoldQuestion]:
    """So many of each, every language and kind by its share; any beginning of the list is such a sample, too."""
    halves = [
        _spread([one for one in questions if one.answerable is wanted], number, seed)
        for wanted, number in ((True, answerable), (False, unanswerable))
    ]
    placed = [((place + 0.5) / len(half), one) for half in halves for place, one in enumerate(half)]
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


def _spread(questions: Iterable[GoldQuestion], number: int, seed: int) -> list[GoldQuestion]:
    strata: dict[tuple[str, str], list[GoldQuestion]] = defaultdict(list)
    for one in questions:
        strata[one.language, one.kind].append(one)
    chance = random.Random(seed)
    placed = []
    for _, stratum in sorted(strata.items()):
        chance.shuffle(stratum)
        start = chance.random()
        placed += [((place + start) / len(stratum), one) for place, one in enumerate(stratum)]
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])][:number]


@contextmanager
def connect(gguf: Path | None, url: str, model: str, threads: int) -> Iterator[tuple[str, Ask]]:
    """The model's name, and what puts a system prompt and a question to it."""
    from openai import OpenAI

    server: Any = None
    if gguf:
        server = _serve(gguf, threads)
        url, model = f"{server.listening_address}/v1", gguf.stem
    client = OpenAI(base_url=url, api_key=os.environ.get("OPENAI_API_KEY") or "none", timeout=TIMEOUT_S)

    def ask(system: str, user: str) -> str:
        done = client.chat.completions.create(
            model=model,
            messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
            temperature=0,
            max_tokens=MAX_TOKENS,
        )
        return (done.choices[0].message.content or "").strip()

    yield model, ask
    client.close()


def _serve(gguf: Path, threads: int) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(gguf)
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_ctx, params.n_parallel = CONTEXT_TOKENS, 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    return xllamacpp.Server(params)


def put_questions(engine: Engine, questions: Sequence[GoldQuestion], told: Path, name: str, ask: Ask) -> None:
    """Ask whatever ``told`` does not hold yet under the same prompt, each reply written as it comes."""
    readings = load_readings(told)
    save_readings(readings.values(), told)
    eager = without_doubt(engine)
    with told.open("a", encoding="utf-8") as file:
        for number, question in enumerate(questions, 1):
            ours, forced = ask_question(engine, question), ask_question(eager, question)
            passages = read_passages(engine, ours)
            system, user = write_prompt(engine, question, ours.understood, passages)
            prompt = hashlib.sha256("\n".join((name, system, user)).encode()).hexdigest()
            if (known := readings.get(question.query_id)) and known.prompt == prompt:
                continue
            start = time.perf_counter()
            said = ask(system, user)
            reading = Reading(
                question.query_id, name, prompt, ours.understood,
                tuple(one.paragraph_id for one in passages),
                said, round(time.perf_counter() - start, 2), ours.text, forced.text,
            )  # fmt: skip
            file.write(reading_line(reading))
            file.flush()
            print(f"{number} of {len(questions)}: {reading.seconds} s", flush=True)


def read_passages(engine: Engine, outcome: Outcome) -> list[Paragraph]:
    return [engine.paragraph(hit.paragraph_id) for hit in outcome.hits[:SHOWN]]


def write_prompt(
    engine: Engine, question: GoldQuestion, understood: str, passages: Sequence[Paragraph]
) -> tuple[str, str]:
    """What the model is told: system and user."""
    told = PROMPTS[question.language]
    shown = "\n\n".join(
        f"[{number}] {_above(engine, one)}\n{_without_source(one.text)}"
        for number, one in enumerate(passages, 1)
    )
    earlier = told["earlier"].format(history=" / ".join(question.history)) if question.history else ""
    user = told["ask"].strip().format(passages=shown, earlier=earlier, question=understood)
    return told["system"].strip(), user


def _above(engine: Engine, paragraph: Paragraph) -> str:
    """Title and headings, each once."""
    return " > ".join(dict.fromkeys((engine.head(paragraph.doc_id).title, *paragraph.headings)))


def _without_source(text: str) -> str:
    """Without the note that names an address, and the source's own marks, which look like ours."""
    sentences = [span.of(text) for span in split_sentences(text)]
    return "\n".join(drop_marks_behind(one) for one in sentences if not is_source_note(one))


if __name__ == "__main__":
    typer.run(main)
