"""CQL2 filters (OGC 21-065) over the columns of one collection.

A filter is a tree. `parse` reads and types it completely, so that a filter that is wrong is refused before any row is
read; `Filter.matches` asks each node for its truth, column by column.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from hantsmap import deadline
from hantsmap.crs import Crs
from hantsmap.errors import QueryError
from hantsmap.filters.columns import Bools, Columns
from hantsmap.filters.conditions import Condition
from hantsmap.filters.grammar import tree_of
from hantsmap.filters.limits import MAX_DEPTH, MAX_TEXT, NOT_TEXT, TOO_DEEP, TOO_LONG, refusal, shown
from hantsmap.filters.operations import CONFORMANCE, FUNCTIONS, READERS
from hantsmap.filters.reading import Reader

__all__ = ["CONFORMANCE", "FUNCTIONS", "LANGUAGES", "Columns", "Filter", "parse"]

LANGUAGES = ("cql2-text", "cql-text", "cql2-json")
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Filter:
    """A checked filter, for columns that have the fields it was checked against."""

    condition: Condition

    def matches(self, columns: Columns) -> Bools:
        """Which features (n,) match: those of which the filter is surely true. A null matches nothing, nor its NOT."""
        deadline.check()
        return self.condition.truth(columns, None).yes


def parse(text: str, lang: str, filter_crs: Crs, columns: Columns) -> Filter:
    """A filter in `cql2-text`, `cql-text` (its older name) or `cql2-json`, checked against the fields of `columns`.

    Coordinates of literal geometries are in `filter_crs`, in its axis order. Raises QueryError, with the parameter
    that is at fault and a sentence for the person who wrote it.
    """
    if lang not in LANGUAGES:
        choice = ", ".join(LANGUAGES)
        raise QueryError(f"filter-lang `{shown(lang)}` is not known here. Choose one of {choice}.", "filter-lang")
    if len(text) > MAX_TEXT:
        raise refusal(TOO_LONG)
    if not text.strip():
        raise refusal("The filter is empty. Leave the parameter out to ask for everything.")
    try:
        text.encode()
        tree = _json(text) if lang == "cql2-json" else tree_of(text)
        return Filter(Reader(columns, filter_crs, READERS).condition(tree))
    except RecursionError:
        raise refusal(TOO_DEEP) from None
    except UnicodeEncodeError:
        raise refusal(NOT_TEXT) from None


def _json(text: str) -> Any:
    """The tree of CQL2 JSON. A level of a filter takes an object and a list, so twice the depth of text is allowed."""
    marks = (1 if mark in "{[" else -1 for mark in re.findall(r"[{}\[\]]", STRING.sub("", text)))
    if max(accumulate(marks), default=0) > 2 * MAX_DEPTH:
        raise refusal(TOO_DEEP)
    try:
        tree = json.loads(text, parse_constant=_not_a_number)
    except ValueError as fault:
        raise refusal(f"The filter is not JSON: {shown(str(fault))}.") from None
    if SURROGATE.search(text):
        # JSON can write half of a surrogate pair, in a value or in a name; no text of ours can hold it.
        json.dumps(tree, ensure_ascii=False).encode()
    return tree


def _not_a_number(name: str) -> Any:
    raise refusal(f"{name} is not a number that JSON has.")
