"""Decodes Mapbox Vector Tiles (version 2.1) for the tests, by the protobuf wire format and nothing of ours."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pmtiles.reader import MmapSource, all_tiles


@dataclass(frozen=True)
class Feature:
    """A feature of a tile: kind 1 points, 2 lines, 3 areas; parts are lists of (x, y) in the tile's own grid."""

    kind: int
    properties: dict[str, Any]
    parts: list[list[tuple[int, int]]]


@dataclass(frozen=True)
class Decoded:
    """A layer of a tile. `extent` is how many units its grid has to a side."""

    name: str
    extent: int
    features: list[Feature]


def decode(tile: bytes) -> dict[str, Decoded]:
    """The layers of a tile that is not compressed."""
    layers = [_layer(value) for number, value in _fields(tile) if number == 3]
    return {layer.name: layer for layer in layers}


def every_tile(path: Path) -> Iterator[tuple[int, int, int, dict[str, Decoded]]]:
    """(zoom, column, row, layers) of each tile of an archive, as the archive counts zooms."""
    with path.open("rb") as file:
        for (zoom, column, row), packed in all_tiles(MmapSource(file)):
            yield zoom, column, row, decode(gzip.decompress(packed))


def _fields(raw: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        match tag & 7:
            case 0:
                value, at = _varint(raw, at)
                yield tag >> 3, value
            case 1:
                yield tag >> 3, raw[at: at + 8]
                at += 8
            case 2:
                size, at = _varint(raw, at)
                yield tag >> 3, raw[at: at + size]
                at += size
            case 5:
                yield tag >> 3, raw[at: at + 4]
                at += 4


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _numbers(raw: bytes) -> list[int]:
    found, at = [], 0
    while at < len(raw):
        value, at = _varint(raw, at)
        found.append(value)
    return found


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _value(raw: bytes) -> Any:
    (number, value), = _fields(raw)
    match number:
        case 1:
            return value.decode()
        case 2:
            return struct.unpack("<f", value)[0]
        case 3:
            return struct.unpack("<d", value)[0]
        case 4:
            return value - (1 << 64) if value >= 1 << 63 else value
        case 5:
            return value
        case 6:
            return _zigzag(value)
        case 7:
            return bool(value)
    raise ValueError(number)


def _layer(raw: bytes) -> Decoded:
    fields = list(_fields(raw))
    name = next(value for number, value in fields if number == 1).decode()
    keys = [value.decode() for number, value in fields if number == 3]
    values = [_value(value) for number, value in fields if number == 4]
    extent = next((value for number, value in fields if number == 5), 4096)
    assert next(value for number, value in fields if number == 15) == 2
    return Decoded(name, extent, [_feature(value, keys, values) for number, value in fields if number == 2])


def _feature(raw: bytes, keys: list[str], values: list[Any]) -> Feature:
    fields = dict(_fields(raw))
    tags = _numbers(fields.get(2, b""))
    properties = {keys[name]: values[value] for name, value in zip(tags[::2], tags[1::2], strict=True)}
    return Feature(fields[3], properties, _parts(_numbers(fields[4])))


def _parts(commands: list[int]) -> list[list[tuple[int, int]]]:
    parts: list[list[tuple[int, int]]] = []
    at = x = y = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        for _ in range(count):
            if command == 7:
                parts[-1].append(parts[-1][0])
                continue
            x, y = x + _zigzag(commands[at]), y + _zigzag(commands[at + 1])
            at += 2
            if command == 1:
                parts.append([])
            parts[-1].append((x, y))
    return parts
