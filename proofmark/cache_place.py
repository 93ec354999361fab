"""Where results of earlier runs lie, and the code that reached them."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import tempfile
from collections.abc import Mapping
from pathlib import Path

_ENGINE_ROOMS = ("extract", "smt_models", "proofs", "artifacts", "proofmark")


def user_cache_directory(platform: str, environ: Mapping[str, str]) -> Path:
    """Where this platform keeps what can be computed again.

    A relative $XDG_CACHE_HOME is ignored, as its standard says.
    """
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or tempfile.gettempdir())
    xdg = environ.get("XDG_CACHE_HOME", "")
    if xdg and Path(xdg).is_absolute():
        return Path(xdg) / "proofmark"
    match platform:
        case "darwin":
            return home / "Library" / "Caches" / "proofmark"
        case "win32":
            return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "proofmark" / "Cache"
        case _:
            return home / ".cache" / "proofmark"


@functools.cache
def engine() -> str:
    """A hash of the code that decides, so that an edited checkout never answers with what it used to say."""
    digest = hashlib.sha256()
    for room in _ENGINE_ROOMS:
        spec = importlib.util.find_spec(room)
        for place in sorted((spec and spec.submodule_search_locations) or ()):
            for file in sorted(Path(place).rglob("*.*")):
                if file.suffix != ".pyc" and file.is_file():
                    digest.update(f"{file.relative_to(place)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
