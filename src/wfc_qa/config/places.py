"""Where things stand: in a clone of the repository, or in what a wheel installed."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path

APP = "wfc-qa"
PACKAGE = Path(__file__).resolve().parents[1]
CHECKOUT = PACKAGE.parents[1]


def in_checkout() -> bool:
    """Whether this code runs from a clone of the repository rather than from a wheel."""
    return (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "index" / "documents").is_dir()


def shipped(name: str) -> Path:
    """A folder or file that travels with the code: the repository's own, or the wheel's copy."""
    return CHECKOUT / name if in_checkout() else PACKAGE / "_shipped" / name


def default_index_dir() -> Path:
    return CHECKOUT / "index" if in_checkout() else user_data_path(APP) / "index"
