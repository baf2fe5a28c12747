"""What a printed sheet needs to lead back to the map: a code for cameras, and an address short enough to be typed."""

from __future__ import annotations

import segno
from markupsafe import Markup


def code(address: str) -> Markup:
    """A QR code of an address (ISO/IEC 18004, error correction M) as inline SVG, with the quiet zone it needs."""
    made = segno.make_qr(address, error="m")
    return Markup(made.svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=4, light="#fff"))  # noqa: S704


def without_scheme(address: str) -> str:
    """An address as people type it."""
    return address.partition("://")[2] or address
