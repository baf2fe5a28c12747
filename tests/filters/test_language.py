"""The two encodings, what real clients send, what attackers send, and what is refused."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import cql2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hantsmap.crs import CRS84
from hantsmap.errors import QueryError
from hantsmap.filters import CONFORMANCE, FUNCTIONS, parse
from hantsmap.filters.grammar import tree_of
from hantsmap.layer import FieldType

Ask = Callable[..., list[int]]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("(NOT ((status = 'BOAT')))", [2, 4, 6, 7]),
        ("(name = 'O''Neill')", [3]),
        ("(\"name\" = 'O''Neill')", [3]),
        ("(CASEI(name) LIKE CASEI('abb%'))", [1, 2]),
        ("(name ILIKE 'abb%')", [1, 2]),
        ("(NOT (name ILIKE 'abb%'))", [3, 4, 5, 7]),
        ("name not ilike 'abb%' and id < 4", [3]),
        ("(built = DATE('2020-01-01'))", [2, 7]),
        ("(seen >= TIMESTAMP('2020-01-01T00:00:00.000Z'))", [1, 2, 6, 7]),
        ("S_INTERSECTS(geometry,BBOX(-1.41,50.90,-1.40,50.91))", [1, 2, 6, 7]),
        ("((status = 'BOAT') AND (height > 1)) OR (id IN (2,3))", [1, 2, 3, 5]),
        ("(storeys IS NULL)", [5]),
        ("(storeys IS NOT NULL) AND (id <= 2)", [1, 2]),
        ("NOT(listed)", [2, 5]),
        ("status='BOAT'AND id<2", [1]),
        ("name = 'it says ILIKE ''x'''", []),
    ],
)
@pytest.mark.parametrize("lang", ["cql2-text", "cql-text"])
def test_clients(ask: Ask, text: str, ids: list[int], lang: str) -> None:
    """What QGIS and GDAL send is understood, under both names of the language."""
    assert ask(text, lang) == ids


@pytest.mark.parametrize(
    ("tree", "ids"),
    [
        ({"op": "=", "args": [{"property": "status"}, "BOAT"]}, [1, 5]),
        ({"op": "=", "args": [{"property": "storeys"}, 2**53 + 1]}, [6]),
        ({"op": "isNull", "args": [{"property": "status"}]}, [3]),
        ({"op": "in", "args": [{"property": "id"}, [1, 2]]}, [1, 2]),
        ({"op": "between", "args": [{"property": "id"}, 2, 3]}, [2, 3]),
        ({"op": "t_after", "args": [{"property": "built"}, {"date": "2020-01-01"}]}, [3, 6]),
        ({"op": "t_metBy", "args": [{"property": "built"}, {"interval": ["..", "2021-01-01"]}]}, [6]),
        ({"op": "a_containedBy", "args": [{"property": "uses"}, ["a", "b"]]}, [1, 2, 3, 5]),
        ({"op": "like", "args": [{"op": "casei", "args": [{"property": "name"}]}, "abb%"]}, [1, 2]),
        (
            {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [-1.41, 50.9, -1.4, 50.91]}]},
            [1, 2, 6, 7],
        ),
        ({"property": "listed"}, [1, 4, 7]),
        (True, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_json(ask: Ask, tree: Any, ids: list[int]) -> None:
    """The JSON encoding says the same things, with integers exact."""
    assert ask(json.dumps(tree), "cql2-json") == ids


@pytest.mark.parametrize(
    "text",
    [
        "x' OR '1'='1",
        "x'' OR ''1''=''1",
        "\\' OR 1=1 --",
        "%",
        "_",
        "\\",
        "a\x00b",
        "\x00",
        "\x1b[31m",
        "*)(uid=*",
        "'; DROP TABLE ways; --",
        "${jndi:ldap://x}",
        "__import__('os')",
        "\u202e\ufeff",
        '"',
    ],
)
def test_injection(make: Callable[..., Any], text: str) -> None:
    """Whatever stands between quotation marks is text: it equals itself and nothing else, in both encodings."""
    table = make({"name": FieldType.STRING}, [("Abbey",), (text,), ("",), ("'",)])
    quoted = "'" + text.replace("'", "''") + "'"
    tree = json.dumps({"op": "=", "args": [{"property": "name"}, text]})
    for lang, written in (("cql2-text", f"name = {quoted}"), ("cql2-json", tree)):
        assert list(parse(written, lang, CRS84, table).matches(table)) == [False, True, False, False]
    pattern = quoted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    assert list(parse(f"name LIKE {pattern}", "cql2-text", CRS84, table).matches(table)) == [False, True, False, False]


@settings(deadline=None)
@given(st.text(max_size=20), st.text(alphabet="ab%_\\é\n", max_size=8))
def test_any_text_is_only_text(make: Callable[..., Any], text: str, pattern: str) -> None:
    """No text in quotation marks can break a filter, as value or as pattern."""
    text = text.encode("utf-8", "ignore").decode()
    table = make({"name": FieldType.STRING}, [(text,), ("abé\n%_\\",)])
    quoted = text.replace("'", "''")
    assert parse(f"name = '{quoted}'", "cql2-text", CRS84, table).matches(table)[0]
    parse(f"name LIKE '{quoted}' OR name LIKE '{pattern}'", "cql2-text", CRS84, table).matches(table)


@settings(deadline=None)
@given(st.text(alphabet="()'\"anot=1,.- <%/*é\x00[]{}:", max_size=40), st.sampled_from(["cql2-text", "cql2-json"]))
def test_any_filter_is_answered_or_refused(make: Callable[..., Any], text: str, lang: str) -> None:
    """Nothing that can be sent raises anything but QueryError."""
    table = make({"a": FieldType.INTEGER}, [(1,), (None,)])
    try:
        parse(text, lang, CRS84, table).matches(table)
    except QueryError as refused:
        assert refused.parameter == "filter"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("owner = 'x'", "`owner` is not a property of this collection. It has: "),
        ("foo(id) = 1", "`foo` is not an operator or function"),
        ("foo(id, 1)", "`foo` is not an operator or function"),
        ("S_DWITHIN(geometry, POINT(0 0), 10, metres)", "`s_dwithin` is not an operator"),
        ("name = 5", "`name` (text) cannot be compared with `5` (a number)"),
        ("height = '5'", "`height` (a number) cannot be compared"),
        ("height = name", "cannot be compared"),
        ("listed = 2", "cannot be compared"),
        ("height LIKE '5%'", "LIKE takes text"),
        ("name LIKE status", "The pattern of LIKE"),
        ("name LIKE 5", "The pattern of LIKE"),
        ("CASEI(height) = 'a'", "CASEI takes text"),
        ("CASEI(name, name) = 'a'", "`casei` takes 1 argument, not 2"),
        ("CASEI(name)", "gives a value and not a condition"),
        ("name + 1 = 2", "`+` takes numbers"),
        ("extra = '{}'", "`extra` holds objects"),
        ("extra IS NULL", "`extra` holds objects"),
        ("uses = 'a'", "A_CONTAINS"),
        ("A_CONTAINS(name, ('a'))", "A_CONTAINS takes properties that are lists"),
        ("A_CONTAINS(uses, (1))", "cannot be compared"),
        ("A_CONTAINS(uses, routes)", "cannot be compared"),
        ("name = NULL", "Use IS NULL"),
        ("name", "is not a condition"),
        ("5", "is a value and not a condition"),
        ("'a'", "is a value and not a condition"),
        ("(id, name)", "is a value and not a condition"),
        ("(id = 1) = true", "cannot be compared or computed with"),
        ("id IN ()", "IN takes a list"),
        ("id IN ('a')", "cannot be compared"),
        ("id BETWEEN 'a' AND 'b'", "cannot be compared"),
        ("geometry = 1", "Use S_INTERSECTS"),
        ("id = 1e999", "too large"),
        ("id = 1 id", "at character 8"),
        ("id = 1 AND", "ends at character 11"),
        ("id = 'abc", "cannot be read at character 6"),
        ("id = 1; DROP", "cannot be read at character 7"),
        ("id = = 1", "at character 6"),
        ("(id = 1", "where `,` or `)` is expected"),
        ("id IS 5", "where NULL is expected"),
        ("id = 1 = 1", "at character 8"),
        ("", "is empty"),
        ("  ", "is empty"),
    ],
)
def test_refusal(ask: Ask, text: str, sentence: str) -> None:
    """A filter that cannot be meant is refused before evaluation, in words that say what is wrong."""
    with pytest.raises(QueryError) as refused:
        ask(text)
    assert sentence in str(refused.value)
    assert refused.value.parameter == "filter"


def test_hidden_is_as_never_there(make: Callable[..., Any]) -> None:
    """The refusal names only the properties given, so a hidden field reads as one that never was."""
    table = make({"a": FieldType.INTEGER, "b": FieldType.STRING}, [(1, "x")])
    for name in ("owner", "never"):
        with pytest.raises(QueryError) as refused:
            parse(f"{name} = 1", "cql2-text", CRS84, table)
        assert str(refused.value) == f"`{name}` is not a property of this collection. It has: a, b."


@pytest.mark.parametrize(
    "tree",
    [
        "{}",
        "[1]",
        "null",
        '{"op": "="}',
        '{"op": 5, "args": []}',
        '{"op": "=", "args": {}}',
        "{",
        "NaN",
        '{"op": "not", "args": []}',
        '{"op": "and", "args": [true]}',
        '{"op": "=", "args": [{"property": ["a"]}, 1]}',
        '{"op": "=", "args": [{"date": 5}, 1]}',
        '{"op": "=", "args": [{"property": "id"}, Infinity]}',
        '{"op": "=", "args": [{"property": "id"}, 1' + "0" * 5000 + "]}",
        '{"op": "=", "args": [{"property": "id"}, 1' + "0" * 500 + "]}",
        '{"op": "between", "args": [1, 2]}',
    ],
)
def test_bad_json(ask: Ask, tree: str) -> None:
    """JSON that is not CQL2 is refused."""
    with pytest.raises(QueryError):
        ask(tree, "cql2-json")


def test_language(ask: Ask) -> None:
    """Another language is refused, and the parameter at fault is filter-lang."""
    with pytest.raises(QueryError) as refused:
        ask("id = 1", "ecql")
    assert refused.value.parameter == "filter-lang"


NESTED = {
    "brackets": "(" * 99_000 + "id = 1" + ")" * 99_000,
    "unclosed": "(" * 100_000,
    "broken": "(" * 90 + "id = 1 2" + ")" * 90,
    "not": "NOT " * 49_000 + "listed",
    "minus": "-" * 100_000 + "id = 1",
    "equals": "id=" * 50_000 + "1",
    "functions": "casei(" * 30_000 + "name",
    "collections": "S_INTERSECTS(geometry, " + "GEOMETRYCOLLECTION(" * 9_000 + "POINT(0 0)" + ")" * 9_001,
    "sum": "id" + "+id" * 60_000 + " = 1",
    "or": "id = 1" + " OR id = 1" * 15_000,
    "in": f"id IN ({','.join(['1'] * 10_001)})",
    "array": f"A_OVERLAPS(routes, ({','.join(['1'] * 10_001)}))",
    "pattern": f"name LIKE '{'a_' * 50_000}'",
    "long": " " * 200_001,
    "wkt": "S_INTERSECTS(geometry, LINESTRING("
    + ",".join(f"{-1 - n / 1e6:.7f} 50.9000000" for n in range(20_000))
    + "))",
    "quotes": "'" * 199_999,
}


@pytest.mark.parametrize("name", NESTED)
def test_limits(ask: Ask, name: str) -> None:
    """A filter that is too deep, too long or too large is refused within seconds, and the process lives."""
    started = time.perf_counter()
    with pytest.raises(QueryError):
        ask(NESTED[name])
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("text", ['{"op": "not", "args": [' * 7_000 + "true" + "]}" * 7_000, "[" * 199_000])
def test_limits_of_json(ask: Ask, text: str) -> None:
    """Deep JSON is refused before it is read."""
    with pytest.raises(QueryError, match="levels deep"):
        ask(text, "cql2-json")


def test_within_the_limits(ask: Ask) -> None:
    """What people ask for is far within the limits: 90 levels, 400 conditions, 10,000 values, 5,000 vertices."""
    assert ask("(" * 90 + "id = 1" + ")" * 90) == [1]
    assert ask("NOT " * 90 + "id = 1") == [1]
    assert ask(" OR ".join(f"id = {n}" for n in range(5, 405))) == [5, 6, 7]
    assert ask(f"id IN ({','.join(str(n) for n in range(2, 10_002))})") == [2, 3, 4, 5, 6, 7]


SAME = [
    "a = 1",
    "a <> 1.5e3",
    "NOT a = 1 AND b = 2",
    "a = 1 OR b = 2 AND c = 3",
    "(a = 1 OR b = 2) AND c = 3",
    "a + b * 2 - 3 / 4 = 5",
    "a - b - c = 0",
    "2 ^ 3 ^ 2 = a",
    "-a ^ 2 = 1",
    "-2 ^ 2 = a",
    "a--1 = 2",
    "(a + 1) * 2 % 3 div b = 1",
    "a IN (1, 'b', c)",
    "a NOT IN ('x')",
    "a BETWEEN 1 AND 2 AND b = 3",
    "a NOT BETWEEN 1 AND b + 1",
    "a IS NULL OR b IS NOT NULL",
    "a LIKE 'x''%'",
    "a NOT LIKE 'x%'",
    "CASEI(ACCENTI(a)) = casei('É')",
    "flag AND NOT other",
    "NOT NOT a = 1",
    '"a b" = "c""d"',
    "d = DATE('2020-01-01')",
    "T_DURING(INTERVAL(a, b), INTERVAL('..', '2020-01-01'))",
    "S_INTERSECTS(geometry, BBOX(1, -2.5, 3, 4))",
    "A_CONTAINS(tags, ('a', 'b'))",
    "foo(a, 1) = bar()",
    "date = 5 AND point = 1 AND casei = 2",
    "a.b = true AND éa = FALSE",
    "a\n=\t1",
]


@pytest.mark.parametrize("text", SAME)
def test_grammar_agrees_with_the_reference(text: str) -> None:
    """The parser gives the tree that the reference implementation (cql2) gives."""
    assert json.loads(json.dumps(tree_of(text))) == cql2.parse_text(text).to_json()


def test_conformance() -> None:
    """Each class is listed once, and each function that is listed is one that can be called."""
    assert len(set(CONFORMANCE)) == len(CONFORMANCE) == 14
    assert all(uri.startswith("http://www.opengis.net/spec/cql2/1.0/conf/") for uri in CONFORMANCE)
    assert len(FUNCTIONS) == 2 + 8 + 15 + 4


@pytest.mark.parametrize("tree", [
    '{"op":"=","args":[{"property":"name"},"\\ud800"]}', '{"op":"=","args":[{"property":"\\udc00"},1]}',
    '{"op":"like","args":[{"property":"name"},"%\\uDFFF%"]}', '{"op":"\\ud800","args":[]}',
    '{"op":"in","args":[{"property":"name"},["a","\\ud800b"]]}', '{"\\ud800":1}',
    '{"op":"=","args":[{"op":"casei","args":[{"property":"name"}]},{"op":"casei","args":["\\ud83d"]}]}'])
def test_half_of_a_surrogate_pair_is_refused(table: Any, tree: str) -> None:
    """A lone surrogate, in a value, a name or a pattern, is refused in words; a whole pair is a character."""
    with pytest.raises(QueryError, match="half of a surrogate pair") as refused:
        parse(tree, "cql2-json", CRS84, table)
    str(refused.value).encode()
    whole = '{"op":"=","args":[{"property":"name"},"\\ud83d\\ude00"]}'
    assert not parse(whole, "cql2-json", CRS84, table).matches(table).any()
    with pytest.raises(QueryError, match="half of a surrogate pair"):
        parse("name = '\ud800'", "cql2-text", CRS84, table)
