"""Which features are near a box is found block by block, and is what looking at every box would find."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import examples

from hantsmap.rendition import Rendition
from hantsmap.store import Store

LAYERS = ("street_segments", "rights_of_way", "schools", "districts")
WEST, SOUTH, EAST, NORTH = 403_000.0, 89_500.0, 490_000.0, 166_000.0


def rendition(store: Path, layer: str) -> Rendition:
    """What everybody sees of a layer."""
    kept = Store(store)
    promotion = kept.current(layer)
    assert promotion is not None
    return Rendition(kept.rendition(layer, promotion.renditions["public"]))


@pytest.mark.parametrize("layer", LAYERS)
@settings(max_examples=examples(60), deadline=None)
@given(x=st.floats(WEST, EAST), y=st.floats(SOUTH, NORTH), width=st.floats(0, 90_000), height=st.floats(0, 80_000))
def test_near_is_every_feature_whose_box_meets(
    county_store: Path, layer: str, x: float, y: float, width: float, height: float
) -> None:
    """Blocks lose nothing and add nothing, wherever a box lies and whatever its size."""
    opened = rendition(county_store, layer)
    bounds = np.array([x, y, x + width, y + height])
    boxes = opened.boxes()
    met = (boxes[:, :2] <= bounds[2:]).all(axis=1) & (boxes[:, 2:] >= bounds[:2]).all(axis=1)
    assert opened.near(bounds).tolist() == np.flatnonzero(met).tolist()


def test_a_process_is_no_larger_for_having_read_a_layer(county_store: Path) -> None:
    """What was read of the files can be given back, and reads the same afterwards."""
    opened = rendition(county_store, "street_segments")
    uri = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    before = b"".join(opened.slices(uri, range(opened.count)))
    boxes = opened.boxes().copy()
    opened.let_go()
    assert b"".join(opened.slices(uri, range(opened.count))) == before
    assert (opened.boxes() == boxes).all()
