"""The form of a peer's answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """In what form a peer answers: how far its coordinates may be off, and whether it knows text only.

    `degrees`, `metres`: the last digit that it writes; `slack`: degrees by which it takes a box for larger. `texts`:
    numbers and truth values may come as text, null as an empty one. `boxes`: with a bbox it compares the bounds of
    features, and gives those that it finds first.
    """

    degrees: float = 1e-7
    metres: float = 0.01
    slack: float = 0.0
    texts: bool = False
    boxes: bool = False
