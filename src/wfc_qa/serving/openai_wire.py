"""What goes in and out of the OpenAI-compatible chat; ``wfc_qa`` holds what OpenAI has no word for."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ..types import Language
from .wire import AnswerOut, FiltersIn, Wire

MODEL = "wfc-qa"


class Lenient(BaseModel):
    """Passes by what it does not know: clients send more than anyone reads."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class PartIn(Lenient):
    type: str
    text: str = ""


class MessageIn(Lenient):
    """Only a user's messages are read."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | tuple[PartIn, ...] | None = None

    @model_validator(mode="after")
    def _is_text(self) -> Self:
        if self.role == "user" and not isinstance(self.content, str):
            other = [part.type for part in self.content or () if part.type != "text"]
            if other or self.content is None:
                raise PydanticCustomError(
                    "content", "a user's message must be text, not {kind}", {"kind": (*other, "null")[0]}
                )
        return self

    @property
    def text(self) -> str:
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "\n".join(part.text for part in self.content)


class StreamOptionsIn(Lenient):
    include_usage: bool = False


class WishesIn(Wire):
    """Our own part of a request: the language to answer in, and which documents may answer."""

    language: Language | None = None
    filters: FiltersIn = FiltersIn()


class CompletionIn(Lenient):
    """Sampling and length parameters are taken and change nothing: an answer is what the paragraphs prove."""

    model: str
    messages: tuple[MessageIn, ...]
    stream: bool | None = None
    stream_options: StreamOptionsIn | None = None
    n: int | None = None
    tools: tuple[Any, ...] | None = None
    functions: tuple[Any, ...] | None = None
    response_format: PartIn | None = None
    logprobs: bool | None = None
    modalities: tuple[str, ...] | None = None
    wfc_qa: WishesIn = WishesIn()

    @field_validator("messages")
    @classmethod
    def _asks(cls, messages: tuple[MessageIn, ...]) -> tuple[MessageIn, ...]:
        if not any(message.role == "user" for message in messages):
            raise PydanticCustomError("messages", "no message is a user's; the last of those is the question")
        return messages

    @field_validator("n")
    @classmethod
    def _once(cls, n: int | None) -> int | None:
        if n not in {None, 1}:
            raise PydanticCustomError("n", "a question has one answer; leave out n or set it to 1")
        return n

    @field_validator("tools", "functions")
    @classmethod
    def _no_tools(cls, tools: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
        if tools:
            raise PydanticCustomError("tools", "this model calls no tools; leave them out")
        return tools

    @field_validator("response_format")
    @classmethod
    def _text(cls, wanted: PartIn | None) -> PartIn | None:
        if wanted and wanted.type != "text":
            raise PydanticCustomError(
                "format", "answers are text; leave this out and read message.wfc_qa for the answer as JSON"
            )
        return wanted

    @field_validator("logprobs")
    @classmethod
    def _no_logprobs(cls, wanted: bool | None) -> bool | None:
        if wanted:
            raise PydanticCustomError("logprobs", "answers have no token probabilities; leave this out")
        return wanted

    @field_validator("modalities")
    @classmethod
    def _only_text(cls, wanted: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if wanted and set(wanted) != {"text"}:
            raise PydanticCustomError("modalities", "answers are text; leave this out")
        return wanted

    @property
    def said(self) -> tuple[str, ...]:
        """What the user said, oldest first; the last is the question."""
        return tuple(message.text for message in self.messages if message.role == "user")


class UrlCitationOut(Wire):
    """Where a marker such as ``[1]`` stands in the text; code points, half-open."""

    start_index: int
    end_index: int
    title: str
    url: str


class AnnotationOut(Wire):
    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitationOut


class MessageOut(Wire):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: tuple[AnnotationOut, ...]
    wfc_qa: AnswerOut


class ChoiceOut(Wire):
    index: Literal[0] = 0
    message: MessageOut
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class UsageOut(Wire):
    """Words, Chinese characters and signs: of the user's messages that were read, and of the answer's text."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionOut(Wire):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    system_fingerprint: str
    choices: tuple[ChoiceOut, ...]
    usage: UsageOut


class DeltaOut(Wire):
    """What a chunk adds; the rest is left out."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    annotations: tuple[AnnotationOut, ...] | None = None
    wfc_qa: AnswerOut | None = None

    @model_serializer(mode="wrap")
    def _added(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in serialize(self).items() if value is not None}


class ChunkChoiceOut(Wire):
    index: Literal[0] = 0
    delta: DeltaOut
    logprobs: None = None
    finish_reason: Literal["stop"] | None = None


class ChunkOut(Wire):
    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str = MODEL
    system_fingerprint: str
    choices: tuple[ChunkChoiceOut, ...]
    usage: UsageOut | None = None


class ModelOut(Wire):
    id: str = MODEL
    object: Literal["model"] = "model"
    created: int
    owned_by: str = MODEL


class ModelsOut(Wire):
    object: Literal["list"] = "list"
    data: tuple[ModelOut, ...]


class FailureOut(Wire):
    message: str
    type: str
    param: str | None
    code: str | None


class FailureBodyOut(Wire):
    error: FailureOut
