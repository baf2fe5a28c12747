"""Secrets: their form, and typing errors."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hantsmap.accounts import KEY_PATTERN, tokens

PLACES = st.integers(0, 58)


@given(PLACES, st.sampled_from(tokens.LETTERS + "_- "))
def test_a_wrong_letter_is_noticed(place: int, letter: str) -> None:
    """A key with any one letter wrong is refused without a look-up."""
    _, secret = tokens.new_key()
    wrong = secret[:place] + letter + secret[place + 1:]

    assert tokens.key_id_of(wrong) is None or wrong == secret


@given(PLACES)
def test_letters_changed_over_are_noticed(place: int) -> None:
    """A key with two neighbouring letters changed over is refused without a look-up."""
    _, secret = tokens.new_key()
    wrong = secret[:place] + secret[place:place + 2][::-1] + secret[place + 2:]

    assert tokens.key_id_of(wrong) is None or wrong == secret


def test_a_leaked_key_can_be_recognised() -> None:
    """A key has a pattern that a scanner of repositories can look for, and shows which one it is."""
    for _ in range(200):
        key_id, secret = tokens.new_key()

        found = KEY_PATTERN.search(f"curl -H 'X-API-Key: {secret}' https://maps.example.org")

        assert found and found[0] == secret and found[1] == key_id == tokens.key_id_of(secret)


@given(st.text(max_size=200))
def test_anything_may_be_presented(text: str) -> None:
    """Whatever is presented as a key or a session, the answer is that it is none."""
    assert tokens.key_id_of(text) is None
    assert not tokens.is_session(text)


def test_a_key_is_no_session() -> None:
    """A key does not pass for a session, nor a session for a key."""
    assert not tokens.is_session(tokens.new_key()[1])
    assert tokens.key_id_of(tokens.new_session()) is None


def test_secrets_do_not_repeat() -> None:
    """No two secrets are alike, and every letter comes up."""
    drawn = [tokens.new_key()[1] for _ in range(2_000)]

    assert len(set(drawn)) == len(drawn)
    assert set("".join(secret[12:52] for secret in drawn)) == set(tokens.LETTERS)
