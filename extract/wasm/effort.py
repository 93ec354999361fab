"""What evaluating a component may cost: small files can ask for exponentially many instances, or for endless ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from extract.errors import ByteOffset, InputError
from extract.wasm import limits


class Effort:
    """Counts instances, bytes gone through, and how deeply instantiations and types are nested."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._bytes = 0
        self._instances = 0
        self._depth = 0

    def charge(self, size: int, offset: int) -> None:
        self._bytes += size
        self._check(self._bytes, limits.MAX_EVALUATED_BYTES, "bytes of definitions to evaluate", offset)

    def instance(self, offset: int) -> None:
        """One more instantiation, of a module or a component."""
        self._instances += 1
        self._check(self._instances, limits.MAX_INSTANCES, "instances", offset)

    @contextmanager
    def deeper(self, offset: int) -> Iterator[None]:
        self._depth += 1
        self._check(self._depth, limits.MAX_COMPONENT_NESTING, "nested instantiations", offset)
        try:
            yield
        finally:
            self._depth -= 1

    def _check(self, count: int, limit: int, what: str, offset: int) -> None:
        if count > limit:
            raise InputError(self._file, ByteOffset(offset), f"{count} {what}", f"at most {limit}")
