"""The widget as portals embed it: loader, panel, tickets and sessions."""

from .routes import router

__all__ = ["router"]
