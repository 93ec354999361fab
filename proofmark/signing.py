"""A key of the user's own, that does not lie where the cache lies: who can write there cannot sign."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

_BYTES = 32


def user_key_file(platform: str, environ: Mapping[str, str]) -> Path:
    """Where this platform keeps what belongs to one user and cannot be computed again.

    A relative $XDG_STATE_HOME is ignored, as its standard says.
    """
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or tempfile.gettempdir())
    xdg = environ.get("XDG_STATE_HOME", "")
    if xdg and Path(xdg).is_absolute():
        return Path(xdg) / "proofmark" / "key"
    match platform:
        case "darwin":
            return home / "Library" / "Application Support" / "proofmark" / "key"
        case "win32":
            return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "proofmark" / "State" / "key"
        case _:
            return home / ".local" / "state" / "proofmark" / "key"


def read_key(path: Path) -> bytes:
    """Makes it when there is none. Raises OSError, also for a key that others can read."""
    if not path.exists():
        _make(path)
    with open(path, "rb") as file:
        found = os.fstat(file.fileno())
        key = file.read(_BYTES + 1)
    if not stat.S_ISREG(found.st_mode) or len(key) != _BYTES:
        raise OSError(errno.EINVAL, "no key that proofmark made", str(path))
    if os.name == "posix" and (found.st_mode & 0o077 or found.st_uid != os.getuid()):
        raise OSError(errno.EPERM, "a key that others can read", str(path))
    return key


def _make(path: Path) -> None:
    """Whole or not at all; of two that make one at once, the first has made it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent)  # only its owner can read it
    try:
        with open(handle, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        os.unlink(part)


def signature(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).hexdigest().encode("ascii")


def is_signed(key: bytes, data: bytes, claimed: bytes) -> bool:
    return hmac.compare_digest(signature(key, data), claimed)
