"""What is kept from run to run and no checker can derive anew: canonical JSON under a signature, by the user's own key.

An entry is one line with the signature of the rest. The key that it was written under stands in it, so that an entry
under another name is none. What is damaged, foreign or forged is thrown away.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from proofmark.cache_place import engine, user_cache_directory
from proofmark.codec import CodecError, canonical, decode, encode
from proofmark.files import write_atomically
from proofmark.signing import is_signed, read_key, signature, user_key_file

_MAX_ENTRY_BYTES = 256 << 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SignedStore:
    """`engine`: a hash of the code that decides, a part of every key that is made for an entry."""

    directory: Path
    secret: bytes
    engine: str

    def load(self, kind: type[T], key: str) -> T | None:
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                data = file.read(_MAX_ENTRY_BYTES + 1)
        except OSError:
            return None
        try:
            return self._value(kind, key, data)
        except (CodecError, ValueError, RecursionError):
            self.discard(key)
            return None

    def store(self, key: str, value: object) -> None:
        """Raises OSError."""
        body = canonical({"key": key, "value": encode(value)})
        path = self._path(key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, signature(self.secret, body) + b"\n" + body)

    def discard(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.directory / "results" / key[:2] / f"{key[2:]}.json"

    def _value(self, kind: type[T], key: str, data: bytes) -> T:
        line, _, body = data.partition(b"\n")
        if not is_signed(self.secret, body, line):
            raise CodecError("an entry that this user did not sign")
        match json.loads(body):
            case {"key": str(written), "value": value} if written == key:
                return decode(kind, value)
            case _:
                raise CodecError("an entry under another key")


def open_store(directory: Path | None = None, key_file: Path | None = None) -> SignedStore:
    """None: the user's own, on whatever machine this runs. Raises OSError: no key that is theirs alone."""
    secret = read_key(key_file or user_key_file(sys.platform, os.environ))
    return SignedStore(directory or user_cache_directory(sys.platform, os.environ), secret, engine())
