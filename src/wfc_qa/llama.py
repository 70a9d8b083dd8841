"""wfc-qa for llama-index users: ``open_query_engine()`` and ``open_retriever()``."""

from __future__ import annotations

from .adapters.llama_filters import MetadataFilters
from .adapters.llama_queries import WfcQueryEngine, WfcRetriever
from .config import Settings, load_settings
from .engine import open_engine
from .types import Language

__all__ = ["WfcQueryEngine", "WfcRetriever", "open_query_engine", "open_retriever"]


def open_query_engine(
    settings: Settings | None = None,
    *,
    filters: MetadataFilters | None = None,
    language: Language | None = None,
    streaming: bool = False,
) -> WfcQueryEngine:
    """Answers from the index that ``settings`` name, by default those of ``wfc_qa.toml`` and the environment;
    ``language`` is the one to answer in, by default each question's own. Raises WfcError."""
    return WfcQueryEngine(open_engine(settings or load_settings()), filters, language, streaming)


def open_retriever(
    settings: Settings | None = None, *, k: int = 10, filters: MetadataFilters | None = None
) -> WfcRetriever:
    """The ``k`` (1 to 20) best passages of the same index. Raises WfcError."""
    return WfcRetriever(open_engine(settings or load_settings()), k, filters)
