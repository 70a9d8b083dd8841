"""One typed Settings: defaults < ``wfc_qa.toml`` < ``WFC_QA_*`` environment < flags."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ..errors import ConfigError
from .core import TOML
from .running import RunningSettings


class Settings(RunningSettings):
    """Every option of the product, with its meaning, unit and default; frozen once made."""


def load_settings(**flags: Any) -> Settings:
    """Settings from every layer; flags that are ``None`` do not count. Raises ConfigError."""
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name, variable = ".".join(map(str, first["loc"])), f"WFC_QA_{str(first['loc'][0]).upper()}"
        raise ConfigError(
            f"setting {name}: {first['msg']}; mend it in {TOML}, {variable} or the flag"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{TOML} cannot be read: {error}; mend or remove it") from None


def describe_settings() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting; the same on every machine."""
    return [
        (name, _shown_default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def _shown_default(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict):
        return str(extra["default"])
    return "unset" if field.default is None else f"`{field.default}`" if field.default != "" else "empty"
