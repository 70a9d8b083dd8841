"""The settings of reading, finding and answering."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ..errors import ConfigError
from .places import APP, default_index_dir, shipped

TOML = "wfc_qa.toml"
LLM_KEY = "WFC_QA_LLM_API_KEY"


def _place(make: Callable[[], Path], meaning: str, default: str) -> Any:
    """A folder or file whose default differs by machine and is told in words."""
    return Field(default_factory=make, description=meaning, json_schema_extra={"default": default})


class CoreSettings(BaseSettings):
    """What a question passes on its way; frozen once made."""

    model_config = SettingsConfigDict(
        env_prefix="WFC_QA_", toml_file=TOML, extra="forbid", frozen=True, validate_default=True
    )

    documents_dir: Path = _place(
        lambda: shipped("index/documents"), "folder of the documents to answer from", "the home collection"
    )
    index_dir: Path = _place(
        default_index_dir,
        "folder of the index generations",
        "`index` in the checkout, else in the user's data folder",
    )
    data_dir: Path = _place(
        lambda: user_data_path(APP),
        "folder of what is kept: feedback, API keys, the signing secret",
        "the user's data folder",
    )
    cache_dir: Path = _place(
        lambda: user_cache_path(APP),
        "folder of what can be made again: model, dictionary, embeddings",
        "the user's cache folder",
    )
    prompts_dir: Path = _place(
        lambda: shipped("prompts"),
        "folder of the prompt and message files",
        "the files that come with wfc-qa",
    )
    calibration_file: Path = _place(
        lambda: shipped("eval/calibration.json"),
        "fitted weights and thresholds",
        "the file that comes with wfc-qa",
    )

    model: Annotated[
        str,
        Field(
            description="embedding model: 'bundled', a sentence-transformers folder, or a hub name",
            min_length=1,
        ),
    ] = "bundled"
    embedding_engine: Annotated[
        Literal["auto", "onnx", "sentence-transformers"],
        Field(description="what runs the model; 'auto' takes onnx for the bundled model"),
    ] = "auto"
    threads: Annotated[int, Field(ge=0, le=256, description="compute threads; 0 takes every core")] = 0

    vector_index: Annotated[
        Literal["auto", "flat", "hnsw"],
        Field(description="FAISS index; 'auto' is exact up to 50,000 passages, then HNSW"),
    ] = "auto"
    centring: Annotated[
        bool,
        Field(description="whether vectors lose their language's mean, so that meaning outweighs language"),
    ] = True
    candidates: Annotated[
        int, Field(ge=10, le=5000, description="passages each first-stage search hands to the second stage")
    ] = 200
    hits: Annotated[int, Field(ge=1, le=100, description="passages kept with an answer")] = 10
    max_sentences: Annotated[
        int,
        Field(
            ge=1,
            le=10,
            description="sentences quoted for a list; a comparison quotes one for each part, a dispute comes on top",
        ),
    ] = 5
    target_risk: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="answer where at most this share of answers was wrong on the fitting questions",
        ),
    ] = 0.01
    abstain_below: Annotated[
        float | None,
        Field(
            ge=0, le=1, description="confidence under which to decline; unset takes what target_risk asks for"
        ),
    ] = None
    max_question_chars: Annotated[
        int, Field(ge=1, le=20_000, description="longest question taken, in characters")
    ] = 2000

    llm: Annotated[
        Literal["none", "openai-like", "ollama", "local"],
        Field(
            description="language model that words answers; 'none' only quotes, 'openai-like' takes its key, if "
            f"it needs one, from {LLM_KEY} and nowhere else"
        ),
    ] = "none"
    llm_model: Annotated[
        str, Field(description="name of the language model; for 'local' the path of its GGUF file")
    ] = ""
    llm_base_url: Annotated[
        str,
        Field(
            description="where the language model answers, such as https://example.com/v1; "
            "empty takes Ollama's own http://127.0.0.1:11434"
        ),
    ] = ""
    llm_timeout_s: Annotated[
        float,
        Field(gt=0, le=3600, description="seconds the language model has for an answer, retries included"),
    ] = 60
    llm_stall_s: Annotated[
        float,
        Field(gt=0, le=3600, description="seconds of silence that end an answer once its first word came"),
    ] = 20
    llm_retries: Annotated[
        int,
        Field(ge=0, le=10, description="tries after the first when a busy or dead endpoint gave no word yet"),
    ] = 2
    llm_max_tokens: Annotated[
        int, Field(ge=1, le=100_000, description="tokens the language model may spend on an answer")
    ] = 512
    llm_context_tokens: Annotated[
        int,
        Field(
            ge=512,
            le=10_000_000,
            description="tokens of prompt and answer together; 'local' and 'ollama' reserve as many",
        ),
    ] = 8192

    @field_validator(
        "documents_dir", "index_dir", "data_dir", "cache_dir", "prompts_dir", "calibration_file", mode="after"
    )
    @classmethod
    def _expand_home(cls, path: Path) -> Path:
        return path.expanduser()

    @model_validator(mode="before")
    @classmethod
    def _keep_the_key_out(cls, given: Any) -> Any:
        if isinstance(given, dict) and "llm_api_key" in given:
            raise ConfigError(
                f"a key does not belong in {TOML}; remove llm_api_key there and set {LLM_KEY} in the environment"
            )
        return given

    @model_validator(mode="after")
    def _llm_is_told_whole(self) -> Self:
        if self.llm != "none" and not self.llm_model.strip():
            what = "the path of its GGUF file" if self.llm == "local" else "the model's name"
            raise ConfigError(f"llm = {self.llm!r} needs llm_model; set it to {what}")
        if self.llm == "openai-like" and not self.llm_base_url:
            raise ConfigError(
                "llm = 'openai-like' needs llm_base_url; set it, such as https://example.com/v1"
            )
        if self.llm_base_url and not _is_plain_url(self.llm_base_url):
            raise ConfigError(
                f"llm_base_url is not http(s)://host[:port][/path]; mend it, and set any key as {LLM_KEY}"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def llm_key() -> SecretStr | None:
    """The language model's key, which only the environment holds: no file, no flag, no receipt."""
    key = os.environ.get(LLM_KEY, "").strip()
    return SecretStr(key) if key else None


def _is_plain_url(url: str) -> bool:
    """An address without user, password, query or fragment, where a key could hide."""
    try:
        parts = urlsplit(url)
        told = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return told and parts.scheme in {"http", "https"} and not any(c in url for c in "@?# \t\n")
