"""The settings, and where what ships with the code stands."""

from .core import LLM_KEY, TOML, llm_key
from .places import APP, CHECKOUT, PACKAGE, in_checkout, shipped
from .server import SECRET
from .settings import Settings, describe_settings, load_settings
from .sites import Site

__all__ = [
    "APP", "CHECKOUT", "LLM_KEY", "PACKAGE", "SECRET", "TOML", "Settings", "Site", "describe_settings",
    "in_checkout", "llm_key", "load_settings", "shipped",
]  # fmt: skip
