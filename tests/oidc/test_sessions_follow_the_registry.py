"""A session opens what the registry's mapping gives now, and not what it gave at sign-in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shops
from flask import Flask
from forge import Forge
from stand import HTTPS, SECRET

from hantsmap.claims import Claims
from server.settings import Settings

MAPPED = "sign_in: {claim: roles, map: {GIS-Officers: staff, All: public}}\n"


@pytest.fixture
def shop(tmp_path: Path) -> shops.Shop:
    """A store whose registry maps two values of a claim."""
    shop = shops.Shop(tmp_path / "layers.yaml", tmp_path / "data", tmp_path / "store")
    shop.data.mkdir()
    shop.registry.write_text(shops.REGISTRY + MAPPED, encoding="utf-8")
    shop.write(shops.ROWS)
    shop.publish()
    return shop


@pytest.fixture
def app(shop: shops.Shop, forge: Forge) -> Flask:
    """The application over it, which signs people in."""
    told = Settings.from_environment({
        "HANTSMAP_OIDC_ISSUER": forge.issuer, "HANTSMAP_OIDC_CLIENT_ID": "maps", "HANTSMAP_OIDC_AUDIENCE": HTTPS,
        "HANTSMAP_SECRET": SECRET})
    return shops.application(shop.store, issuer=told.issuer, secret=told.secret)


def hidden_layer(app: Flask, claims: Claims | None) -> int:
    """The status that a session with these claims gets for a layer of the staff."""
    accounts = app.extensions["hantsmap-entrance"].accounts
    token = accounts.open_session("staff", "jo", "", datetime.now(UTC) + timedelta(hours=8), claims)
    client = app.test_client()
    client.set_cookie("hantsmap", token)
    return client.get("/collections/hidden_layer/items").status_code


@pytest.mark.parametrize("now", [
    MAPPED.replace("GIS-Officers: staff, ", ""), MAPPED.replace("GIS-Officers: staff", "GIS-Officers: public"),
    MAPPED.replace("claim: roles", "claim: groups"), MAPPED.replace("claim: roles", "claim: roles, "
                                                                    "organisation_claim: company"), ""])
def test_a_value_taken_out_of_the_mapping_closes_what_its_sessions_see(
    shop: shops.Shop, app: Flask, now: str
) -> None:
    """After the registry maps the value no more, or to another audience, or reads another claim, or offers no sign-in,
    an open session does not see the layer of the staff; when the mapping comes back, it sees it again."""
    claims = Claims(name="roles", values=("GIS-Officers",))
    assert hidden_layer(app, claims) == 200

    for mapping, status in ((now, 404), (MAPPED, 200)):
        shop.registry.write_text(shops.REGISTRY + mapping, encoding="utf-8")
        shop.publish()
        app.extensions["hantsmap"].look()
        assert hidden_layer(app, claims) == status


@pytest.mark.parametrize("claims", [None, Claims(name="roles", values=()), Claims(name="roles", values=("Other",))])
def test_a_session_without_mapped_claims_sees_what_everybody_sees(app: Flask, claims: Claims | None) -> None:
    """A session from before claims were kept, or whose values are not mapped, opens nothing by its audience alone."""
    assert hidden_layer(app, claims) == 404
