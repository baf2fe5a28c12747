"""Keys that stand for more than one row: the same key twice, or two keys that give one id."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from hantsmap.curate.log import Log
from hantsmap.findings import Kind
from hantsmap.layer import Layer


def check_keys(log: Log, layer: Layer, table: pa.Table) -> None:
    """Blocking findings for rows whose id, the row's name in the log, another row before them has as well."""
    first: dict[str, int] = {}
    again = [row for row, name in enumerate(log.names) if first.setdefault(name, row) != row]
    if not again:
        return
    columns = [table[field].to_pylist() for field in layer.key]

    def key(row: int) -> str:
        return ", ".join(str(column[row]) for column in columns)

    def other(row: int) -> int:
        return first[log.names[row]]

    field = ".".join(layer.key)
    same = [row for row in again if all(column[row] == column[other(row)] for column in columns)]
    log.rows("duplicate-key", Kind.BLOCKING, np.array(same, dtype=np.intp), lambda row: (
        "stands on two different rows: a key names one feature, for good."), field)
    alike = sorted(set(again).difference(same))
    log.rows("keys-alike", Kind.BLOCKING, np.array(alike, dtype=np.intp), lambda row: (
        f"the keys `{key(other(row))}` and `{key(row)}` of two rows give the same id, because white space becomes a "
        "hyphen and the parts of a key are joined with full stops. Change one in the source, or add a field to `key`."),
        field)
