"""Pages are packed by the product itself: a small firm has no proxy that would do it.

A packed page tells by its length what repeats in it, and a page holds both a token against forged
requests and words from its address; so each answer gets a name of random length in its gzip header,
as Django does it, which drowns the difference of a few bytes that guessing a token would look for.
"""

from __future__ import annotations

import secrets
import struct
import zlib

from flask import Flask, Response, request

SMALLEST = 1024  # bytes; below that a packet is sent anyway
LEVEL = 4
MOST_RANDOM = 100


def init_packing(app: Flask) -> None:
    """Pack every page for those who take it packed."""
    app.after_request(pack)


def pack(response: Response) -> Response:
    """The answer with its page packed; files, streams and answers to programs stay as they are."""
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    if "Content-Encoding" in response.headers or not request.accept_encodings["gzip"] > 0:
        return response
    page = response.get_data()
    if len(page) >= SMALLEST:
        response.set_data(packed(page))
        response.headers["Content-Encoding"] = "gzip"
    return response


def packed(page: bytes) -> bytes:
    """``page`` as a gzip file (RFC 1952) whose name is of random length."""
    name = b"a" * secrets.randbelow(MOST_RANDOM + 1) + b"\x00"
    squeezer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + name
    tail = struct.pack("<LL", zlib.crc32(page), len(page) & 0xFFFFFFFF)
    return head + squeezer.compress(page) + squeezer.flush() + tail
