"""Text without case and without accents (OGC 21-065, requirements classes Case-insensitive and
Accent-insensitive Comparison), and LIKE (Advanced Comparison Operators)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hantsmap.filters.limits import MAX_PATTERN, refusal

WILD = {"%": ".*", "_": "."}


def folded(text: Any, function: str) -> Any:
    """`casei` (Unicode case folding) or `accenti` (without combining marks) of a pyarrow array or chunked array.

    A dictionary-encoded array stays one: only its words are folded.
    """
    if isinstance(text, pa.ChunkedArray):
        return pa.chunked_array([folded(chunk, function) for chunk in text.chunks], text.type)
    if isinstance(text, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(text.indices, folded(text.dictionary, function))
    plain = pc.ascii_lower(text) if function == "casei" else text
    foreign = pc.invert(pc.string_is_ascii(text)).fill_null(False)
    if not pc.any(foreign).as_py():
        return plain
    # Few texts are not ASCII, and fewer are distinct: Python folds each of those once, exactly.
    words = text.filter(foreign).dictionary_encode()
    exact = (_cased if function == "casei" else _bare)(words.dictionary)
    return pc.replace_with_mask(plain, foreign, exact.cast(text.type).take(words.indices))


def folded_literal(text: str, function: str) -> str:
    """As folded, of one text."""
    return str(folded(pa.array([text], pa.string()), function)[0].as_py())


def _cased(words: Any) -> Any:
    return pa.array([word.casefold() for word in words.to_pylist()], pa.string())


def _bare(words: Any) -> Any:
    marks = pc.replace_substring_regex(pc.utf8_normalize(words, "NFD"), r"\p{Mn}", "")
    return pc.utf8_normalize(marks, "NFC")


def like(pattern: str) -> Callable[[Any], Any]:
    """The test of a LIKE pattern: a pyarrow text array to a boolean array.

    `%` is any text, `_` any one character, and a backslash makes the next character itself. The shapes that people
    write (`abc%`, `%abc`, `%abc%`) need no regular expression; the rest is one that RE2 runs in linear time.
    Raises QueryError for a pattern that is too long.
    """
    if len(pattern) > MAX_PATTERN:
        raise refusal(f"The LIKE pattern is longer than {MAX_PATTERN:,} characters.")
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    first, last = parts[:1] == ["%"], parts[-1:] == ["%"]
    inner = parts[first : len(parts) - last]
    if "%" in inner or "_" in inner:
        expression = "".join(_expression(part) for part in parts)
        return lambda column: pc.match_substring_regex(column, rf"(?s)\A{expression}\z")
    text = "".join(part[-1] for part in inner)
    if first and (last or not inner):
        return lambda column: pc.match_substring(column, text)
    if first:
        return lambda column: pc.ends_with(column, text)
    return (lambda column: pc.starts_with(column, text)) if last else (lambda column: pc.equal(column, text))


def _expression(part: str) -> str:
    if part in WILD:
        return WILD[part]
    return re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", part[-1])
