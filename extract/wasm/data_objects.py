"""Static objects in memory 0: what exported globals, names of data segments and DWARF say of where they lie.

None of them is needed to run the module, so that each may be missing, or wrong: what they say of a name is compared.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extract.errors import InputError
from extract.wasm.initial import Initial, segment_names
from extract.wasm.module import ExternKind, Module
from extract.wasm.names import data_name
from extract.wasm.reader import Buffer, Reader

LINKER = frozenset(
    (
        *("__data_end", "__dso_handle", "__global_base", "__memory_base", "__table_base"),
        *("__stack_low", "__stack_high", "__heap_base", "__heap_end"),
    )
)
"""Where things begin and end that are no objects; together, the last two are the heap."""
_ENDS = (("", "_end"), ("", "_END"), ("_start", "_end"), ("_base", "_end"), ("_START", "_END"))
_SEGMENTS = (".bss.", ".data.", ".rodata.", ".tdata.", ".tbss.")


class Source(enum.Enum):
    EXPORT = "exported global"
    SEGMENT = "name section"
    DEBUG = "DWARF"


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """What one source says of a name. `size`: None if it does not say. `element`: of an array, the size of its entries;
    `compound`: these are arrays or records. `offset`: where in the file.
    """

    name: str
    base: int
    size: int | None
    source: Source
    offset: int
    element: int | None = None
    compound: bool = False

    def __str__(self) -> str:
        extent = "" if self.size is None else f", {self.size} bytes"
        return f"{self.base:#x}{extent} ({self.source.value}, byte {self.offset:#x})"


@dataclass(frozen=True, slots=True)
class DataObject:
    """What all sources agree on."""

    name: str
    base: int
    size: int | None
    element: int | None
    compound: bool
    claims: tuple[Claim, ...]

    @property
    def is_described(self) -> bool:
        """Whether its type is known: without an `element`, it is no array."""
        return any(one.source is Source.DEBUG for one in self.claims)


@dataclass(frozen=True, slots=True)
class Found:
    """`disagreeing`: names with claims that cannot all be true; `unread`: why a source was not read."""

    objects: tuple[DataObject, ...]
    disagreeing: tuple[tuple[str, tuple[Claim, ...]], ...]
    unread: tuple[InputError, ...]


def data_objects(data: Buffer, module: Module, initial: Initial, file: str) -> Found:
    """What can be read of the three; a source that cannot is named, and claims nothing."""
    claims = list(_exported(module, initial))
    unread = []
    try:
        segment_names(data, module, file)
        claims += _segments(initial)
    except InputError as error:
        unread.append(error)
    try:
        claims += _debug(data, module, file)
    except InputError as error:
        unread.append(error)
    objects, disagreeing = merged(claims)
    return Found(objects, disagreeing, tuple(unread))


def merged(claims: Iterable[Claim]) -> tuple[tuple[DataObject, ...], tuple[tuple[str, tuple[Claim, ...]], ...]]:
    """One source may know several objects of a name, statics of several files. But of two sources one has to know all
    places that the other knows; and of one place there is one size.
    """
    named: dict[str, list[Claim]] = defaultdict(list)
    for claim in dict.fromkeys(claims):
        named[claim.name].append(claim)
    objects: list[DataObject] = []
    disagreeing = []
    for name, of in sorted(named.items()):
        if _agree(of):
            objects += (_object(name, [one for one in of if one.base == base]) for base in sorted({c.base for c in of}))
        else:
            disagreeing.append((name, tuple(of)))
    return tuple(sorted(objects, key=lambda one: (one.base, one.name))), tuple(disagreeing)


def _agree(claims: list[Claim]) -> bool:
    places: dict[Source, set[int]] = defaultdict(set)
    sizes: dict[int, set[int]] = defaultdict(set)
    for one in claims:
        places[one.source].add(one.base)
        if one.size is not None:
            sizes[one.base].add(one.size)
    known = list(places.values())
    return all(a <= b or b <= a for a in known for b in known) and all(len(one) == 1 for one in sizes.values())


def _object(name: str, claims: list[Claim]) -> DataObject:
    size = next((one.size for one in claims if one.size is not None), None)
    array = next((one for one in claims if one.element is not None), None)
    element, compound = (None, False) if array is None else (array.element, array.compound)
    return DataObject(name, claims[0].base, size, element, compound, tuple(claims))


def _exported(module: Module, initial: Initial) -> Iterator[Claim]:
    """Linkers export a data symbol as a constant, its address. Its size is known where another one is its end."""
    found = {}
    for item in module.exports:
        if item.kind is ExternKind.GLOBAL:
            of, value = module.globals[item.index], initial.globals[item.index]
            if not of.mutable and of.content == "i32" and value is not None:
                found[item.name] = (value, item.offset)
    ends: dict[str, tuple[str, str]] = {}
    for name in found:
        for start, end in _ENDS:
            stem = name.removesuffix(start)
            if name.endswith(start) and f"{stem}{end}" in found:
                ends.setdefault(name, (stem, f"{stem}{end}"))
        if name.startswith("__start_") and (stop := f"__stop_{name.removeprefix('__start_')}") in found:
            ends[name] = (name.removeprefix("__start_"), stop)
    closing = {end for _, end in ends.values()}
    for name, (base, offset) in found.items():
        stem, end = ends.get(name, (name, ""))
        size = found[end][0] - base if end else 0
        if name not in closing and (end or name not in LINKER):
            yield Claim(data_name(stem), base, size if size > 0 else None, Source.EXPORT, offset)


def _segments(initial: Initial) -> Iterator[Claim]:
    """A segment that is named after an object holds that object, and no other."""
    for one in initial.segments:
        prefix = next((prefix for prefix in _SEGMENTS if one.name.startswith(prefix)), None)
        if prefix is not None and one.memory == 0 and one.address is not None and one.data:
            name = data_name(one.name.removeprefix(prefix))
            yield Claim(name, one.address, len(one.data), Source.SEGMENT, one.offset)


def _debug(data: Buffer, module: Module, file: str) -> Iterator[Claim]:
    sections = custom_sections(data, module, file)
    if ".debug_info" not in sections:
        return
    from extract.dwarf.read import debug_objects  # only where there is something to read

    for one in debug_objects(data, sections, file):
        yield Claim(one.name, one.base, one.size, Source.DEBUG, one.offset, one.element, one.compound)


def custom_sections(data: Buffer, module: Module, file: str) -> dict[str, tuple[int, int]]:
    """Where the content of each custom section begins and ends; of several of one name, of the first."""
    found: dict[str, tuple[int, int]] = {}
    reader = Reader(data, module.start + 8, module.end, file)
    while not reader.at_end():
        number = reader.byte()
        content = reader.sub(reader.u32(), "a section")
        if number == 0:
            found.setdefault(content.name(), (content.position, content.end))
    return found
