"""Where a sign-in may lead afterwards: to a path on this service and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from forge import Forge
from hypothesis import given
from hypothesis import strategies as st
from stand import Service
from surfer import Surfer

from server.cookies import is_place
from server.issuer import Issuer

ELSEWHERE = ("//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\\/evil.example",
             "https://evil.example", "HTTPS:evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example",
             "", " /", "/\t/evil.example", "/\n/evil.example", "/a\r\nSet-Cookie: x=1", "/\x00", "/ ", "/é", "?next=/",
             "/..//evil.example", "/../admin", "/%2e%2e/admin", "/.//evil.example", "/a/%2E", "/..%5cevil",
             "/" + "a" * 1_500, "/\u2028", "/\u3000//evil.example")
HERE = ("/", "/collections", "/collections/odd/items?limit=5&filter=a%3D%27b%27", "/collections/odd/items/a%2Fb",
        "/collections/odd/items/a//b", "/a?x=https://example.org/#part", "/a..b/c.d")


@pytest.mark.parametrize("text", ELSEWHERE)
def test_ways_elsewhere_are_refused(text: str, offer: Callable[..., Service], forge: Forge, surfer: Surfer) -> None:
    """An open redirect is refused before anybody is sent to the provider, and no cookie is set (CWE-601)."""
    service = offer(Issuer(forge.issuer, "maps"))

    answer = surfer.get(f"{service.base}/sign-in?next={quote(text, safe='')}")

    assert answer.status_code == 400
    assert "not a path on this service" in answer.text
    assert (forge.asked, surfer.cookies()) == ([], {})


@pytest.mark.parametrize("text", HERE)
def test_ways_on_this_service_are_kept(text: str, offer: Callable[..., Service], forge: Forge, surfer: Surfer) -> None:
    """Any address that the service itself gives out is come back to exactly."""
    service = offer(Issuer(forge.issuer, "maps"))

    answer = surfer.get(f"{service.base}/sign-in?next={quote(text, safe='')}", lambda _: True)

    assert answer.status_code == 303
    errand = service.desk.seal.open(surfer.cookies()["hantsmap-signing-in"])
    assert errand is not None
    assert errand.place == text


def test_a_way_back_that_is_said_twice_is_refused(offer: Callable[..., Service], forge: Forge, surfer: Surfer) -> None:
    """Of two places nobody can say which was meant; nor what a parameter means that does not exist."""
    service = offer(Issuer(forge.issuer, "maps"))

    assert surfer.get(f"{service.base}/sign-in?next=/&next=//evil.example").status_code == 400
    assert surfer.get(f"{service.base}/sign-in?nxt=/").status_code == 400


@given(st.text(st.characters(max_codepoint=0x3000), max_size=40))
def test_no_text_is_both_a_place_and_elsewhere(text: str) -> None:
    """Whatever is accepted begins with one slash and is printable ASCII without a backslash."""
    for tried in (text, f"/{text}"):
        if is_place(tried):
            assert tried.startswith("/")
            assert not tried.startswith("//")
            assert tried.isascii()
            assert tried.isprintable()
            assert not set(tried) & set(" \\")
