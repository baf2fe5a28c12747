"""YAML with the line of every key, so that a problem can be shown where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hantsmap.errors import Problem

Place = tuple[str | int, ...]
# A file may become this many times as large by its aliases; small ones are never in the way.
MOST_REPEATED, FEW_NODES = 10, 10_000


@dataclass(slots=True)
class Document:
    """A YAML file as plain data, with the line (from 1) of each place in it and what is wrong with its form."""

    file: str
    data: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """Line of the place, or of the nearest thing around it that stands in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, sentence: str) -> None:
        """Remember what is wrong at a place."""
        self.problems.append(Problem(self.file, self.line(place), sentence))


def load(path: Path) -> Document:
    """Read a YAML file. A file that cannot be read, or is not YAML, gives a Document with a problem and no data."""
    document = Document(path.name)
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader)
        if node is not None:
            _check_aliases(node)
        document.data = _plain(node, (), document) if node is not None else {}
    except (OSError, UnicodeDecodeError) as fault:
        document.problem((), f"cannot be read ({fault}). Point --registry at the registry file.")
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark
        document.problems.append(Problem(path.name, mark.line + 1 if mark else 1, f"is not YAML: {fault.problem}."))
    except (yaml.YAMLError, RecursionError) as fault:
        document.problem((), f"is not YAML that can be read: {str(fault) or type(fault).__name__}.".replace("\n", " "))
    return document


def _check_aliases(root: yaml.Node) -> None:
    """Raises YAMLError where aliases (`*name`) would repeat their text beyond measure, before anything is repeated."""
    sizes: dict[int, int] = {}
    waiting: list[tuple[yaml.Node, bool]] = [(root, False)]
    open_nodes: set[int] = set()
    while waiting:
        node, seen = waiting.pop()
        inner = _children(node)
        if seen:
            open_nodes.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in inner)
        elif id(node) in open_nodes:
            raise yaml.YAMLError(f"the alias on line {node.start_mark.line + 1} contains itself")
        elif id(node) not in sizes:
            open_nodes.add(id(node))
            waiting.append((node, True))
            waiting += [(child, False) for child in inner]
    if sizes[id(root)] > MOST_REPEATED * len(sizes) + FEW_NODES:
        raise yaml.YAMLError(f"aliases (`*name`) would turn {len(sizes):,} values into {sizes[id(root)]:,}: write out "
                             "what you need")


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _plain(node: yaml.Node, place: Place, document: Document) -> Any:
    document.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, index), document) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, document)
    return _scalar(node)


def _mapping(node: yaml.MappingNode, place: Place, document: Document) -> dict[Any, Any]:
    plain: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = _scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else str(key_node.value)
        here = (*place, key)
        if key in plain:
            # YAML would silently keep the last one: with rules, that is how a grant is lost.
            document.problem(here, f"`{key}` stands twice here, on lines {document.line(here)} and "
                                   f"{key_node.start_mark.line + 1}: keep one.")
            continue
        document.lines[here] = key_node.start_mark.line + 1
        plain[key] = _plain(value_node, here, document)
    return plain


def _scalar(node: yaml.Node) -> Any:
    """The value of a scalar; what YAML 1.1 reads otherwise than it is written stays as it is written.

    To YAML, 0010 is 8, 12:30 is 750 and `no` is false: in a list of codes each would be another code in silence.
    """
    loader = yaml.CSafeLoader("")
    try:
        value = loader.construct_object(node, deep=True)
    except ValueError:
        return node.value  # looks like a date, and is none
    finally:
        loader.dispose()
    as_written = value is None or str(value).lower() == node.value.lower()
    return value if as_written else node.value
