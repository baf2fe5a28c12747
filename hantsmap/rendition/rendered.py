"""What rendering an edition made: who sees which rendition, now and after grants end."""

from __future__ import annotations

from dataclasses import dataclass, field

from hantsmap.store import Change
from hantsmap.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Rendered:
    """`renditions` leads from audience to rendition id, `agreements` to what it has to accept before it reads.

    An audience without a grant is not named, nor one of which nothing is asked. `visibility` leads from each audience
    to what its rendition was made under, and `visibilities` holds those of changes to come too.
    """

    renditions: dict[str, str]
    agreements: dict[str, str] = field(default_factory=dict)
    later: dict[str, tuple[Change, ...]] = field(default_factory=dict)
    visibility: dict[str, Visibility] = field(default_factory=dict)
    visibilities: tuple[Visibility, ...] = ()
