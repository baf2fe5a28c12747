"""Why an audience gets what it gets of a layer: the grant that decides, what it gives, what it holds back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hantsmap.access import Detail, Grant, ended, last_day, path_to_root
from hantsmap.agreements import Agreement
from hantsmap.layer import Layer
from hantsmap.reasons import told
from hantsmap.registry import Registry
from hantsmap.store import today


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one audience gets of one layer. `grantee` is whose grant decides; None when nobody's does."""

    audience: str
    path: tuple[str, ...]
    grantee: str | None
    gives: tuple[str, ...] = ()
    holds_back: tuple[str, ...] = ()
    asks: Agreement | None = None
    ended: date | None = None

    def __str__(self) -> str:
        way = " > ".join(reversed(self.path))
        if self.ended is not None:
            return f"{self.audience}: nothing. Its last day, {self.ended:%-d %B %Y}, is over ({way})."
        if self.grantee is None:
            return f"{self.audience}: nothing. No grant on the way {way}: for it this layer does not exist."
        lines = [f"{self.audience}: by the grant of {self.grantee} ({way})"]
        if self.asks is not None:
            lines.append(f"  asks for    the acceptance of {self.asks.title}, version {self.asks.version}")
        lines += [f"  gets        {phrase}" for phrase in self.gives]
        lines += [f"  held back   {phrase}" for phrase in self.holds_back]
        return "\n".join(lines)


def explain(registry: Registry, layer: str, audience: str) -> Explanation:
    """What an audience gets of a layer, why, and what is held back from it and why."""
    path = tuple(path_to_root(registry.audiences, audience))
    declared = registry.layers[layer].grants
    day = today()
    over = last_day(registry.audiences, audience, before=day)
    if over:
        return Explanation(audience, path, None, ended=over)
    grantee = next((step for step in path if step in declared and not ended(declared[step], day)), None)
    if grantee is None:
        return Explanation(audience, path, None)
    grant = declared[grantee]
    return Explanation(audience, path, grantee, _gives(registry.layers[layer], grant),
                       tuple(str(each) for each in told(registry.layers[layer], grant)),
                       registry.agreements[grant.agreement] if grant.agreement else None)


def _gives(layer: Layer, grant: Grant) -> tuple[str, ...]:
    every = tuple(layer.fields)
    names = grant.field_names(every)
    said = [f"{len(names)} of {len(every)} fields" + ("" if names == every else f": {', '.join(names)}")]
    said += [f"rows with {field} {', '.join(map(str, values))}" for field, values in grant.rows.items()]
    if grant.area:
        near = f", and {grant.area.buffer_m:g} m around it as context" if grant.area.buffer_m else ""
        edge = ", cut at its edge" if grant.area.clip else ", each shown whole"
        said.append(f"rows in the area {grant.area.name}{near}{edge}")
    said += [f"of {name}, only values that name a row which this audience sees of {' or '.join(field.references)}"
             for name, field in layer.fields.items() if field.references and name in names]
    if layer.geometry != "none":
        said.append(_detail(layer, grant))
    if grant.exact_counts:
        said.append(f"counts exactly, because: {grant.exact_counts}")
    if grant.counts:
        said.append(f"counts from {grant.counts.suppress_under} up, rounded to {grant.counts.round_to}")
    if grant.until:
        said.append(f"until {grant.until:%-d %B %Y}, that day included")
    return tuple(said if grant.downloads else [*said, "no downloads"])


def _detail(layer: Layer, grant: Grant) -> str:
    if grant.geometry is Detail.NONE:
        return "no geometry"
    which = "" if layer.open_geometry is None else f" ({grant.geometry_source} line)"
    if grant.geometry.square:
        return f"geometry to the square of {grant.geometry.square:,} m{which}"
    return f"exact geometry{which}"
