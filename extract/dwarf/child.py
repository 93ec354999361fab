"""Reads DWARF with pyelftools in a process of its own: it may be meant to take forever, or all memory.

Standard input is a line of JSON, limits and sizes of sections, and then the sections; the answer is JSON.
Entries are read one after the other, each once, whatever they say of siblings: the time is that of their bytes.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from elftools.dwarf.dwarf_expr import DWARFExprParser
from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DwarfConfig, DWARFInfo

from extract.dwarf.layout import TYPES, Layouts, Type
from extract.dwarf.read import SECTIONS
from extract.wasm.names import data_name

ADDRESS_BYTES = 4
_OTHERS = ("aranges", "frame", "loc", "ranges", "line", "pubtypes", "pubnames", "sup", "types")


class Unreadable(Exception):
    """The offset of the entry or unit within .debug_info, and what is wrong with it."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(offset, why)
        self.offset = offset
        self.why = why


def opened(sections: Mapping[str, bytes]) -> DWARFInfo:
    given: dict[str, Any] = {
        f"{name}_sec": DebugSectionDescriptor(io.BytesIO(data), f".{name}", 0, len(data), 0)
        for name in SECTIONS
        if (data := sections.get(name)) is not None
    }
    absent = (*(f"{name}_sec" for name in SECTIONS), *(f"debug_{name}_sec" for name in _OTHERS))
    nothing = dict.fromkeys((*absent, "eh_frame_sec", "gnu_debugaltlink_sec"))
    return DWARFInfo(DwarfConfig(True, "wasm", ADDRESS_BYTES), **{**nothing, **given})


def units(info: DWARFInfo, size: int) -> Iterator[CompileUnit]:
    offset = 0
    while offset < size:
        try:
            unit = info.get_CU_at(offset)
            unit.get_top_DIE()
        except Exception as error:  # the library raises whatever it stumbles over
            raise Unreadable(offset, _said(error)) from error
        yield unit
        offset += unit["unit_length"] + unit.structs.initial_length_field_size()


def entries(unit: CompileUnit, size: int) -> Iterator[DIE]:
    """All entries of a unit, in the order of their bytes."""
    assert unit.dwarfinfo.debug_info_sec is not None
    stream = unit.dwarfinfo.debug_info_sec.stream
    offset = unit.cu_die_offset
    end = unit.cu_offset + unit["unit_length"] + unit.structs.initial_length_field_size()
    if end > size:
        raise Unreadable(unit.cu_offset, f"a unit that ends at {end:#x}, beyond the section's {size:#x} bytes")
    while offset < end:
        try:
            entry = DIE(unit, stream, offset)
        except Exception as error:  # as above
            raise Unreadable(offset, _said(error)) from error
        yield entry
        offset += entry.size


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:100]}"


def read(sections: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Variables at addresses, and the arrays within them."""
    info = opened(sections)
    size = len(sections["debug_info"])
    layouts = Layouts()
    variables: list[tuple[DIE, int]] = []
    for unit in units(info, size):
        expressions = DWARFExprParser(unit.structs)
        parents: list[DIE] = []
        for entry in entries(unit, size):
            if entry.is_null():
                if parents:
                    parents.pop()
                continue
            if entry.tag == "DW_TAG_variable" and (address := _address(entry, expressions)) is not None:
                variables.append((entry, address))
            _note(layouts, entry, parents[-1] if parents else None)
            if entry.has_children:
                parents.append(entry)
    found: list[dict[str, Any]] = []
    for entry, address in variables:
        name, type_ = _named(entry, 0)
        if name:
            found += layouts.objects(data_name(name), address, type_, entry.offset)
    return found


def _note(layouts: Layouts, entry: DIE, parent: DIE | None) -> None:
    """Of types, what says how large they are and where arrays lie in them."""
    if entry.tag in TYPES:
        layouts.types[entry.offset] = Type(str(entry.tag), _number(entry, "DW_AT_byte_size"), _type(entry))
    elif parent is not None and (of := layouts.types.get(parent.offset)) is not None:
        match entry.tag:
            case "DW_TAG_subrange_type":
                last = _number(entry, "DW_AT_upper_bound")
                of.counts.append(_number(entry, "DW_AT_count") if last is None else last + 1)
            case "DW_TAG_member":
                at = _number(entry, "DW_AT_data_member_location")
                place = 0 if at is None and "DW_AT_data_member_location" not in entry.attributes else at
                of.members.append((_text(entry, "DW_AT_name"), place, _type(entry)))


def _address(entry: DIE, expressions: DWARFExprParser) -> int | None:
    """If the variable lies at one address. The linker leaves 0 or the last numbers where it dropped a variable."""
    location = entry.attributes.get("DW_AT_location")
    if location is None or location.form not in ("DW_FORM_exprloc", "DW_FORM_block1", "DW_FORM_block"):
        return None
    try:
        operations = expressions.parse_expr(location.value)
    except Exception as error:  # as above
        raise Unreadable(entry.offset, _said(error)) from error
    match [(one.op_name, *one.args) for one in operations]:
        case [("DW_OP_addr", int(address))]:
            pass
        case [("DW_OP_addr", int(base)), ("DW_OP_plus_uconst", int(more))]:
            address = base + more
        case [("DW_OP_addrx", int(index))]:
            try:
                address = entry.dwarfinfo.get_addr(entry.cu, index)
            except Exception as error:  # as above
                raise Unreadable(entry.offset, _said(error)) from error
        case _:
            return None
    return address if 0 < address < (1 << 32) - 2 else None


def _named(entry: DIE, depth: int) -> tuple[str, int | None]:
    """Name and type; those of what it completes, where it has none of its own."""
    name = _text(entry, "DW_AT_linkage_name") or _text(entry, "DW_AT_name")
    if name or depth or "DW_AT_specification" not in entry.attributes:
        return name, _type(entry)
    try:
        declared, type_ = _named(entry.get_DIE_from_attribute("DW_AT_specification"), depth + 1)
    except Exception as error:  # as above
        raise Unreadable(entry.offset, _said(error)) from error
    return declared, _type(entry) or type_


def _text(entry: DIE, name: str) -> str:
    value = entry.attributes[name].value if name in entry.attributes else b""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _number(entry: DIE, name: str) -> int | None:
    value = entry.attributes[name].value if name in entry.attributes else None
    return value if isinstance(value, int) and value >= 0 else None


def _type(entry: DIE) -> int | None:
    """The offset of its type within .debug_info; a type in a unit of its own is not followed."""
    of = entry.attributes.get("DW_AT_type")
    if of is None or not isinstance(of.raw_value, int) or of.form == "DW_FORM_ref_sig8":
        return None
    return int(of.raw_value) if of.form == "DW_FORM_ref_addr" else entry.cu.cu_offset + int(of.raw_value)


def main() -> None:
    first = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_AS, (first["bytes"], first["bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (first["seconds"], first["seconds"]))
    sections = {name: sys.stdin.buffer.read(size) for name, size in first["sections"].items()}
    try:
        print(json.dumps({"objects": read(sections)}))
    except Unreadable as error:
        print(json.dumps({"offset": error.offset, "why": error.why}))


if __name__ == "__main__":
    main()
