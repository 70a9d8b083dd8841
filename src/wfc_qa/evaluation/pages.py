"""Pages as files: templates that escape, data that no markup leaves, writes that are whole or not at all."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StorageError

if TYPE_CHECKING:
    from markupsafe import Markup

# Within a script element, HTML ends it at "</script" and JavaScript once took U+2028 for a line's end.
ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def render(template: str, **values: Any) -> str:
    """A page of ``templates/``; every value is escaped unless it is Markup."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("wfc_qa.evaluation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**values)


def markup(trusted: str) -> Markup:
    """``trusted`` as it stands: only for what this package made itself."""
    from markupsafe import Markup

    return Markup(trusted)  # noqa: S704


def island(data: Any) -> Markup:
    """``data`` as JSON to stand within a script element, whatever its strings hold."""
    return markup(to_json(data).translate(ESCAPES))


def to_json(data: Any, indent: int | None = None) -> str:
    """Raises ValueError on a number that JSON does not know."""
    separators = (",", ":") if indent is None else None
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)


def write_whole(path: Path, text: str) -> Path:
    """Write beside ``path``, then rename onto it. Raises StorageError."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A lone surrogate of a hostile file is no reason to lose the report.
        partial.write_bytes(text.encode("utf-8", "replace"))
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}; free space or give another folder"
        ) from error
    return path
