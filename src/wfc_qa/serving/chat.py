"""The chat page: Gradio carries questions and answers, our own markup and script show them."""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from pydantic import ValidationError
from starlette.middleware.cors import CORSMiddleware

from ..answering.question import check_question
from ..config import shipped
from ..errors import QuestionError
from ..reading.collection import READERS, document_id
from ..steps import Halt
from ..types import Answer, Language, Sentence
from .access import TooManyError
from .access.waiting import Gate
from .pulse import pulsed
from .render import HERE, render
from .sources import source_finder
from .view import parts, sentence_part, understood_part
from .wire import QuestionIn

if TYPE_CHECKING:
    from ..engine import Engine

log = logging.getLogger(__name__)
LISTED_DOCUMENTS = 200
# The page hears from an answer at least this often, and Gradio can end it as often.
BEAT_S = 1.0
FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")

Reply = dict[str, Any]
# Answers that Gradio has under way; what may be made at once, the turnstile says.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Chat:
    """The chat as an app of its own, to be mounted at the root."""

    app: FastAPI
    _blocks: Any
    _shell: Any

    def renew(self, engine: Engine) -> None:
        """Let pages opened from now on show what ``engine`` holds."""
        self._shell.value = shell(engine)
        self._blocks.config = self._blocks.get_config_file()


def build_chat(current: Callable[[], Engine], gate: Gate) -> Chat:
    """``current`` gives the engine of a turn."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    engine = current()

    def answer(request: Any) -> Iterator[Reply]:
        yield from reply(current(), request, gate)

    with gr.Blocks(title="wfc-qa", analytics_enabled=False, fill_width=True) as blocks:
        page = gr.HTML(shell(engine), apply_default_css=False, js_on_load=None)
        request = gr.HTML(
            {},
            html_template="",
            js_on_load="window.wfcChat.connect((value) => { props.value = value; trigger('submit'); });",
        )
        replied = gr.HTML(
            {}, html_template="", js_on_load="watch('value', () => window.wfcChat.receive(props.value));"
        )
        stop = gr.HTML(
            {},
            html_template="",
            js_on_load="window.wfcChat.connectStop(() => trigger('submit'));",
        )
        answering = request.submit(
            answer,
            request,
            replied,
            show_progress="hidden",
            api_visibility="private",
            trigger_mode="multiple",
            concurrency_limit=AT_ONCE,
        )
        stop.submit(None, cancels=[answering], api_visibility="private")

    # Gradio's own line has an end as the turnstile's has.
    blocks.queue(max_size=engine.settings.waiting_answers + AT_ONCE)
    app = FastAPI(openapi_url=None)
    app.add_middleware(CORSMiddleware, allow_origins=[])
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        root_path=engine.settings.root_path or None,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=1,
        theme=gr.themes.Base(font=FONTS, font_mono=("ui-monospace", "monospace")),
    )
    return Chat(app, blocks, page)


def shell(engine: Engine) -> str:
    """The page around the conversation."""
    return render(
        "chat.html",
        collection=engine.collection(),
        documents=engine.heads(LISTED_DOCUMENTS),
        examples=examples(engine),
        max_question_chars=engine.settings.max_question_chars,
    )


def examples(engine: Engine) -> dict[Language, list[str]]:
    """Questions to begin with; written for the home collection, so shown only where it is what answers."""
    folder = shipped("index/documents")
    home = {document_id(path, folder) for path in folder.rglob("*") if path.suffix.lower() in READERS}
    if not home or not home <= engine.generation.manifest.documents.keys():
        return {}
    with (HERE / "examples.toml").open("rb") as file:
        return {Language(code): questions for code, questions in tomllib.load(file).items()}


def reply(engine: Engine, request: Any, gate: Gate | None = None) -> Iterator[Reply]:
    """Stream a turn: each value holds all parts so far, so that a lost update loses nothing; ``gate`` is waited at."""
    turn, asked = _read(request)
    if asked is None:
        yield _failure(turn, "unexpected")
        return
    limit, filters = engine.settings.max_question_chars, asked.filters.filters()
    shown: list[str] = []
    find = source_finder(engine)
    # The page gives up early on a server from which it hears nothing at all.
    yield {"turn": turn, "parts": [], "done": False}
    try:
        question, find = check_question(asked.question, limit), source_finder(engine)
        halt = Halt()
        steps = engine.stream(
            question, history=asked.history, filters=filters, language=asked.language, halt=halt
        )
        # A reader who stops the turn, or leaves, ends the model's work too.
        pulse = pulsed(steps, halt, BEAT_S)
        with closing(gate.through(pulse, BEAT_S) if gate else pulse) as told:
            for beat, step in enumerate(told):
                if isinstance(step, Answer):
                    shown = list(parts(step, engine, filters, find))
                elif isinstance(step, Sentence):
                    shown.append(sentence_part(step, find))
                elif step and step.question != question:
                    shown.append(understood_part(step.question))
                yield {"turn": turn, "parts": list(shown), "done": False, "beat": beat}
    except QuestionError:
        long = any(len(said) > limit for said in (asked.question, *asked.history))
        yield _failure(turn, "too_long", limit) if long else _failure(turn, "no_words")
    except TooManyError:
        yield _failure(turn, "busy")
    except Exception:
        log.exception("a question failed")
        yield _failure(turn, "unexpected")
    else:
        yield {"turn": turn, "parts": shown, "done": True}


def _read(request: Any) -> tuple[str, QuestionIn | None]:
    fields = dict(request) if isinstance(request, dict) else {}
    turn = str(fields.pop("turn", ""))[:64]
    try:
        return turn, QuestionIn.model_validate(fields)
    except ValidationError:
        return turn, None


def _failure(turn: str, reason: str, limit: int | None = None) -> Reply:
    return {"turn": turn, "parts": [render("failure.html", reason=reason, limit=limit)], "done": True}
