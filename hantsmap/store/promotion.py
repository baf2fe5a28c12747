"""A promotion: the record that makes an edition, and its renditions, the current ones of a layer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from hantsmap.access import Value


class Promotion(Value):
    """What is current for a layer from this moment on.

    `renditions` leads from every audience that may see the layer to the rendition it sees; an audience that is not
    named there sees no layer at all. `source_inputs` and `grant_inputs` are digests of what the edition and the
    renditions were made from: when both still hold there is nothing to publish.
    """

    layer: str
    sequence: int
    action: Literal["published", "restored", "withdrawn"]
    made_at: datetime
    edition: str | None
    renditions: Mapping[str, str]
    source_inputs: str
    grant_inputs: str
