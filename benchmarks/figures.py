"""The figures to reach: what was promised of speed, and whether this run keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.classroom import Classroom
from benchmarks.results import Results

RIVALS = ("pygeoapi", "tipg", "qgis")
NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Figure:
    """One promise: what is compared with what, the bound, and what was found (`value`: None where nothing was)."""

    work: str
    against: str
    bound: str
    value: float | None
    reached: bool
    shown: str

    @property
    def verdict(self) -> str:
        """In words."""
        return NOT_MEASURED if self.value is None else "reached" if self.reached else "not reached"


def figures(results: Results) -> list[Figure]:
    """Every promise, in the order in which they were given."""
    def over(work: str, other: str, peer: str = "ours") -> float | None:
        return ratio(results.rate(work), results.rate(other, peer))

    nginx, rivals = "nginx, same bytes", "best of pygeoapi, tipg, QGIS Server"
    found = [_least("1,000-feature page", nginx, 0.6, over("page", "page", "nginx"))]
    found += [_least(title, nginx, 0.25, over(work, work, "nginx")) for work, title in _TEN]
    for least, works in ((200, _PAGES), (100, _TEN), (20, _FILTERS)):
        found += [_least(title, rivals, least, ratio(results.rate(work), best(results, work))) for work, title in works]
    found += [
        _least("page at offset 100,000", "our page at offset 0", 0.9, over("deep", "first")),
        _least("conditional request (304)", "our own 10 features", 1.5, over("unchanged", "ten")),
        _least("gzip page", "our plain page", 0.25, over("page+gzip", "page")),
    ]
    found += [_most(f"publish {each.size:,} features, three renditions", "ogr2ogr, GeoPackage to GeoJSON", 6,
                    each.ratio) for each in results.published]
    found += [_memory(results), _start(results)]
    found += [_least(f"whole layer as {each.format}, once made", nginx, 0.5, each.rate / each.nginx_rate)
              for each in results.bulk]
    if results.changed:
        found.append(_least(f"answer over {results.changed.changes:,} changes of {results.changed.size:,} features",
                            "the layer in pages of 10,000", 20, ratio(results.changed.whole, results.changed.since)))
    if results.classroom:
        found.append(_classroom(results.classroom))
    return found


_PAGES = (("page", "1,000-feature page"), ("bbox", "1,000-feature bbox page"))
_TEN = (("ten", "10 features"), ("one", "one feature by id"))
_FILTERS = (("filter", "CQL2 attribute filter, 100 features"),
            ("spatial", "CQL2 spatial and attribute filter, 100 features"))


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """How many times as much; None where one of them is not known."""
    return ours / theirs if ours is not None and theirs else None


def best(results: Results, work: str, among: Sequence[str] = RIVALS) -> float | None:
    """The most that one of the rivals did; None where none can."""
    return max((rate for peer in among if (rate := results.rate(work, peer)) is not None), default=None)


def _least(work: str, against: str, least: float, value: float | None) -> Figure:
    return _bounded(work, against, f"at least {least:g} x", value, lambda found: found >= least, "x")


def _most(work: str, against: str, most: float, value: float | None) -> Figure:
    return _bounded(work, against, f"at most {most:g} x", value, lambda found: found <= most, "x")


def _memory(results: Results) -> Figure:
    kept = sorted(results.kept, key=lambda each: each.size)
    if len(kept) < 2:
        return _most("private memory of a worker, 1,000,000 features", "10,000 features", 1.2, None)
    small, large = kept[0], kept[-1]
    return _most(f"private memory of a worker, {large.size:,} features", f"{small.size:,} features", 1.2,
                 ratio(large.uss, small.uss))


def _start(results: Results) -> Figure:
    started = results.started
    if started is None:
        return _bounded("server start, 20 layers", "", "under 1.5 s, no pandas", None, lambda _: False, "s")
    loaded = f", with {' and '.join(started.heavy)}" if started.heavy else ", no pandas"
    return Figure(f"server start, {started.layers} layers, to the first answer", "", "under 1.5 s, no pandas",
                  started.first_answer, started.first_answer < 1.5 and not started.heavy,
                  f"{started.first_answer:.2f} s{loaded}")


def _classroom(room: Classroom) -> Figure:
    shown = f"{room.p95:.2f} s, {room.errors} errors"
    return Figure(f"{room.browsers} cold loads of the map in {room.within:g} s, p95 of the whole load", "",
                  "under 2 s, no error", room.p95, room.p95 < 2 and not room.errors, shown)


def _bounded(work: str, against: str, bound: str, value: float | None, holds: Callable[[float], bool],
             unit: str) -> Figure:
    shown = "" if value is None else f"{number(value)} {unit}"
    return Figure(work, against, bound, value, value is not None and holds(value), shown)


def number(value: float) -> str:
    """With as many digits as mean something: 0.634, 12.3, 4,512."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
