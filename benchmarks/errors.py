"""What ends a bench."""

from __future__ import annotations


class BenchError(Exception):
    """The bench cannot go on; its text says why and what to do."""


class UnequalError(BenchError):
    """A peer answers a question otherwise than we do: nothing is timed before that is understood."""
