"""Texts that several certificates share: a certificate says hash and size, and what is found is held to both.

They are files beside the certificates, or what a prover that has written no file yet gives.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import proofs.recheck.form as form
from proofs.recheck.faults import Refused
from proofs.recheck.form import refuse

MAX_TEXT_BYTES = 1 << 26

Shared = Path | Mapping[str, bytes]
"""The directory of the files, or their contents by name."""

What = Literal["model", "invariant"]


@dataclass(frozen=True, slots=True)
class Reference:
    what: What
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.sha256}.{self.what}.smt2"


def read_reference(value: object, what: What) -> Reference:
    """Raises `Refused`."""
    where = f"evidence.{what}"
    entry = form.entries(value, where, {"bytes", "sha256"})
    size = form.integer(entry["bytes"], f"{where}.bytes")
    if size > MAX_TEXT_BYTES:
        refuse(f"{where}.bytes", "larger than this checker takes")
    return Reference(what, size, form.sha256(entry["sha256"], f"{where}.sha256"))


def read_shared(reference: Reference, shared: Shared) -> str:
    """Raises `Refused` for what is missing or not what the certificate is about."""
    name = reference.file_name
    data = content(shared, name, reference.size)
    if data is None:
        raise Refused(f"{reference.what}: there is no file {name} beside the certificate")
    if len(data) != reference.size:
        raise Refused(f"{reference.what}: {name} has not the {reference.size} bytes that the certificate says")
    if hashlib.sha256(data).hexdigest() != reference.sha256:
        raise Refused(f"{reference.what}: the SHA-256 of {name} is not what the certificate says")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{reference.what}: {name} is no text in UTF-8") from None


def content(shared: Shared, name: str, size: int) -> bytes | None:
    """Never more than one byte over `size`, whatever lies there; None if there is no such file. Raises `Refused`."""
    if not isinstance(shared, Path):
        return shared.get(name)
    path = shared / name
    try:
        if not path.is_file():  # a pipe or a device would keep its reader waiting
            return None
        with open(path, "rb") as file:
            return file.read(size + 1)
    except OSError as fault:
        raise Refused(f"{name}: cannot be read: {fault.strerror}") from None
