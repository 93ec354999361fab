"""Types across the modules of a file: recursion groups, declared supertypes, limits (rule E7)."""

from __future__ import annotations

import pytest
from wasm_assembly import FILE, assembled, binary, section, vector

from extract.errors import InputError
from extract.wasm import limits
from extract.wasm.module import Module
from extract.wasm.sections import read_module
from extract.wasm.types import ArrayType, Field, FunctionType, GroupPlace, Reference, StructType, SubType, TypeStore


def read(store: TypeStore, data: bytes) -> Module:
    return read_module(data, 0, len(data), FILE, store)


def numbers(store: TypeStore, text: str) -> list[int]:
    """The interned numbers of a module's types; `text`: its fields."""
    return read(store, assembled(f"(module {text})")).scope.numbers


def test_equal_types_have_equal_numbers() -> None:
    store = TypeStore()
    first = numbers(store, "(type (func)) (type (func (param i32))) (type (func)) (type (func (result i32)))")
    second = numbers(store, "(type (func (result i32))) (type (func))")
    assert first[0] == first[2] == second[1]
    assert second[0] == first[3]
    assert len({*first}) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(type (func (param i32)))", "(type (func (param i64)))"),
        ("(type (func (param i32)))", "(type (func (result i32)))"),
        ("(type (func))", "(type (sub (func)))"),
        ("(type (sub (func)))", "(rec (type (sub (func))) (type (func)))"),
        ("(type (struct (field i8)))", "(type (struct (field i16)))"),
        ("(type (struct (field i32)))", "(type (struct (field (mut i32))))"),
        ("(type (struct (field i32)))", "(type (array i32))"),
        ("(type (func (param funcref)))", "(type (func (param (ref func))))"),
        ("(type (func (param anyref)))", "(type (func (param eqref)))"),
        ("(rec (type (func)) (type (struct)))", "(rec (type (struct)) (type (func)))"),
        ("(type $r (func (param (ref null $r))))", "(rec (type $r (func (param (ref null $r)))) (type (func)))"),
    ],
)
def test_different_types(one: str, other: str) -> None:
    store = TypeStore()
    assert numbers(store, one)[0] != numbers(store, other)[0]
    assert numbers(store, one) == numbers(store, one)


def test_recursion_groups_are_equal_across_modules() -> None:
    """A group refers to itself by place, so that where it stands in a module does not matter."""
    store = TypeStore()
    group = "(rec (type $a (func (param (ref $b)))) (type $b (struct (field (ref null $a)) (field $t i32))))"
    first = numbers(store, group)
    second = numbers(store, f"(type (array f64)) (type (func (param f64))) {group}")
    assert second[2:] == first
    assert store[first[0]] == SubType(True, (), FunctionType((Reference(False, GroupPlace(1)),), ()))
    assert store[first[1]] == SubType(
        True, (), StructType((Field(Reference(True, GroupPlace(0)), False), Field("i32", False)))
    )


def test_iso_recursive_equality() -> None:
    """The specification's: a group and its unrolled form differ; what refers to equal groups is equal."""
    store = TypeStore()
    rolled = "(type $r (struct (field (ref null $r))))"
    unrolled = f"{rolled} (type $u (struct (field (ref null $r))))"
    first = numbers(store, unrolled)
    assert first[0] != first[1]
    again = numbers(store, f"(type (func)) {unrolled}")
    assert again[1:] == first
    twice = numbers(store, f"{rolled} (type $s (struct (field (ref null $s))))")
    assert twice[0] == twice[1] == first[0]


def test_outside_references_are_by_type_not_by_index() -> None:
    store = TypeStore()
    one = numbers(store, "(type $x (func)) (type $y (func (param i32))) (type (array (ref $y)))")
    other = numbers(store, "(type $y (func (param i32))) (type $x (func)) (type (array (ref $y)))")
    wrong = numbers(store, "(type $y (func (param i32))) (type $x (func)) (type (array (ref $x)))")
    assert one[2] == other[2] != wrong[2]
    assert store[one[2]].composite == ArrayType(Field(Reference(False, one[1]), False))


CHAIN = """(type $a (sub (func))) (type $b (sub $a (func))) (type $c (sub $b (func))) (type $d (sub final $a (func)))
  (type $e (sub final $c (func)))"""


def test_subtype_chains() -> None:
    store = TypeStore()
    a, b, c, d, e = numbers(store, CHAIN)
    assert list(store.with_supertypes(e)) == [e, c, b, a]
    assert list(store.with_supertypes(d)) == [d, a]
    assert list(store.with_supertypes(a)) == [a]
    assert [store.depth(number) for number in (a, b, c, d, e)] == [0, 1, 2, 1, 3]
    assert [store[number].final for number in (a, e)] == [False, True]
    assert store.supertype(a) is None


def test_supertypes_within_a_group_and_from_another_module() -> None:
    store = TypeStore()
    group = "(rec (type $a (sub (func (result (ref null $b))))) (type $b (sub $a (func (result (ref null $b))))))"
    first = numbers(store, group)
    later = numbers(store, f"{group} (type $c (sub $b (func (result (ref null $b)))))")
    assert list(store.with_supertypes(later[2])) == [later[2], first[1], first[0]]


def chain(length: int) -> bytes:
    """`length` function types, each a subtype of the one before."""
    types = [b"\x50\0\x60\0\0", *(b"\x50\x01" + bytes((above,)) + b"\x60\0\0" for above in range(length - 1))]
    return binary(section(1, vector(*types)))


def test_the_greatest_depth() -> None:
    store = TypeStore()
    deepest = read(store, chain(limits.MAX_SUBTYPE_DEPTH + 1)).scope.numbers[-1]
    assert len(list(store.with_supertypes(deepest))) == limits.MAX_SUBTYPE_DEPTH + 1
    data = chain(limits.MAX_SUBTYPE_DEPTH + 2)
    with pytest.raises(
        InputError, match=f"byte {len(data):#x}: found a type with 64 supertypes or more; expected at most 63"
    ):
        read(TypeStore(), data)


@pytest.mark.parametrize("above", [1, 2])
def test_supertypes_that_stand_later(above: int) -> None:
    """No valid module has one, nor one that is its own; following them would not end."""
    later = vector(b"\x50\0\x60\0\0", b"\x50\x01" + bytes((above,)) + b"\x60\0\0", b"\x50\x01\x01\x60\0\0")
    data = binary(section(1, vector(b"\x4e" + later)))
    with pytest.raises(InputError, match="found a supertype that is defined later; expected one defined before"):
        read(TypeStore(), data)


def test_an_empty_group() -> None:
    assert read(TypeStore(), binary(section(1, vector(b"\x4e\0", b"\x60\0\0")))).scope.numbers == [0]


@pytest.mark.parametrize(
    ("written", "value_type"),
    [
        (b"\x7b", "v128"),
        (b"\x70", Reference(True, "func")),
        (b"\x74", Reference(True, "noexn")),
        (b"\x63\x6e", Reference(True, "any")),
        (b"\x64\x69", Reference(False, "exn")),
        (b"\x63\x00", Reference(True, GroupPlace(0))),
    ],
)
def test_value_types(written: bytes, value_type: str | Reference) -> None:
    store = TypeStore()
    read(store, binary(section(1, vector(b"\x60\x01" + written + b"\0"))))
    assert store[0].composite == FunctionType((value_type,), ())
