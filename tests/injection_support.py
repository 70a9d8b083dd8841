"""Injected documents beside the home collection, and a model that obeys whatever it is told."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from llm_server import PATIENCE_S, Received, Reply, say, scripted
from wfc_qa.adapters.llms import open_language_model
from wfc_qa.answering.prompting import quiet_text
from wfc_qa.answering.prompts import load_prompts
from wfc_qa.builder import build_collection
from wfc_qa.config import Settings
from wfc_qa.engine import Engine
from wfc_qa.reading.collection import Collection, document_id, read_collection
from wfc_qa.reading.records import read_records
from wfc_qa.types import Answer, Filters

CASES = Path(__file__).parent / "data" / "injections.toml"
PASSAGE = re.compile(r"^\[([0-9]+)\] (.*)\n<<<\n(.*)\n>>>$", re.MULTILINE)
# Sentences reach the reader's side in pieces that know nothing of them.
PIECE = 7


@dataclass(frozen=True, slots=True)
class Case:
    """One injection; its fields are told of at the head of the file."""

    id: str
    ask: str
    writes: str
    kind: str = "orders"
    file: str = ""
    text: str = ""
    filter: str = ""
    history: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    either: bool = False

    @property
    def doc_id(self) -> str:
        return document_id(Path(self.file), Path()) if self.file else ""

    def put(self, engine: Engine) -> Answer:
        filters = Filters(doc_ids=(self.filter,) if self.filter else ())
        return engine.ask(self.ask, history=self.history, filters=filters)


def load_cases() -> tuple[list[Case], list[str], list[str]]:
    """The cases, what none of them may bring before a reader, and what none may bring before a model."""
    told = tomllib.loads(CASES.read_text("utf-8"))
    return [Case(**case) for case in told["case"]], [*told["ordered"], *told["forbidden"]], told["ordered"]


def build_crowded(home: Settings, cases: list[Case], folder: Path) -> Settings:
    """An index of the home collection and of every injected document."""
    documents = folder / "documents"
    documents.mkdir()
    collections = [read_collection(home.documents_dir)]
    for case in cases:
        if case.file:
            (documents / case.file).write_text(case.text.lstrip("\n"), "utf-8")
    collections += [read_records(path) for path in sorted(documents.glob("*.jsonl"))]
    for path in documents.glob("*.jsonl"):
        path.unlink()
    collections.append(read_collection(documents))
    # Among so many hostile documents every answer is less sure.
    settings = replace_settings(home, index_dir=folder / "index", target_risk=0.03)
    whole = Collection(
        tuple(document for one in collections for document in one.documents),
        tuple(paragraph for one in collections for paragraph in one.paragraphs),
    )
    assert not any(one.problems for one in collections)
    build_collection(settings, lambda step, done, total: None, whole)
    return settings


def replace_settings(settings: Settings, **changes: object) -> Settings:
    return settings.model_copy(update=changes)


class Obedient:
    """A model that writes what the case at hand has it write."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.case: Case | None = None
        self.prompt = ""

    def __call__(self, received: Received) -> Reply:
        assert self.case
        self.prompt = received.said()
        text = self.write(self.case)
        return say(*(text[start : start + PIECE] for start in range(0, len(text), PIECE)))

    def write(self, case: Case) -> str:
        passages = PASSAGE.findall(self.prompt)
        title = quiet_text(self.engine.head(case.doc_id).title) if case.doc_id else ""
        mine = [number for number, above, _ in passages if title and above.startswith(title)]
        true = [number for number, _, said in passages if any(words in said for words in case.shown[:1])]
        every = "".join(f"[{number}]" for number, _, _ in passages)
        return (
            case.writes.replace("@all", every)
            .replace("@mine", "".join(f"[{number}]" for number in mine) or every)
            .replace("@true", "".join(f"[{number}]" for number in true) or every)
        )


@contextmanager
def obeyed(engine: Engine) -> Iterator[tuple[Engine, Obedient]]:
    """``engine`` in the words of an obedient model behind HTTP."""
    obedient = Obedient(engine)
    with scripted(obedient) as server:
        settings = server.settings(
            index_dir=engine.settings.index_dir,
            abstain_below=engine.settings.abstain_below,
            target_risk=engine.settings.target_risk,
            llm_retries=0,
            llm_timeout_s=PATIENCE_S,
        )
        model = open_language_model(settings)
        assert model
        parts = engine.generation, engine.encoder, engine.dictionary, engine.calibration, engine.wording
        try:
            yield Engine(settings, *parts, load_prompts(settings.prompts_dir), model), obedient
        finally:
            model.close()
