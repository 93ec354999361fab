"""What functions are called: the name section, exports, demangling; and name sections that are wrong."""

from __future__ import annotations

import pytest
from wasm_assembly import EMPTY_BODY, FILE, NOTHING, assembled, binary, module, name, section, unsigned, vector, world

from extract.wasm.call_graph import Dispatch
from extract.wasm.names import FunctionNames, demangle, name_section_functions
from extract.wasm.reader import Reader
from extract.wasm.world import Defined, FromHost

FUNCTIONS = binary(
    section(1, vector(NOTHING)),
    section(3, vector(b"\0", b"\0", b"\0")),
    section(10, vector(*[EMPTY_BODY] * 3)),
)


def raw(content: bytes) -> dict[int, str]:
    """The function names of a module of three functions with this as its name section."""
    return FunctionNames(world(FUNCTIONS + section(0, name("name") + content))).raw(0)


def entry(index: int, text: str) -> bytes:
    return unsigned(index) + name(text)


def test_function_names() -> None:
    assert raw(section(1, vector(entry(0, "a"), entry(2, "c")))) == {0: "a", 2: "c"}
    assert raw(section(0, name("module")) + section(1, vector(entry(1, "b"))) + section(2, b"\0")) == {1: "b"}
    assert raw(b"") == {}
    assert FunctionNames(world(FUNCTIONS)).raw(0) == {}


def test_names_of_functions_that_are_not_there() -> None:
    assert raw(section(1, vector(entry(0, "a"), entry(3, "d"), entry((1 << 32) - 1, "z")))) == {0: "a"}


def test_the_first_name_section_counts() -> None:
    first, second = (section(0, name("name") + section(1, vector(entry(0, text)))) for text in ("one", "two"))
    assert FunctionNames(world(FUNCTIONS + first + second)).raw(0) == {0: "one"}


@pytest.mark.parametrize(
    "content",
    [
        b"\x01",
        b"\x01\x05\x01",
        section(1, unsigned((1 << 32) - 1)),
        section(1, vector(entry(0, "a")))[:-1],
        section(1, b"\x01\0\x01\xff"),
        section(1, b"\x01\0\x05a"),
        section(1, vector(entry(0, "a"))) + b"\x02\x7f",
        section(1, vector(entry(0, "a"), entry(0, "b"))),
        b"\x80\x80\x80\x80\x80\x80",
    ],
)
def test_malformed_sections_name_nothing(content: bytes) -> None:
    """They are no fault of the module."""
    assert raw(content) == {}


def test_only_the_function_names_are_read() -> None:
    (instance,) = world(FUNCTIONS).instances
    content = section(1, vector(entry(0, "a"))) + section(9, b"\xff\xff\xff")
    assert name_section_functions(instance.module, Reader(content, 0, len(content), FILE)) == {0: "a"}


def test_display() -> None:
    """The name section's name, else the first export's, else the index."""
    data = module(
        '(import "m" "f" (func)) (func $named (export "e1")) (func (export "e2") (export "e3")) (func)'
        '(export "memory" (memory 0)) (memory 1)'
    )
    names = FunctionNames(data)
    shown = [names.display(Defined(0, index)) for index in range(1, 4)]
    assert shown == ["named", "e2", "func[3]"]
    assert names.display(FromHost("m.f")) == "m.f"
    assert names.display(Dispatch(None, 4)) == "indirect calls by reference, type 4"
    assert names.display(Dispatch(Defined(0, 0), 4)) == "indirect calls through a table, type 4"
    assert names.exports(0) == {1: "e1", 2: "e2"}


def test_display_in_a_component() -> None:
    """Instances apart by their labels, canonical functions by what they are about."""
    data = world(
        assembled("""(component
          (import "host" (func $h))
          (core func $lowered (canon lower (func $h)))
          (core module $M (import "n" "f" (func $f)) (func $inner (call $f)) (export "run" (func $inner)))
          (core instance $main (instantiate $M (with "n" (instance (export "f" (func $lowered)))))))""")
    )
    names = FunctionNames(data)
    shown = names.display(Defined(0, 1))
    assert shown.endswith("inner")
    assert names.display(data.instances[0].imports[0]).startswith("canon lower")


@pytest.mark.parametrize(
    ("mangled", "readable"),
    [
        ("plain", "plain"),
        ("", ""),
        ("_ZN5alloc5alloc6malloc17h0123456789abcdefE", "alloc::alloc::malloc::h0123456789abcdef"),
        ("_ZN4core3fmt9Formatter3pad17h05af221e174051e9E", "core::fmt::Formatter::pad::h05af221e174051e9"),
        ("_RNvC6_123foo3bar", "123foo::bar"),
        ("_ZN", "_ZN"),
        ("_ZN3abc", "_ZN3abc"),
        ("_R", "_R"),
        ("_RNvC99999999999999999999x", "_RNvC99999999999999999999x"),
        ("_ZN" + "1a" * 5_000 + "E", "_ZN" + "1a" * 5_000 + "E"),
        ("_R" + "B_" * 500, "_R" + "B_" * 500),
    ],
)
def test_demangle(mangled: str, readable: str) -> None:
    assert demangle(mangled) == readable
