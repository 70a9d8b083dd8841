"""The command `wfc-qa`."""

from .main import app, main

__all__ = ["app", "main"]
