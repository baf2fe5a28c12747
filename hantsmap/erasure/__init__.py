"""Erasing one record: out of every edition, rendition, tile, download and change set, with a proof by search."""

from hantsmap.erasure.erasing import Erasure, erase
from hantsmap.erasure.faults import ProofError, RecordNotFoundError

__all__ = ["Erasure", "ProofError", "RecordNotFoundError", "erase"]
