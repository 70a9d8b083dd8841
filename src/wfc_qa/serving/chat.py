"""The chat page: Gradio carries questions and answers, our own markup and script show them."""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from pydantic import ValidationError
from starlette.middleware.cors import CORSMiddleware

from ..config import shipped
from ..errors import QuestionError
from ..types import Language
from .render import HERE, render
from .view import parts
from .wire import QuestionIn

if TYPE_CHECKING:
    from ..engine import Engine

log = logging.getLogger(__name__)
HISTORY = 6
LISTED_DOCUMENTS = 200
FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")

Reply = dict[str, Any]
History = tuple[str, ...]


def build_chat(engine: Engine) -> FastAPI:
    """The chat as an app of its own, to be mounted at the root."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    def answer(request: Any, history: History) -> Iterator[tuple[Reply, History]]:
        yield from reply(engine, request, history)

    with gr.Blocks(title="wfc-qa", analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(shell(engine), apply_default_css=False, js_on_load=None)
        asked = gr.State(())
        request = gr.HTML(
            {},
            html_template="",
            js_on_load="window.wfcChat.connect((value) => { props.value = value; trigger('submit'); });",
        )
        replied = gr.HTML(
            {}, html_template="", js_on_load="watch('value', () => window.wfcChat.receive(props.value));"
        )
        request.submit(
            answer,
            [request, asked],
            [replied, asked],
            show_progress="hidden",
            api_visibility="private",
            concurrency_limit=8,
        )

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
    return app


def shell(engine: Engine) -> str:
    """The page around the conversation."""
    documents = engine.documents()
    return render(
        "chat.html",
        collection=engine.collection(),
        documents=documents[:LISTED_DOCUMENTS],
        examples=examples(engine),
        max_question_chars=engine.settings.max_question_chars,
    )


def examples(engine: Engine) -> dict[Language, list[str]]:
    """Questions to begin with; written for the home collection, so shown for no other."""
    if engine.settings.documents_dir.resolve() != shipped("index/documents").resolve():
        return {}
    with (HERE / "examples.toml").open("rb") as file:
        return {Language(code): questions for code, questions in tomllib.load(file).items()}


def reply(engine: Engine, request: Any, history: History) -> Iterator[tuple[Reply, History]]:
    """Stream a turn: each value holds all parts so far, so that a lost update loses nothing."""
    turn, fresh, question = _read(request)
    history = () if fresh else history
    if question is None:
        yield _failure(turn, "unexpected"), history
        return
    try:
        answer = engine.ask(
            question.question, history=history, filters=question.filters.filters(), language=question.language
        )
        shown: list[str] = []
        for part in parts(answer, engine):
            shown.append(part)
            yield {"turn": turn, "parts": list(shown), "done": False}, history
    except QuestionError:
        too_long = len(question.question) > engine.settings.max_question_chars
        yield _failure(turn, "too_long" if too_long else "no_words", engine), history
        return
    except Exception:
        log.exception("a question failed")
        yield _failure(turn, "unexpected"), history
        return
    yield {"turn": turn, "parts": shown, "done": True}, (*history, answer.understood)[-HISTORY:]


def _read(request: Any) -> tuple[str, bool, QuestionIn | None]:
    fields = dict(request) if isinstance(request, dict) else {}
    turn = str(fields.pop("turn", ""))[:64]
    fresh = bool(fields.pop("fresh", False))
    try:
        return turn, fresh, QuestionIn.model_validate(fields)
    except ValidationError:
        return turn, fresh, None


def _failure(turn: str, reason: str, engine: Engine | None = None) -> Reply:
    limit = engine.settings.max_question_chars if engine and reason == "too_long" else None
    return {"turn": turn, "parts": [render("failure.html", reason=reason, limit=limit)], "done": True}
