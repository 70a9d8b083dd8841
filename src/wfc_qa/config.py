"""One typed Settings: defaults < ``wfc_qa.toml`` < ``WFC_QA_*`` environment < flags."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from .errors import ConfigError

APP = "wfc-qa"
TOML = "wfc_qa.toml"
PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parents[1]


def in_checkout() -> bool:
    """Whether this code runs from a clone of the repository rather than from a wheel."""
    return (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "index" / "documents").is_dir()


def shipped(name: str) -> Path:
    """A folder or file that travels with the code: the repository's own, or the wheel's copy."""
    return CHECKOUT / name if in_checkout() else PACKAGE / "_shipped" / name


def _index_dir() -> Path:
    return CHECKOUT / "index" if in_checkout() else user_data_path(APP) / "index"


class Settings(BaseSettings):
    """Every option of the product, with its meaning, unit and default; frozen once made."""

    model_config = SettingsConfigDict(
        env_prefix="WFC_QA_", toml_file=TOML, extra="forbid", frozen=True, validate_default=True
    )

    documents_dir: Annotated[Path, Field(description="folder of the documents to answer from")] = Field(
        default_factory=lambda: shipped("index/documents")
    )
    index_dir: Annotated[Path, Field(description="folder of the index generations")] = Field(
        default_factory=_index_dir
    )
    data_dir: Annotated[Path, Field(description="folder of what users leave: feedback")] = Field(
        default_factory=lambda: user_data_path(APP)
    )
    cache_dir: Annotated[Path, Field(description="folder of what can be made again: model, embeddings")] = (
        Field(default_factory=lambda: user_cache_path(APP))
    )
    prompts_dir: Annotated[Path, Field(description="folder of the prompt and message files")] = Field(
        default_factory=lambda: shipped("prompts")
    )
    calibration_file: Annotated[Path, Field(description="fitted weights and thresholds")] = Field(
        default_factory=lambda: shipped("eval/calibration.json")
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
    candidates: Annotated[
        int, Field(ge=10, le=5000, description="passages each first-stage search hands to the second stage")
    ] = 200
    hits: Annotated[int, Field(ge=1, le=100, description="passages kept with an answer")] = 10
    max_sentences: Annotated[int, Field(ge=1, le=10, description="sentences quoted in an answer")] = 3
    abstain_below: Annotated[
        float | None,
        Field(ge=0, le=1, description="confidence under which to decline; unset takes the fitted threshold"),
    ] = None
    max_question_chars: Annotated[
        int, Field(ge=1, le=20_000, description="longest question taken, in characters")
    ] = 2000

    host: Annotated[str, Field(description="address the server listens on")] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535, description="port the server listens on; 0 takes a free one")
    ] = 7860
    root_path: Annotated[
        str, Field(description="path prefix behind a reverse proxy, such as /qa", pattern=r"^(/[\w.~-]+)*$")
    ] = ""

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


def load_settings(**flags: Any) -> Settings:
    """Settings from every layer; flags that are ``None`` do not count. Raises ConfigError."""
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise ConfigError(
            f"setting {name}: {first['msg']}; mend it in {TOML}, WFC_QA_{name.upper()} or the flag"
        ) from None
    except ValueError as error:
        raise ConfigError(f"{TOML} cannot be read: {error}; mend or remove it") from None
