"""The key by which this registry signs its checkpoints: a file outside the database.

Made at the first use, readable by its owner alone. Its name, the origin of every checkpoint, is
settled then, so that moving to another address does not disown what was signed before. All nodes
of one registry share the file.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.config import SettingError, Settings
from registry.ledger.note import NoteError, Signer, Verifier, parse_signer, signer_text

FILE_NAME = "ledger.key"


def signer_of(settings: Settings) -> Signer:
    """The registry's signer; its key is made where there is none.

    Raises SettingError where the file cannot be read as a key.
    """
    path = settings.data_dir / FILE_NAME
    if not path.exists():
        _keep(path, Signer(origin_of(settings), Ed25519PrivateKey.generate()))
    return _read(path)


def verifier_of(settings: Settings) -> Verifier | None:
    """The public half of the registry's key; None where no key was made yet."""
    path = settings.data_dir / FILE_NAME
    return _read(path).verifier if path.exists() else None


def origin_of(settings: Settings) -> str:
    """The name of a new key: the host (and port) of the registry's address, and the product."""
    return f"{urlsplit(settings.base_url).netloc or settings.host}/countersign"


def _read(path: Path) -> Signer:
    try:
        return parse_signer(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise SettingError(f"{path}: the ledger's key cannot be read ({error}); "
                           "bring the file back from the backup") from error


def _keep(path: Path, signer: Signer) -> None:
    """Write the whole file aside, then give it its name: of two nodes that start together the
    first wins and the other reads its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(signer_text(signer) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(aside)
