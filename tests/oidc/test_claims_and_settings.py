"""What claims give by the registry's mapping, and what the environment may say."""

from __future__ import annotations

from typing import Any

import pytest
from forge import Forge, sign
from stand import AUDIENCES, HTTPS, RULE, tree

from hantsmap.layer import SignIn
from server.cookies import Seal
from server.issuer import Issuer
from server.oidc import Verifier, widest
from server.settings import Settings

SET = {"HANTSMAP_OIDC_ISSUER": "https://sign-in.example/tenant", "HANTSMAP_OIDC_CLIENT_ID": "maps"}


@pytest.mark.parametrize(("roles", "audience"), [
    (["GIS-Officers"], "highways"), ("GIS-Officers", "highways"), (["All-Staff"], "staff"),
    (["Choir", "All-Staff", 7, None, {"a": 1}, ["GIS-Officers"]], "staff"), (["GIS-Officers", "All-Staff"], "highways"),
    (["All-Staff", "GIS-Officers", "All-Staff"], "highways"), (["Contractor-Acme"], "contractor")])
def test_values_of_a_claim_give_an_audience(roles: object, audience: str, forge: Forge, verifier: Verifier) -> None:
    """A mapped value gives its audience; of several, the one that contains the others."""
    found = verifier.verify(sign(forge.claims(roles=roles), forge.key))

    assert found is not None
    assert found.audience == audience


@pytest.mark.parametrize("roles", [
    None, [], "", "Choir", ["Choir"], ["gis-officers"], [" GIS-Officers"], "GIS-Officers All-Staff", 7, True,
    {"GIS-Officers": True}, [["GIS-Officers"]], ["highways"], ["staff"], "public",
    ["GIS-Officers", "Contractor-Acme"], ["All-Staff", "Contractor-Acme"]])
def test_everything_else_gives_nothing(roles: object, forge: Forge, verifier: Verifier,
                                       caplog: pytest.LogCaptureFixture) -> None:
    """No value, no mapped value, another spelling, or two branches of the tree: nothing, and the log says so."""
    assert verifier.verify(sign(forge.claims(roles=roles), forge.key)) is None
    assert "claim roles" in caplog.text


@pytest.mark.parametrize(("rule", "claims", "audience"), [
    (SignIn(claim="realm_access.roles", map={"a": "staff"}), {"realm_access": {"roles": ["a"]}}, "staff"),
    (SignIn(claim="https://maps.example/roles", map={"a": "staff"}), {"https://maps.example/roles": ["a"]}, "staff"),
    (SignIn(claim="realm_access.roles", map={"a": "staff"}), {"realm_access": ["a"]}, None),
    (SignIn(claim="roles", map={}), {}, None), (SignIn(claim="roles", map={"GIS-Officers": "gone"}), {}, None),
    (SignIn(claim="roles", map={"GIS-Officers": "staff", "x": "gone"}), {"roles": ["GIS-Officers", "x"]}, None),
    (None, {}, None)])
def test_the_registry_decides(rule: SignIn | None, claims: dict[str, Any], audience: str | None, forge: Forge,
                              verifier: Verifier) -> None:
    """The claim may be nested; a mapping to an audience that does not exist, and no mapping at all, give nothing."""
    found = Verifier(verifier.issuer, lambda: rule, tree, issued=verifier.issued).verify(
        sign(forge.claims(**claims), forge.key))

    assert (found.audience if found else None) == audience


def test_a_mapping_that_is_withdrawn_counts_at_once(forge: Forge, verifier: Verifier) -> None:
    """A new edition of the registry needs no restart to shut somebody out."""
    rules = [RULE]
    live = Verifier(verifier.issuer, lambda: rules[0], tree, issued=verifier.issued)
    token = sign(forge.claims(), forge.key)

    assert live.verify(token) is not None
    rules[0] = SignIn(claim="roles", map={})
    assert live.verify(token) is None


@pytest.mark.parametrize("org", [None, 7, ["Highways"], "a\nb", "x" * 256])
def test_an_organisation_is_a_name_or_nothing(org: object, forge: Forge, verifier: Verifier) -> None:
    """What is no name of an organisation is left out, and shuts nobody out."""
    found = verifier.verify(sign(forge.claims(org=org), forge.key))

    assert found is not None
    assert found.org == ""


def test_the_widest_audience_has_the_others_on_its_way() -> None:
    """One audience wins only when all others are on its way to the root; an unknown one spoils it."""
    assert widest(AUDIENCES, ["public", "staff", "highways"]) == "highways"
    assert widest(AUDIENCES, ["staff"]) == "staff"
    assert widest(AUDIENCES, ["contractor", "public"]) == "contractor"
    assert widest(AUDIENCES, ["contractor", "staff"]) is None
    assert widest(AUDIENCES, ["staff", "gone"]) is None
    assert widest(AUDIENCES, ["gone"]) is None
    assert widest(AUDIENCES, []) is None


def test_the_environment_is_read() -> None:
    """Each setting is taken from its variable; blanks count as nothing, and `openid` is always asked for."""
    issuer = Settings.from_environment(SET | {
        "HANTSMAP_OIDC_CLIENT_SECRET": "s", "HANTSMAP_OIDC_AUDIENCE": HTTPS, "HANTSMAP_OIDC_SCOPE": "hantsmap",
        "HANTSMAP_OIDC_CLIENTS": "qgis gdal", "HANTSMAP_OIDC_SIGN_IN_SCOPE": "groups"}).issuer

    assert issuer == Issuer("https://sign-in.example/tenant", "maps", "s", HTTPS, "hantsmap", ("qgis", "gdal"),
                            "openid groups")
    assert Settings.from_environment({**SET, "HANTSMAP_OIDC_SCOPE": " "}).issuer == Issuer(
        SET["HANTSMAP_OIDC_ISSUER"], "maps")
    assert Settings.from_environment({}).issuer is None
    assert Settings.from_environment({"HANTSMAP_OIDC_ISSUER": " "}).issuer is None


@pytest.mark.parametrize("changes", [
    {"ISSUER": "http://sign-in.example"}, {"ISSUER": "ftp://sign-in.example"}, {"ISSUER": "sign-in.example"},
    {"ISSUER": "https://"}, {"ISSUER": "https://user:pass@sign-in.example"}, {"ISSUER": "https://sign-in.example?x=1"},
    {"ISSUER": "https://sign-in.example#x"}, {"ISSUER": "http://127.0.0.1.example"}, {"ISSUER": "http://10.0.0.1"},
    {"ISSUER": "https://sign-in.example:99999"}, {"CLIENT_ID": ""}])
def test_settings_that_cannot_be_meant_are_refused(changes: dict[str, str]) -> None:
    """An issuer without TLS off this machine, with a password in it, or without a client, does not start."""
    with pytest.raises(ValueError, match="HANTSMAP_OIDC_"):
        Settings.from_environment(SET | {f"HANTSMAP_OIDC_{name}": value for name, value in changes.items()})


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1", "http://127.8.9.10:1/x", "http://[::1]:90"])
def test_loopback_needs_no_tls(url: str) -> None:
    """A provider on this very machine may be asked without TLS."""
    assert Issuer(url, "maps").url == url


@pytest.mark.parametrize("algorithms", [("none",), ("HS256",), ("RS256", "HS512"), (), ("rs256",), ("dir",)])
def test_algorithms_that_prove_nothing_cannot_be_set(algorithms: tuple[str, ...]) -> None:
    """`none`, shared secrets, and nothing at all are refused as settings too."""
    with pytest.raises(ValueError, match="signed with one of"):
        Issuer("https://sign-in.example", "maps", algorithms=algorithms)


def test_a_secret_is_long_or_there_is_none() -> None:
    """Without HANTSMAP_SECRET nobody can sign in; a short one does not start."""
    assert Settings.from_environment({}).secret is None
    assert Settings.from_environment({"HANTSMAP_SECRET": "s" * 32}).secret == "s" * 32
    assert Seal("s" * 32)
    with pytest.raises(ValueError, match="fewer than 32 bytes"):
        Seal("s" * 31)


def test_secrets_are_not_shown() -> None:
    """The client secret, and ours, are in no representation that could end in a log."""
    assert "hidden" not in repr(Settings.from_environment(SET | {"HANTSMAP_SECRET": "hidden"}))
    assert "hidden" not in repr(Issuer("https://sign-in.example", "maps", "hidden"))
