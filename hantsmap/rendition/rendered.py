"""What rendering an edition made: who sees which rendition, now and after grants end."""

from __future__ import annotations

from dataclasses import dataclass, field

from hantsmap.store import Change


@dataclass(frozen=True, slots=True)
class Rendered:
    """`renditions` leads from audience to rendition id; an audience without a grant is not named."""

    renditions: dict[str, str]
    later: dict[str, tuple[Change, ...]] = field(default_factory=dict)
