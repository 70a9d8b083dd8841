"""The secret that signs tickets and sessions: from the environment, else made once and kept."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from ...config import SECRET
from ...errors import ConfigError, StorageError

FILE = "secret"
LEAST_CHARS = 32


def load_secret(data_dir: Path) -> str:
    """Raises ConfigError for one that is short or readable by others, StorageError."""
    told = os.environ.get(SECRET, "").strip()
    if told:
        if len(told) < LEAST_CHARS:
            raise ConfigError(f"{SECRET} is shorter than {LEAST_CHARS} characters; set a longer, random one")
        return told
    path = data_dir / FILE
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as error:
        raise StorageError(
            f"the signing secret {path} cannot be kept or read: {error.strerror}; mend that, or set {SECRET}"
        ) from None


def _make(path: Path) -> None:
    """Written whole beside its place and then put there; of two processes the second takes the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{FILE}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            # Other than a rename, a link never replaces what is there.
            os.link(draft, path)
    finally:
        draft.unlink()


def _read(path: Path) -> str:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise ConfigError(
            f"{path} can be read by others; run `chmod 600 {path}`, or remove it to have a new one"
        )
    secret = path.read_text("utf-8").strip()
    if len(secret) < LEAST_CHARS:
        raise ConfigError(f"{path} holds no secret; remove it, and a new one is made")
    return secret
