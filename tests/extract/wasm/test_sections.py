"""Each section of a core module: what it holds, and each fault with its place, in the words that people will read."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from wasm_assembly import (
    EMPTY_BODY,
    FILE,
    NOTHING,
    assembled,
    binary,
    body,
    core,
    name,
    section,
    signed,
    unsigned,
    vector,
)

from extract.errors import InputError
from extract.wasm import limits
from extract.wasm.module import Constant, ElementSegment, Export, ExternKind, GlobalType, Import, MemoryType, TableType
from extract.wasm.types import Reference

ZERO = b"\x41\0\x0b"
"""The constant expression `i32.const 0`."""
TYPES = section(1, vector(NOTHING))
FUNCTION = TYPES + section(3, vector(b"\0"))
TABLE = section(4, vector(b"\x70\0\x01"))
MEMORY = section(5, vector(b"\0\x01"))
CODE = section(10, vector(EMPTY_BODY))
FUNCREF = Reference(True, "func")

SMALLEST: dict[int, bytes] = {
    1: section(1, vector()),
    2: section(2, vector()),
    3: section(3, vector()),
    4: section(4, vector()),
    5: section(5, vector()),
    13: section(13, vector()),
    6: section(6, vector()),
    7: section(7, vector()),
    9: section(9, vector()),
    12: section(12, b"\0"),
    10: section(10, vector()),
    11: section(11, vector()),
}
"""Every section but `start`, in the order of the specification, each as small as it can be."""
TITLES = {
    1: "type section",
    2: "import section",
    3: "function section",
    4: "table section",
    5: "memory section",
    13: "tag section",
    6: "global section",
    7: "export section",
    9: "element section",
    12: "data count section",
    10: "code section",
    11: "data section",
}

FULL = assembled(r"""(module
  (type $f (func (param i32 (ref null func)) (result i64)))
  (rec (type $a (sub (struct (field i8) (field (mut anyref))))) (type $b (sub $a (struct (field i8) (field (mut anyref))
    (field f32)))) (type $c (array (mut v128))))
  (import "m" "f" (func (type $f)))
  (import "m" "t" (table 1 5 funcref))
  (import "m" "m" (memory 1 2))
  (import "m" "g" (global (mut i32)))
  (import "m" "e" (tag (param i32)))
  (func $one (export "one") (param i32) (local f64) (call $two))
  (func $two (block (br_table 0 0 0 (i32.const 1))))
  (table $t 2 (ref null func) (ref.func $one))
  (memory 3) (memory i64 4 5) (memory 6 7 shared)
  (global i32 (i32.const 7)) (global funcref (ref.func $two))
  (tag (param i64))
  (export "t" (table $t)) (export "m" (memory 2)) (export "g" (global 1)) (export "e" (tag 1))
  (start $two)
  (elem (i32.const 0) func $one $two)
  (elem func $two)
  (elem declare func $one)
  (elem (table $t) (i32.const 1) funcref (ref.null func) (item ref.func $two))
  (data (i32.const 0) "abc") (data "def") (data (memory 1) (i32.const 0) "ghi")
  (func (data.drop 1))
  (@custom "note" (after last) "anything"))""")


def fails(data: bytes) -> str:
    with pytest.raises(InputError) as error:
        core(data)
    assert error.value.file == FILE
    return str(error.value).removeprefix(f"{FILE}:")


def test_all_sections_at_once() -> None:
    module = core(FULL)
    assert [(one.module, one.name, one.kind) for one in module.imports] == [
        ("m", n, k) for n, k in zip("ftmge", ExternKind, strict=True)
    ]
    assert module.imported_functions == 1
    assert len(module.function_types) == 4
    assert [one.type for one in module.tables] == [TableType(FUNCREF, 1, 5), TableType(FUNCREF, 2, None)]
    assert [one.initialiser for one in module.tables] == [None, Constant((1,), True)]
    assert module.memories == (
        MemoryType(1, 2, 1 << 16),
        MemoryType(3, None, 1 << 16),
        MemoryType(4, 5, 1 << 16),
        MemoryType(6, 7, 1 << 16),
    )
    assert module.globals == (GlobalType("i32", True), GlobalType("i32", False), GlobalType(FUNCREF, False))
    assert module.global_initialisers == (Constant((), False), Constant((2,), True))
    assert len(module.tags) == 2
    assert [(one.name, one.kind, one.index) for one in module.exports] == [
        ("one", ExternKind.FUNCTION, 1),
        ("t", ExternKind.TABLE, 1),
        ("m", ExternKind.MEMORY, 2),
        ("g", ExternKind.GLOBAL, 1),
        ("e", ExternKind.TAG, 1),
    ]
    assert module.start_function == 2
    assert [(one.mode.value, one.table, list(one.functions), one.plain) for one in module.elements] == [
        ("active", 0, [1, 2], True),
        ("passive", 0, [2], True),
        ("declarative", 0, [1], True),
        ("active", 1, [2], True),
    ]
    assert [module.index_space(kind) for kind in ExternKind] == [4, 2, 4, 3, 2]
    assert [module.import_place(kind, 0) for kind in ExternKind] == [0, 1, 2, 3, 4]
    assert [module.import_place(kind, 1) for kind in ExternKind] == [None] * 5


def test_offsets_are_absolute() -> None:
    """A module inside another file, as in a component."""
    imports = section(2, vector(name("a") + name("b") + b"\0\0"))
    exports = section(7, vector(name("x") + b"\0\0"))
    data = binary(TYPES, imports, exports)
    module = core(data)
    assert module.imports == (Import("a", "b", ExternKind.FUNCTION, 0, data.index(imports) + 3),)
    assert module.exports == (Export("x", ExternKind.FUNCTION, 0, data.index(exports) + 3),)
    assert fails(data + b"\x0e\0") == f"byte {len(data):#x}: found section id 14; expected an id from 0 to 13"


def test_every_truncation() -> None:
    """A module that ends early is whole only where a section ends that later ones do not complete."""
    whole = []
    for cut in range(len(FULL)):
        with suppress(InputError):
            core(FULL[:cut])
            whole.append(FULL[cut])
    # Before the type, import and function sections; and after the data section, before the custom ones.
    assert whole == [1, 2, 3, 0, 0]


@pytest.mark.parametrize("number", [number for number in SMALLEST if number != 12])
def test_trailing_bytes(number: int) -> None:
    at = 8 + 3
    count = b"\0"
    written = binary(section(number, count + b"\0"))
    assert fails(written) == f"byte {at:#x}: found 1 bytes more; expected the end of the {TITLES[number]}"


def test_trailing_bytes_after_numbers() -> None:
    assert (
        fails(binary(section(12, b"\0\0")))
        == "byte 0xb: found 1 bytes more; expected the end of the data count section"
    )
    data = binary(FUNCTION, section(8, b"\0\0"), CODE)
    assert fails(data) == "byte 0x15: found 1 bytes more; expected the end of the start section"


@pytest.mark.parametrize("number", SMALLEST)
def test_a_section_that_stands_twice(number: int) -> None:
    data = binary(SMALLEST[number], SMALLEST[number])
    assert fails(data) == (
        f"byte 0xb: found {TITLES[number]} here; expected each section once, in the order of the specification"
    )


def test_the_order_of_sections() -> None:
    core(binary(*SMALLEST.values()))
    numbers = list(SMALLEST)
    for before, after in pairwise(numbers):
        assert fails(binary(SMALLEST[after], SMALLEST[before])) == (
            f"byte 0xb: found {TITLES[before]} here; expected each section once, in the order of the specification"
        )


def test_custom_sections_anywhere() -> None:
    custom = section(0, name("") + b"anything")
    core(binary(custom, *(custom + one for one in SMALLEST.values()), custom))
    names = section(0, name("name") + b"\xff\xff")
    assert core(binary(names)).name_section == (8 + 7, 8 + 9)
    assert fails(binary(section(0, b"\x02a"))) == "byte 0xb: found the end; expected 2 more bytes"
    assert fails(binary(section(0, b""))) == "byte 0xa: found the end; expected one more byte"
    assert fails(binary(section(0, b"\x01\xff"))) == "byte 0xb: found a name that is not UTF-8; expected UTF-8"


HEADERS = [
    (b"", "byte 0x0: found bytes ; expected the header of a core module, version 1"),
    (b"\0asm\x01\0\0", "byte 0x0: found bytes 00 61 73 6d 01 00 00; expected the header of a core module, version 1"),
    (
        b"\0asm\x02\0\0\0",
        "byte 0x0: found bytes 00 61 73 6d 02 00 00 00; expected the header of a core module, version 1",
    ),
    (b"\0asm\x01\0\0\0\x01", "byte 0x9: found the end; expected one more byte"),
    (
        b"\0asm\x01\0\0\0\x01\x02\0",
        "byte 0xa: found a section of 2 bytes where 1 are left; expected a size within what holds it",
    ),
    (
        b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\x0f",
        "byte 0xe: found a section of 4294967295 bytes where 0 are left; expected a size within what holds it",
    ),
    (
        b"\0asm\x01\0\0\0\x01\x80\x80\x80\x80\x80\0",
        "byte 0x9: found an integer longer than 32 bits; expected an unsigned LEB128 of 32 bits",
    ),
    (b"\0asm\x01\0\0\0\x7f\0", "byte 0x8: found section id 127; expected an id from 0 to 13"),
]


@pytest.mark.parametrize(("data", "message"), HEADERS)
def test_headers(data: bytes, message: str) -> None:
    assert fails(data) == message


# One section, what stands before it, and its error, offsets counted from the section's content.
FAULTS: list[tuple[bytes, int, bytes, int, str]] = [
    # Types
    (b"", 1, b"\x01", 0, "1 types in 0 bytes; expected at least one byte for each"),
    (b"", 1, b"\xc1\x84\x3d", 0, "1000001 types; expected at most 1000000"),
    (b"", 1, b"\x01\x61", 1, "byte 0x61; expected a function, struct or array type"),
    (b"", 1, b"\x01\x60\x01\x40\0", 3, "byte 0x40; expected a value type"),
    (b"", 1, b"\x01\x60\x01\x63\x01\0", 4, "type index 1; expected an index below 1"),
    (b"", 1, b"\x01\x60" + unsigned(1001) + b"\x7f" * 1001 + b"\0", 2, "1001 parameters; expected at most 1000"),
    (b"", 1, b"\x01\x60\0" + unsigned(1001) + b"\x7f" * 1001, 3, "1001 results; expected at most 1000"),
    (b"", 1, b"\x01\x5f\x01\x7f\x02", 4, "mutability 0x02; expected 0 or 1"),
    (b"", 1, b"\x01\x5f\x01\x76\0", 3, "byte 0x76; expected a value type"),
    (b"", 1, b"\x01\x5f\x01", 2, "1 fields in 0 bytes; expected at least one byte for each"),
    (b"", 1, b"\x01\x50\x02\0\0\x60\0\0", 2, "2 supertypes; expected at most 1"),
    (b"", 1, b"\x01\x4f\x01\x01\x60\0\0", 3, "type index 1; expected an index below 1"),
    (b"", 1, b"\x01\x50\0\x50\0\x60\0\0", 3, "byte 0x50; expected a function, struct or array type"),
    (b"", 1, b"\x01\x4e\x02\x60\0\0", 6, "the end; expected one more byte"),
    (
        b"",
        1,
        b"\x01\x4e\x09\x60\0\0",
        2,
        "9 types in a recursion group in 3 bytes; expected at least one byte for each",
    ),
    # Imports
    (TYPES, 2, b"\x01\0\0\x05\0", 3, "kind 0x05; expected 0 (function) to 4 (tag)"),
    (TYPES, 2, b"\x01\0\0\0\x01", 4, "type index 1; expected an index below 1"),
    (TYPES, 2, b"\x01\x01\xff\0\0\0", 2, "a name that is not UTF-8; expected UTF-8"),
    (TYPES, 2, b"\x01\0\x02\x61\x80\0\0", 4, "a name that is not UTF-8; expected UTF-8"),
    (TYPES, 2, b"\x01\0\0\x01\x7f\0\0", 4, "i32; expected a reference type"),
    (TYPES, 2, b"\x01\0\0\x03\x7f\x02", 5, "mutability 0x02; expected 0 or 1"),
    (TYPES, 2, b"\x01\0\0\x04\x01\0", 4, "tag attribute 0x01; expected 0x00"),
    (TYPES, 2, b"\x01\0\0\x04\0\x01", 5, "type index 1; expected an index below 1"),
    (TYPES, 2, b"\x02\0\0\0\0", 5, "the end; expected one more byte"),
    # Functions
    (TYPES, 3, b"\x01\x01", 1, "type index 1; expected an index below 1"),
    (section(1, b"\x01\x5f\0"), 3, b"\x01\0", 1, "type 0, which is no function type; expected a function type"),
    (TYPES, 3, b"\x02\0", 0, "2 functions in 1 bytes; expected at least one byte for each"),
    # Tables
    (b"", 4, b"\x01\x70\x02\0", 2, "limits flags 0x02; expected flags within 0x05"),
    (b"", 4, b"\x01\x70\x08\0", 2, "limits flags 0x08; expected flags within 0x05"),
    (b"", 4, b"\x01\x7f\0\0", 1, "i32; expected a reference type"),
    (b"", 4, b"\x01\x40\x01\x70\0\0\x0b", 1, "bytes 40 01; expected 40 00, a table with an initialiser"),
    (b"", 4, b"\x01\x40", 1, "the end; expected 2 more bytes"),
    (b"", 4, b"\x01\x40\0\x70\0\0\xd2\0\x0b", 6, "function index 0; expected an index below 0"),
    (b"", 4, b"\x01\x40\0\x70\0\0\xd0\x70", 8, "the end; expected one more byte"),
    (
        b"",
        4,
        b"\x01\x70\0" + unsigned(1 << 32),
        3,
        "an integer longer than 32 bits; expected an unsigned LEB128 of 32 bits",
    ),
    # Memories
    (b"", 5, b"\x01\x10\0", 1, "limits flags 0x10; expected flags within 0x0f"),
    (b"", 5, b"\x01\x08\0\x01", 3, "page size 2^1; expected 2^0 or 2^16"),
    (b"", 5, b"\x01\x08\0\x40", 3, "page size 2^64; expected 2^0 or 2^16"),
    (b"", 5, b"\x01\x01\0", 3, "the end; expected one more byte"),
    (b"", 5, unsigned(101) + b"\0\0" * 101, 0, "101 memories; expected at most 100"),
    (
        b"",
        5,
        b"\x01\0" + unsigned(1 << 32),
        2,
        "an integer longer than 32 bits; expected an unsigned LEB128 of 32 bits",
    ),
    (
        b"",
        5,
        b"\x01\x04" + unsigned(1 << 64),
        2,
        "an integer longer than 64 bits; expected an unsigned LEB128 of 64 bits",
    ),
    # Tags
    (TYPES, 13, b"\x01\x01\0", 1, "tag attribute 0x01; expected 0x00"),
    (TYPES, 13, b"\x01\0\x01", 2, "type index 1; expected an index below 1"),
    # Globals
    (b"", 6, b"\x01\x7f\x02" + ZERO, 2, "mutability 0x02; expected 0 or 1"),
    (b"", 6, b"\x01\x40\0" + ZERO, 1, "byte 0x40; expected a value type"),
    (b"", 6, b"\x01\x7f\0\x41\0", 5, "the end; expected one more byte"),
    (b"", 6, b"\x01\x7f\0\xff\x0b", 3, "opcode 0xff; expected an instruction of WebAssembly 3.0"),
    (b"", 6, b"\x01\x70\0\xd2\0\x0b", 3, "function index 0; expected an index below 0"),
    (b"", 6, b"\x01\x7f\0\x01\x0b", 3, "nop; expected an instruction of constant expressions"),
    (b"", 6, b"\x01\x7f\0\x02\x40\x0b\x0b", 3, "block; expected an instruction of constant expressions"),
    (FUNCTION, 6, b"\x01\x7f\0\x10\0\x0b", 3, "call; expected an instruction of constant expressions"),
    # Exports
    (b"", 7, b"\x01\0\0\0", 3, "function index 0; expected an index below 0"),
    (b"", 7, b"\x01\0\x01\0", 3, "table index 0; expected an index below 0"),
    (b"", 7, b"\x01\0\x02\0", 3, "memory index 0; expected an index below 0"),
    (b"", 7, b"\x01\0\x03\0", 3, "global index 0; expected an index below 0"),
    (b"", 7, b"\x01\0\x04\0", 3, "tag index 0; expected an index below 0"),
    (b"", 7, b"\x01\0\x05\0", 2, "kind 0x05; expected 0 (function) to 4 (tag)"),
    (FUNCTION, 7, b"\x02\x01a\0\0\x01a\0\0", 5, "a second export named 'a'; expected each name once"),
    # Start
    (b"", 8, b"\0", 0, "function index 0; expected an index below 0"),
    (b"", 8, b"", 0, "the end; expected one more byte"),
    # Elements
    (FUNCTION, 9, b"\x01\x08", 1, "element segment flags 0x8; expected 0 to 7"),
    (FUNCTION, 9, b"\x01\0" + ZERO + b"\0", 2, "table index 0; expected an index below 0"),
    (FUNCTION + TABLE, 9, b"\x01\x02\x01" + ZERO + b"\0\0", 2, "table index 1; expected an index below 1"),
    (FUNCTION, 9, b"\x01\x01\x01\0", 2, "element kind 0x01; expected 0x00"),
    (FUNCTION, 9, b"\x01\x01\0\x01\x01", 4, "function index 1; expected an index below 1"),
    (FUNCTION, 9, b"\x01\x05\x70\x01\xd2\x01\x0b", 4, "function index 1; expected an index below 1"),
    (FUNCTION, 9, b"\x01\x05\x7f\0", 2, "i32; expected a reference type"),
    (FUNCTION, 9, b"\x01\x01\0\x02\0", 3, "2 elements in 1 bytes; expected at least one byte for each"),
    (FUNCTION, 9, b"\x01\x01\0" + unsigned(10_000_001), 3, "10000001 elements; expected at most 10000000"),
    # Data
    (b"", 11, b"\x01\x03", 1, "data segment flags 0x3; expected 0 to 2"),
    (b"", 11, b"\x01\x01\x02a", 3, "a data segment of 2 bytes where 1 are left; expected a size within what holds it"),
    (b"", 11, b"\x01\0\x41\0", 4, "the end; expected one more byte"),
    (b"", 11, unsigned(100_001) + b"\x01\0" * 100_001, 0, "100001 data segments; expected at most 100000"),
    # Code
    (FUNCTION, 10, b"\0", 1, "0 function bodies; expected 1, as the function section says"),
    (FUNCTION, 10, b"\x02" + EMPTY_BODY * 2, 1, "2 function bodies; expected 1, as the function section says"),
    (b"", 10, b"\x01" + EMPTY_BODY, 1, "1 function bodies; expected 0, as the function section says"),
    (FUNCTION, 10, b"\x01" + body(b"\x10\x01"), 3, "call 1; expected indices below (1, 1)"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault[1]}-{fault[2][:8].hex()}")
def test_faults(fault: tuple[bytes, int, bytes, int, str]) -> None:
    before, number, content, at, message = fault
    data = binary(before, section(number, content))
    start = len(data) - len(content)
    assert fails(data) == f"byte {start + at:#x}: found {message}"


def test_counts_of_functions_and_data() -> None:
    assert fails(binary(FUNCTION)) == (
        "byte 0x12: found no code section; expected 1 function bodies, as the function section says"
    )
    data = binary(section(12, b"\x01"), section(11, vector()))
    assert fails(data) == f"byte {len(data):#x}: found 0 data segments; expected 1, as the data count says"
    assert fails(binary(section(12, b"\x01"))) == "byte 0xb: found 0 data segments; expected 1, as the data count says"
    core(binary(section(12, b"\x02"), section(11, vector(b"\x01\0", b"\x01\0"))))
    core(binary(section(11, vector(b"\x01\0"))))


def test_limits_on_what_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ELEMENTS", 5)
    data = binary(FUNCTION, section(9, vector(*[b"\x01\0\x03\0\0\0"] * 2)))
    assert fails(data + CODE) == f"byte {len(data) - 6:#x}: found 6 elements; expected at most 5"
    monkeypatch.setattr(limits, "MAX_CONSTANT_INSTRUCTIONS", 4)
    data = binary(section(6, vector(b"\x7f\0" + b"\x41\0" * 4 + b"\x0b")))
    assert fails(data) == (
        f"byte {len(data) - 1:#x}: found a longer constant expression; expected at most 4 instructions"
    )
    monkeypatch.setattr(limits, "MAX_TYPES", 3)
    data = binary(section(1, vector(NOTHING, b"\x4e" + vector(NOTHING, NOTHING, b"\x5f\0"))))
    assert fails(data) == "byte 0x10: found 4 types; expected at most 3"


@pytest.mark.parametrize(
    ("written", "memory"),
    [
        (b"\0\x01", MemoryType(1, None, 1 << 16)),
        (b"\x01\x01\x02", MemoryType(1, 2, 1 << 16)),
        (b"\x03\x01\x02", MemoryType(1, 2, 1 << 16)),
        (b"\x04" + unsigned(1 << 48), MemoryType(1 << 48, None, 1 << 16)),
        (b"\x07\x01\x02", MemoryType(1, 2, 1 << 16)),
        (b"\x08\x01\0", MemoryType(1, None, 1)),
        (b"\x09\x01\x02\x10", MemoryType(1, 2, 1 << 16)),
        (b"\x0f\x01\x02\0", MemoryType(1, 2, 1)),
    ],
)
def test_memories(written: bytes, memory: MemoryType) -> None:
    """Shared, 64-bit, with pages of one byte, and all of it at once."""
    assert core(binary(section(5, vector(written)))).memories == (memory,)
    assert core(binary(section(2, vector(b"\0\0\x02" + written)))).memories == (memory,)


@pytest.mark.parametrize(
    ("written", "table"),
    [
        (b"\x70\0\x01", TableType(FUNCREF, 1, None)),
        (b"\x6f\x01\x01\x02", TableType(Reference(True, "extern"), 1, 2)),
        (b"\x70\x04" + unsigned((1 << 64) - 1), TableType(FUNCREF, (1 << 64) - 1, None)),
        (b"\x63\x00\x05\x01\x02", TableType(Reference(True, 0), 1, 2)),
        (b"\x64\x70\0\0", TableType(Reference(False, "func"), 0, None)),
    ],
)
def test_tables(written: bytes, table: TableType) -> None:
    assert core(binary(TYPES, section(4, vector(written)))).tables[0].type == table
    assert core(binary(TYPES, section(2, vector(b"\0\0\x01" + written)))).tables[0].type == table


# All eight forms, and what they say: mode, table, functions, plain.
ELEMENTS: list[tuple[bytes, tuple[str, int, list[int], bool]]] = [
    (b"\0" + ZERO + b"\x02\0\x01", ("active", 0, [0, 1], True)),
    (b"\x01\0\x01\x01", ("passive", 0, [1], True)),
    (b"\x02\x01" + ZERO + b"\0\x01\0", ("active", 1, [0], True)),
    (b"\x03\0\x02\0\0", ("declarative", 0, [0, 0], True)),
    (b"\x04" + ZERO + b"\x02\xd2\x01\x0b\xd0\x70\x0b", ("active", 0, [1], True)),
    (b"\x05\x70\x01\x23\0\x0b", ("passive", 0, [], False)),
    (b"\x06\x01" + ZERO + b"\x64\0\x01\xd2\0\x0b", ("active", 1, [0], True)),
    (b"\x07\x6f\x02\xd0\x6f\x0b\x23\0\x0b", ("declarative", 0, [], False)),
]


@pytest.mark.parametrize(("written", "expected"), ELEMENTS)
def test_element_segments(written: bytes, expected: tuple[str, int, list[int], bool]) -> None:
    types = section(1, vector(NOTHING)) + section(3, vector(b"\0", b"\0"))
    data = binary(
        types,
        section(4, vector(*[b"\x70\0\x01"] * 2)),
        section(9, vector(written)),
        section(10, vector(*[EMPTY_BODY] * 2)),
    )
    (segment,) = core(data).elements
    assert isinstance(segment, ElementSegment)
    assert (segment.mode.value, segment.table, list(segment.functions), segment.plain) == expected
    assert data[segment.offset :].startswith(written)


@pytest.mark.parametrize(
    ("written", "constant"),
    [
        (b"\x41\x05\x41\x06\x6a\x0b", Constant((), False)),
        (b"\xd2\0\x0b", Constant((0,), True)),
        (b"\xd0\x70\x0b", Constant((), True)),
        (b"\x23\0\x0b", Constant((), False)),
        (b"\x42" + signed(-(1 << 63)) + b"\x0b", Constant((), False)),
        (b"\x44" + b"\x0b" * 8 + b"\x0b", Constant((), False)),
        (b"\xd2\0\xd2\0\xfb\x00\x00\x0b", Constant((0, 0), False)),
        (b"\xfd\x0c" + b"\x0b" * 16 + b"\x0b", Constant((), False)),
    ],
)
def test_constants(written: bytes, constant: Constant) -> None:
    data = binary(FUNCTION, section(6, vector(b"\x70\0" + written)), CODE)
    assert core(data).global_initialisers == (constant,)
