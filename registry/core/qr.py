"""Addresses as QR codes: on papers, and on screens for another phone."""

from __future__ import annotations

import segno
from markupsafe import Markup

INK, PAPER = "#1a1a1a", "#ffffff"
QUIET = 4  # modules of nothing around a code, without which phones do not find it


def qr(address: str) -> str:
    """For papers: SVG of ink on nothing, without a border."""
    return _svg(address, border=0, light=None)


def qr_on_screen(address: str) -> Markup:
    """For pages: on white paper with a border, whatever the colours around it."""
    return Markup(_svg(address, border=QUIET, light=PAPER))


def _svg(address: str, *, border: int, light: str | None) -> str:
    code: str = segno.make(address, error="m", micro=False).svg_inline(
        border=border, dark=INK, light=light, omitsize=True)
    return code
