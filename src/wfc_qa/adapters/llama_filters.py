"""llama-index's metadata filters as ours, where ours can say as much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
)

from ..errors import QuestionError
from ..types import Filters, Language

__all__ = ["MetadataFilters", "read_filters"]

DAY = timedelta(days=1)
KNOWN = "use doc_id (==, in), language (==) and published (==, >, >=, <, <=), joined by AND"


def read_filters(given: MetadataFilters | None) -> Filters:
    """Raises QuestionError for what cannot be expressed, or can never hold."""
    filters = Filters()
    for leaf in _leaves(given) if given else ():
        filters = _narrow(filters, leaf)
    first, last = filters.published_from, filters.published_to
    if first and last and first > last:
        raise QuestionError(f"no document is published from {first} to {last}; correct one of the filters")
    return filters


def _leaves(given: MetadataFilters) -> Iterator[MetadataFilter]:
    alone = len(given.filters) == 1 and given.condition is not FilterCondition.NOT
    if not alone and given.condition is not FilterCondition.AND:
        raise QuestionError(f"filters joined by {given.condition.value.upper()} cannot be expressed; {KNOWN}")
    for one in given.filters:
        if isinstance(one, MetadataFilters):
            yield from _leaves(one)
        else:
            yield one


def _narrow(filters: Filters, leaf: MetadataFilter) -> Filters:
    try:
        if leaf.key == "doc_id" and leaf.operator in {FilterOperator.EQ, FilterOperator.IN}:
            wanted = [leaf.value] if leaf.operator is FilterOperator.EQ else list(leaf.value)
            kept = tuple(str(name) for name in wanted if not filters.doc_ids or name in filters.doc_ids)
            if not kept:
                raise QuestionError("the filters on doc_id leave no document; correct one of them")
            return replace(filters, doc_ids=kept)
        if leaf.key == "language" and leaf.operator is FilterOperator.EQ:
            language = Language(leaf.value)
            if filters.language not in {None, language}:
                raise QuestionError("no document is in two languages; correct one of the filters")
            return replace(filters, language=language)
        if leaf.key == "published":
            return _bound(filters, leaf.operator, date.fromisoformat(leaf.value))
    except (ValueError, TypeError, OverflowError):
        pass
    said = f"{leaf.key} {leaf.operator.value} {leaf.value!r}"
    raise QuestionError(f"filter {said} cannot be expressed; {KNOWN}")


def _bound(filters: Filters, operator: FilterOperator, day: date) -> Filters:
    first, last = {
        FilterOperator.EQ: (day, day),
        FilterOperator.GTE: (day, None),
        FilterOperator.GT: (day + DAY, None),
        FilterOperator.LTE: (None, day),
        FilterOperator.LT: (None, day - DAY),
    }.get(operator, (None, None))
    if first is last is None:
        raise ValueError(operator)
    return replace(
        filters,
        published_from=max(filter(None, (first, filters.published_from)), default=None),
        published_to=min(filter(None, (last, filters.published_to)), default=None),
    )
