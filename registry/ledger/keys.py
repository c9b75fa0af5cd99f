"""The key by which this registry signs its checkpoints: a file outside the database.

Made at the first use, readable by its owner alone. Its name, the origin of every checkpoint, is
settled then, so that moving to another address does not disown what was signed before. All nodes
of one registry share the file. Beside it lie the public keys, present and former: a key that is
lost is not silently followed by another (rotation.py).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.config import SettingError, Settings
from registry.ledger.note import NoteError, Signer, Verifier, parse_signer, signer_text

FILE_NAME = "ledger.key"
NEXT_NAME = "ledger.key.next"
PUBLIC_NAME = "ledger.pub"


def signer_of(settings: Settings) -> Signer:
    """The registry's signer; its key is made where there never was one.

    Raises SettingError where the file cannot be read as a key, or is lost.
    """
    path = settings.data_dir / FILE_NAME
    was_there = (settings.data_dir / PUBLIC_NAME).exists()  # first: another node may make both
    if not path.exists():
        if was_there:
            raise SettingError(f"{path}: the ledger's key is lost; bring the file back from where "
                               "you keep it, or see “countersign key lost”")
        _keep(path, made_signer(origin_of(settings)), os.link)
    signer = _read(path)
    remember(settings, signer.verifier)
    return signer


def verifier_of(settings: Settings) -> Verifier | None:
    """The public half of the registry's key; None where there is none (yet)."""
    path = settings.data_dir / FILE_NAME
    return _read(path).verifier if path.exists() else None


def origin_of(settings: Settings) -> str:
    """The name of a new key: the host (and port) of the registry's address, and the product."""
    return f"{urlsplit(settings.base_url).netloc or settings.host}/countersign"


def made_signer(name: str) -> Signer:
    """A new key under the name."""
    return Signer(name, Ed25519PrivateKey.generate())


def known_verifiers(settings: Settings) -> list[Verifier]:
    """The public keys that lie beside the key, the first one first. Raises SettingError."""
    path = settings.data_dir / PUBLIC_NAME
    if not path.exists():
        return []
    try:
        return [Verifier.parse(line) for line in path.read_text(encoding="utf-8").split("\n")
                if line]
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise SettingError(f"{path}: the public keys cannot be read ({error}); write them anew, "
                           "one a line, as “countersign key show” printed them") from error


def remember(settings: Settings, verifier: Verifier) -> None:
    """Let the public key lie beside the others."""
    known = known_verifiers(settings)
    if verifier not in known:
        _write(settings.data_dir / PUBLIC_NAME,
               "".join(f"{each}\n" for each in (*known, verifier)), os.replace)


def keep_next(settings: Settings, signer: Signer) -> None:
    """Lay the key aside that the ledger is about to name; ``put_in_place`` takes it into use."""
    _keep(settings.data_dir / NEXT_NAME, signer, os.replace)


def next_verifier(settings: Settings) -> Verifier | None:
    """The public half of a key that was laid aside and not taken into use."""
    path = settings.data_dir / NEXT_NAME
    return _read(path).verifier if path.exists() else None


def put_in_place(settings: Settings) -> Verifier:
    """Take the key that was laid aside into use; the old secret key is gone with that."""
    path = settings.data_dir / NEXT_NAME
    verifier = _read(path).verifier
    remember(settings, verifier)
    os.replace(path, settings.data_dir / FILE_NAME)
    return verifier


def drop_next(settings: Settings) -> None:
    """Forget a key that was laid aside: the ledger does not name it."""
    (settings.data_dir / NEXT_NAME).unlink(missing_ok=True)


def _read(path: Path) -> Signer:
    try:
        return parse_signer(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise SettingError(f"{path}: the ledger's key cannot be read ({error}); "
                           "bring the file back from the backup") from error


def _keep(path: Path, signer: Signer, put: Callable[[str, Path], None]) -> None:
    _write(path, signer_text(signer) + "\n", put)


def _write(path: Path, text: str, put: Callable[[str, Path], None]) -> None:
    """Write the whole file aside, readable by its owner alone, then give it its name: by ``link``
    of two nodes that start together the first wins and the other reads its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        put(aside, path)
    except FileExistsError:
        pass
    finally:
        Path(aside).unlink(missing_ok=True)
