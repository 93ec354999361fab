"""Functions by name: roots that the user names (T4), realloc names (T1), allocator entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from proofs.recheck.faults import Malformed, Refused
from proofs.recheck.module import Kind, Module
from proofs.recheck.reader import Reader
from proofs.recheck.world import Function, World

MAX_NAME = 1 << 16
_REALLOC = re.compile(
    r"cabi_realloc(?:\$[0-9]+)?|canonical_abi_realloc|cabi_import_realloc|cabi_export_realloc|cm32p2_realloc"
)
_LEGACY_SEGMENT = re.compile(r"([1-9][0-9]{0,5})")


def is_realloc_name(name: str) -> bool:
    """T1."""
    return _REALLOC.fullmatch(name) is not None


def function_names(data: bytes, module: Module) -> dict[int, str]:
    """The function names of the name section. One that cannot be read, or names a function twice, names
    nothing, as engines hold it.
    """
    if module.name_section is None:
        return {}
    try:
        named = list(_read_names(Reader(data, *module.name_section)))
    except Malformed:
        return {}
    names = dict(named)
    return names if len(names) == len(named) else {}


def _read_names(r: Reader) -> Iterator[tuple[int, str]]:
    while not r.at_end:
        kind = r.u8()
        section = r.sub(r.u32())
        if kind == 1:
            for _ in range(section.count()):
                yield section.u32(), section.name()


def named_functions(data: bytes, world: World) -> Iterator[tuple[str, Function]]:
    """T4: every name of the name section and every name of an exported function, of each core instance."""
    for instance in world.instances:
        for index, name in function_names(data, instance.module).items():
            if index < len(instance.module.functions):
                yield name, instance.function(index)
        for name, (kind, index) in instance.module.exports.items():
            if kind is Kind.FUNC:
                yield name, instance.function(index)


def imported_functions(world: World) -> Iterator[tuple[str, Function]]:
    for instance in world.instances:
        for imported, function in zip(instance.module.imported(Kind.FUNC), instance.functions, strict=True):
            yield imported.name, function


class AllocatorNames:
    """Whether a function's name is that of an allocator entry, by the names that were looked for."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        entries = "|".join(map(re.escape, sorted(self._names)))
        self._last = re.compile(rf"(?:^|::|[$.])(?:{entries})(?:\Z|\.)")
        sized = [f"{len(name.encode())}_?{re.escape(name)}" for name in sorted(self._names)]
        self._segment = re.compile("|".join(sized))

    def match(self, name: str) -> bool:
        """The name itself or what follows a `::`, `$` or `.`, up to the end or a `.`; in a mangled name of Rust, a path
        segment.

        In the newer mangling a segment is its length, perhaps `_`, and its bytes; that it may be found
        across the border of two others is a function too many, not one too few.
        """
        if len(name) > MAX_NAME:
            raise Refused("subject: a function name longer than this checker takes")
        if self._last.search(name):
            return True
        if name.startswith("_ZN"):
            return any(segment in self._names for segment in _legacy_segments(name))
        return name.startswith("_R") and self._segment.search(name) is not None


def _legacy_segments(name: str) -> Iterator[str]:
    position = 3
    while found := _LEGACY_SEGMENT.match(name, position):
        position = found.end() + int(found.group(1))
        yield name[found.end() : position]
