"""How whoever asked ends an answer that another thread is at work on."""

from ..steps import Halt

__all__ = ["Halt"]
