"""What rendering an edition made: who sees which rendition, now and after grants end."""

from __future__ import annotations

from dataclasses import dataclass, field

from hantsmap.store import Change


@dataclass(frozen=True, slots=True)
class Rendered:
    """`renditions` leads from audience to rendition id, `agreements` to what it has to accept before it reads.

    An audience without a grant is not named, nor one of which nothing is asked.
    """

    renditions: dict[str, str]
    agreements: dict[str, str] = field(default_factory=dict)
    later: dict[str, tuple[Change, ...]] = field(default_factory=dict)
