"""CQL2 text as tokens (OGC 21-065, annex B): one linear pass, whatever the text.

A WKT literal is one token: its brackets are matched here, and GEOS reads what is inside them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from hantsmap.filters.limits import MAX_DEPTH, TOO_DEEP, refusal, shown

# Possessive (`*+`): an unclosed quotation mark fails at once instead of being tried at every length.
WRITTEN = r"""(?P<space>\s+)
      | '(?P<text>(?:[^']|'')*+)'
      | "(?P<quoted>(?:[^"]|"")*+)"
      | (?P<number>(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?)
      | (?P<name>[^\W\d][\w.:]*+)
      | (?P<sign><>|!=|<=|>=|[=<>+\-*/%^(),])"""
TOKEN = re.compile(WRITTEN, re.VERBOSE)
# With the standard's second way to write a quotation mark (OGC 21-065r2, annex B: escapeQuote).
BACKSLASHED = re.compile(WRITTEN.replace("(?:[^']|'')", r"(?:\\'|[^']|'')"), re.VERBOSE)
ESCAPED = re.compile(r"\\'|''")
SHAPE = re.compile(
    r"(?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)"
    r"\s*(?:ZM|Z|M)?\s*(?:(?P<open>\()|EMPTY\b)",
    re.IGNORECASE,
)
BRACKET = re.compile(r"[()]")


class Token(NamedTuple):
    """`kind` is text, quoted, number, name, sign, shape or end; `start` counts characters from 0."""

    kind: str
    text: str
    start: int

    @property
    def word(self) -> str:
        """The sign or the unquoted name in lower case, for keywords; empty for anything else."""
        return self.text.lower() if self.kind in ("sign", "name") else ""


def tokens(text: str, *, backslash: bool = False) -> list[Token]:
    """All tokens of a filter, with an `end` at the end. With `backslash`, `\\'` in a text is a quotation mark.

    Raises QueryError at the first character that belongs to none.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        shape = SHAPE.match(text, at)
        if shape:
            end = _closing(text, shape.start("open")) if shape["open"] else shape.end()
            found.append(Token("shape", text[at:end], at))
            at = end
            continue
        match = (BACKSLASHED if backslash else TOKEN).match(text, at)
        if not match:
            raise refusal(f"The filter cannot be read at character {at + 1}: `{shown(text[at:])}`.")
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Token(kind, _unquoted(kind, match[kind], backslash), at))
        at = match.end()
    return [*found, Token("end", "", len(text))]


def _unquoted(kind: str, text: str, backslash: bool) -> str:
    mark = {"text": "'", "quoted": '"'}.get(kind)
    if backslash and kind == "text":
        return ESCAPED.sub("'", text)
    return text.replace(mark * 2, mark) if mark else text


def _closing(text: str, opening: int) -> int:
    """Position after the bracket that closes the one at `opening`."""
    depth = 0
    for bracket in BRACKET.finditer(text, opening):
        depth += 1 if bracket[0] == "(" else -1
        if depth > MAX_DEPTH:
            raise refusal(TOO_DEEP)
        if depth == 0:
            return bracket.end()
    raise refusal(f"The bracket at character {opening + 1} of the filter is never closed.")
