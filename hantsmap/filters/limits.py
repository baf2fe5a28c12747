"""How much a filter may ask for, and how a refusal is said.

The limits hold before any work that grows with them: a filter comes from anybody, and a worker serves everybody.
"""

from __future__ import annotations

from hantsmap.errors import QueryError

PARAMETER = "filter"
MAX_TEXT = 200_000  # characters; about 9,000 vertices of WKT with seven decimals
MAX_DEPTH = 100  # levels of parentheses, functions and NOT
MAX_CONDITIONS = 500  # comparisons and other conditions in one filter
MAX_LIST = 10_000  # values of one IN list or array
MAX_PATTERN = 1_000  # characters of one LIKE pattern
MAX_VERTICES = 100_000  # of all literal geometries of one filter, after their edges are cut into pieces


def refusal(sentence: str) -> QueryError:
    """A QueryError about the filter."""
    return QueryError(sentence, PARAMETER)


def shown(text: str) -> str:
    """Somebody else's text, fit for a sentence: printable, and not longer than 60 characters."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text[:60])
    return kept + ("…" if len(text) > 60 else "")


NOT_TEXT = "The filter is not valid Unicode text: it has half of a surrogate pair. Write each character whole."
TOO_DEEP = f"The filter is nested more than {MAX_DEPTH} levels deep. Write it flatter."
TOO_LONG = f"The filter is longer than {MAX_TEXT:,} characters. Ask for less at once."
TOO_MANY = f"The filter has more than {MAX_CONDITIONS} conditions. Use IN for a list of values."
