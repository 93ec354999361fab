"""The `component-name` custom section, for people: what is wrong in it is passed over [CM `Binary.md`]."""

from __future__ import annotations

from extract.errors import InputError
from extract.wasm import limits
from extract.wasm.component_parts import read_sort
from extract.wasm.component_syntax import ComponentNames, SortIndex
from extract.wasm.reader import Reader

SECTION_NAME = "component-name"


def read_component_names(reader: Reader) -> ComponentNames:
    """Reads the section's content as far as it makes sense."""
    own = ""
    items: dict[SortIndex, str] = {}
    try:
        while not reader.at_end():
            subsection = reader.byte()
            content = reader.sub(reader.u32(), "a subsection")
            if subsection == 0:
                own = content.name()
            elif subsection == 1:
                _read_sort_names(content, items)
    except InputError:
        pass  # "validity of this custom section is not required"
    return ComponentNames(own, items)


def _read_sort_names(reader: Reader, items: dict[SortIndex, str]) -> None:
    sort = read_sort(reader)
    for _ in range(reader.count(limits.MAX_COMPONENT_ITEMS, "names")):
        item = SortIndex(sort, reader.u32())
        items[item] = reader.name()
