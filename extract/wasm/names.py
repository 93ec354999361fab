"""Names of functions: the name section, export names, component-level names; demangled for reading."""

from __future__ import annotations

import re

from extract.errors import InputError
from extract.wasm import limits
from extract.wasm.call_graph import Dispatch, Vertex
from extract.wasm.module import ExternKind, Module
from extract.wasm.reader import Reader
from extract.wasm.world import Defined, FromCanon, FromHost, World

_FUNCTION_NAMES = 1
_LONGEST_MANGLED = 2_000
# References back to earlier parts of a name: each can double what is written.
_BACK_REFERENCE = re.compile("B[0-9A-Za-z]*_")
_MOST_BACK_REFERENCES = 24
_HASH = re.compile("::h[0-9a-f]{16}$")


def name_section_functions(module: Module, reader: Reader) -> dict[int, str]:
    """Function names by index. A malformed name section, one that names a function twice included, is no fault of the
    module [core 3.0, "Custom Sections"]: it names nothing.
    """
    names: dict[int, str] = {}
    try:
        while not reader.at_end():
            kind = reader.byte()
            content = reader.sub(reader.u32(), "a name subsection")
            if kind == _FUNCTION_NAMES:
                for _ in range(content.u32()):
                    index = content.u32()
                    if index in names:
                        return {}
                    names[index] = content.name(limits.MAX_MODULE_BYTES)
    except InputError:
        return {}
    return {index: name for index, name in names.items() if index < len(module.function_types)}


class FunctionNames:
    """Names of a file's functions, each module's read when first asked for. A resource."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._of_module: dict[int, dict[int, str]] = {}
        self._of_exports: dict[int, dict[int, str]] = {}

    def raw(self, instance: int) -> dict[int, str]:
        """The name section's names of an instance's functions, as they stand."""
        module = self._world.instances[instance].module
        names = self._of_module.get(id(module))
        if names is None:
            names = {}
            if module.name_section is not None:
                start, end = module.name_section
                subject = self._world.subject
                names = name_section_functions(module, Reader(subject.data, start, end, subject.path))
            self._of_module[id(module)] = names
        return names

    def exports(self, instance: int) -> dict[int, str]:
        """The first export name of each exported function of an instance."""
        module = self._world.instances[instance].module
        names = self._of_exports.get(id(module))
        if names is None:
            names = {}
            for item in module.exports:
                if item.kind is ExternKind.FUNCTION:
                    names.setdefault(item.index, item.name)
            self._of_exports[id(module)] = names
        return names

    def display(self, vertex: Vertex) -> str:
        """For people: `instance::function`, demangled, never empty."""
        match vertex:
            case Defined(instance, index):
                name = (
                    self.raw(instance).get(index)
                    or self.exports(instance).get(index)
                    or self._world.names.get(vertex)
                    or f"func[{index}]"
                )
                label = self._world.instances[instance].label
                return f"{label}::{demangle(name)}" if label else demangle(name)
            case FromHost(name):
                return name
            case FromCanon(number):
                canon = self._world.canons[number]
                return f"canon {canon.kind} {canon.name}".rstrip()
            case Dispatch(table, number):
                return f"indirect calls {'by reference' if table is None else 'through a table'}, type {number}"


def data_name(name: str) -> str:
    """Of a data symbol, without the hash that the compiler appends and that changes from build to build."""
    return _HASH.sub("", demangle(name))


def demangle(name: str) -> str:
    """A Rust symbol as Rust writes it; any other name as it stands."""
    if not name.startswith(("_ZN", "_R")) or len(name) > _LONGEST_MANGLED:
        return name
    if len(_BACK_REFERENCE.findall(name)) > _MOST_BACK_REFERENCES:
        return name
    import rust_demangler  # only when there is something to demangle

    try:
        return str(rust_demangler.demangle(name)) or name
    except Exception:  # the library raises whatever it stumbles over; a name that it cannot read is shown as it is
        return name
