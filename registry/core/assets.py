"""What the browser gets beside a page: one style, one script and the face, named by content.

Our own small files are joined when the first page is asked for, so that a page takes three requests
and whatever was got once is never asked for again. No build step: what stands in static/ is what is
served, without its comments. The module of passkeys is asked for by the pages alone that use it.
Why the face is apart: docs/decisions/performance.md.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, url_for

from registry.config import ROOT

STATIC = ROOT / "static"
STYLES = ("tokens", "base", "frame", "parts", "hands", "tables", "forms", "sheets", "reports")
SCRIPTS = ("theme", "copy", "menus")
MODULES = ("passkeys.js", "follow.js")  # only on the pages that ask for them
LIBRARY = "vendor/htmx.min.js"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
FONT = re.compile(r'url\("\.\./vendor/([\w.-]+)"\)')
FOR_EVER = "public, max-age=31536000, immutable"

bp = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """One file as it is served; ``packed`` is empty where packing gains nothing."""

    name: str
    media_type: str
    body: bytes
    packed: bytes


def init_assets(app: Flask) -> None:
    """Serve the files and let templates name them."""
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = asset_url


def asset_url(kind: str) -> str:
    """The address of ``look.css``, ``work.js``, ``face.css`` or a module."""
    return url_for("assets.asset", name=_names()[kind])


@bp.get("/assets/<name>")
def asset(name: str) -> Response:
    """One of the files. An address of older content is no longer there."""
    found = _assets().get(name)
    if found is None:
        abort(404)
    packed = found.packed and request.accept_encodings["gzip"] > 0
    answer = Response(found.packed if packed else found.body, content_type=found.media_type)
    answer.headers["Cache-Control"] = FOR_EVER
    if found.packed:
        answer.vary.add("Accept-Encoding")
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


@lru_cache(maxsize=1)
def _made() -> tuple[dict[str, Asset], dict[str, str]]:
    """Every file by its name, and the names by what they are for."""
    fonts = {path.name: _asset(path.name, "font/woff2", path.read_bytes())
             for path in sorted((STATIC / "vendor").glob("*.woff2"))}
    face = FONT.sub(lambda found: f'url("{fonts[found[1]].name}")' if found[1] in fonts
                    else found[0], _plain("css/face.css"))
    print_style = "@media print {\n" + _plain("css/print.css") + "\n}"
    look = "\n".join([*(_plain(f"css/{name}.css") for name in STYLES), print_style])
    kinds = {
        "look.css": _asset("look.css", "text/css; charset=utf-8", look.encode()),
        "face.css": _asset("face.css", "text/css; charset=utf-8", face.encode()),
        "work.js": _asset("work.js", "text/javascript; charset=utf-8", _scripts().encode()),
        **{name: _asset(name, "text/javascript; charset=utf-8", _plain(f"js/{name}").encode())
           for name in MODULES},
    }
    return ({each.name: each for each in (*fonts.values(), *kinds.values())},
            {kind: each.name for kind, each in kinds.items()})


def _assets() -> dict[str, Asset]:
    return _made()[0]


def _names() -> dict[str, str]:
    return _made()[1]


def _scripts() -> str:
    """The library as it came, and our own modules, each in a scope of its own."""
    library = STATIC / LIBRARY
    parts = [library.read_text(encoding="utf-8")] if library.is_file() else []
    parts += [f'(() => {{"use strict";\n{_plain(f"js/{name}.js")}\n}})();' for name in SCRIPTS]
    return "\n;".join(parts)


def _plain(name: str) -> str:
    """One of our files without its comments and indents."""
    text = COMMENT.sub("", (STATIC / Path(name)).read_text(encoding="utf-8"))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _asset(kind: str, media_type: str, body: bytes) -> Asset:
    stem, _, ending = kind.rpartition(".")
    packed = b"" if ending == "woff2" else gzip.compress(body, 9, mtime=0)
    digest = hashlib.sha256(body).hexdigest()[:12]
    return Asset(f"{stem}-{digest}.{ending}", media_type, body, packed)
