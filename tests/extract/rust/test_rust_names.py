"""What names mean, what drop glue comes of types, and what tables of functions hold."""

from pathlib import Path

import pytest
from rust_sources import small

from extract.rust.glue import Library, NoGlue, UnknownGlue, ordered
from extract.rust.library_types import library_type
from extract.rust.types import Array, ClosureType, Coroutine, External, Local, Parameter, Primitive, Tuple, Type

NAMES = """
use a::{self as other, Thing, inner::*}; use std::sync::Arc as Shared; extern crate alloc as heap; use a::Choice::*;
pub mod a { pub struct Thing; pub mod inner { pub struct Deep; struct Hidden; pub use super::super::Top as Renamed;
    pub fn f() { use super::Thing as T; struct Inside(T, super::Thing, Inside2); struct Inside2; } }
    pub enum Choice { One(super::Thing), Two } pub type Pair<X, Y = u8> = (X, Y); }
struct Top; trait Tr { type Out; } mod std2 { pub use std::vec::*; pub struct Own; }
struct Fields<T: Tr>(Thing, other::Thing, Deep, Renamed, Shared<u8>, heap::boxed::Box<u8>, Option<T>, T::Out,
    a::Pair<T>, crate::a::inner::Deep, self::Top, ::std::string::String, a::Pair<u8, u16>, <T as Tr>::Out, std2::Own);
struct Bad(Missing, a::inner::Hidden, std2::Drain, nowhere::X, Vec<Missing>);
"""


def _text(given: Type) -> str:
    match given:
        case Local(path, arguments) | External(path, arguments):
            return path + (f"<{', '.join(map(_text, arguments))}>" if arguments else "")
        case Parameter(name) | Primitive(name):
            return name
        case Tuple(elements):
            return f"({', '.join(map(_text, elements))})"
        case _:
            return type(given).__name__


def test_names_of_fields(tmp_path: Path) -> None:
    sources = small(tmp_path, NAMES)
    structs = {one.path: one for one in sources.facts.structs}

    def fields(path: str) -> list[str]:
        struct = structs[path]
        return [_text(sources.types.resolve(one.type, struct.environment)) for one in struct.fields]

    assert fields("crate::Fields") == [
        "crate::a::Thing",
        "crate::a::Thing",
        "crate::a::inner::Deep",
        "crate::Top",
        "std::sync::Arc<u8>",
        "alloc::boxed::Box<u8>",
        "core::option::Option<T>",
        "Projection",
        "(T, u8)",
        "crate::a::inner::Deep",
        "crate::Top",
        "std::string::String",
        "(u8, u16)",
        "Projection",
        "crate::std2::Own",
    ]
    assert fields("crate::a::inner::f::Inside") == ["crate::a::Thing"] * 2 + ["crate::a::inner::f::Inside2"]
    of_parameter, qualified = (
        sources.types.resolve(structs["crate::Fields"].fields[number].type, structs["crate::Fields"].environment)
        for number in (7, 13)
    )
    assert of_parameter == qualified


def test_what_cannot_be_resolved_is_named_with_its_place_and_reason(tmp_path: Path) -> None:
    found = {(one.name, one.span.start.line): one.reason for one in small(tmp_path, NAMES).unresolved}
    assert found == {
        ("Missing", 9): "nothing of this name is in scope",
        ("a::inner::Hidden", 9): "nothing of this name is in scope",
        ("std2::Drain", 9): "it may come from `use std::vec::*`",
        ("nowhere::X", 9): "nothing of this name is in scope",
    }


GLUE = """
use std::{mem::ManuallyDrop, marker::PhantomData, sync::Arc, pin::Pin, future::Future};
struct Noisy(u8); impl Drop for Noisy { fn drop(&mut self) {} }
struct Outer<T> { number: u32, second: Inner<T>, first: Noisy, kept: ManuallyDrop<Noisy>, none: PhantomData<T>,
    raw: *mut Noisy, lent: &'static Noisy, pair: (Noisy, T), many: [Noisy; 3] }
struct Inner<T>(Option<T>, Vec<Noisy>); impl<T> Drop for Inner<T> { fn drop(&mut self) {} }
enum State<T> { Start(T), Going { a: Noisy, b: Box<T> }, Done } union U { a: ManuallyDrop<Noisy> }
struct List(Option<Box<List>>); struct Task(Pin<Box<dyn Future<Output = ()>>>, Arc<Noisy>, Strange, U);
#[derive(Clone, Copy)] struct Plain(u8); trait Op { type State; } impl<T> Op for Outer<T> { type State = State<T>; }
struct Holds<O: Op>(O::State); use elsewhere::Strange;
"""
CASES: list[tuple[Type, list[str]]] = [
    (Local("crate::Noisy"), [": Noisy"]),
    (
        Local("crate::Outer", (Local("crate::Noisy"),)),
        [
            "second: Inner",
            "second.0.as Some.0: Noisy",
            "second.1.<0>: Noisy",
            "second.1: elements",
            "first: Noisy",
            "pair.0: Noisy",
            "pair.1: Noisy",
            "many.[each]: Noisy",
        ],
    ),
    (
        Local("crate::State", (Parameter("X"),)),
        ["as Start.0: open", "as Going.a: Noisy", "as Going.b.<0>: open", "as Going.b: owned"],
    ),
    (Local("crate::List"), ["0.as Some.0.<0>: again", "0.as Some.0: owned"]),
    (Local("crate::Task"), ["0.<0>.<0>: vtable", "0.<0>: owned", "1.<0>: Noisy", "1: shared", "2: unknown"]),
    (Local("crate::Plain"), []),
    (Local("crate::U"), []),
    (Array(Tuple((Primitive("u8"), Local("crate::Noisy"))), "4"), ["[each].1: Noisy"]),
    (
        Local("crate::Holds", (Local("crate::Outer", (Local("crate::Noisy"),)),)),
        ["0.as Start.0: Noisy", "0.as Going.a: Noisy", "0.as Going.b.<0>: Noisy", "0.as Going.b: owned"],
    ),
]


@pytest.mark.parametrize(("given", "steps"), CASES, ids=lambda one: _text(one) if not isinstance(one, list) else "")
def test_drop_glue_is_the_own_drop_and_then_the_fields(tmp_path: Path, given: Type, steps: list[str]) -> None:
    sources = small(tmp_path, GLUE)
    owners = {
        f"<impl at {one.implementation.span}>::drop": _text(one.self_type).rpartition("::")[2].partition("<")[0]
        for one in sources.implementors.of("ops::Drop")
    }
    names = {"Inner<T>": "Inner"}
    found = ordered(sources.glue.drop_glue(given))
    assert [f"{'.'.join(one.place)}: {owners.get(one.action, one.action)}" for one in found] == [
        names.get(step, step) for step in steps
    ]


def test_closures_coroutines_and_strangers(tmp_path: Path) -> None:
    sources = small(tmp_path, GLUE)
    span = sources.facts.structs[0].span
    noisy = Local("crate::Noisy")
    glue = sources.glue.drop_glue
    assert [one.place for one in ordered(glue(ClosureType(span, (noisy, Primitive("u8"), noisy))))] == [("0",), ("2",)]
    assert isinstance(glue(ClosureType(span)), UnknownGlue)
    (step,) = ordered(glue(Coroutine("crate::f::{closure#0}", span)))
    assert step.action == "coroutine_drop"
    unknown = glue(External("other::Thing"))
    assert isinstance(unknown, UnknownGlue)
    assert unknown.name == "other::Thing"
    assert isinstance(glue(External("std::mem::MaybeUninit", (noisy,))), NoGlue)
    shared = glue(External("alloc::rc::Rc", (noisy,)))
    assert isinstance(shared, Library)
    assert shared.rule.citation == "https://doc.rust-lang.org/std/rc/struct.Rc.html"


def test_the_table_of_library_types_knows_all_three_crates() -> None:
    assert library_type("core::option::Option") is library_type("std::option::Option") is not None
    assert library_type("mine::option::Option") is None


TABLES = """
use std::task::{RawWaker, RawWakerVTable}; type Callback = fn(u8);
struct Table { a: Callback, b: Option<unsafe extern "C" fn()>, c: u8, d: fn() } struct S;
impl S { const T: Table = Table { a: Self::m, b: Some(free), c: 1, d: S::n }; fn m(_: u8) {} fn n() {} }
unsafe extern "C" fn free() {} fn local() {} mod m { pub fn there() {} }
fn build(local: fn()) -> Table { Table { a: |_| {}, b: None, c: 2, d: local } }
fn other() -> Table { let t = Table { d: m::there, ..S::T }; t }
static V: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, m::gone);
unsafe fn clone(_: *const ()) -> RawWaker { loop {} } unsafe fn wake(_: *const ()) {}
"""


def test_tables_of_functions(tmp_path: Path) -> None:
    sources = small(tmp_path, TABLES)
    at = str(sources.facts.implementations[0].span)
    found = {one.owner: [(field.field, field.functions) for field in one.fields] for one in sources.tables}
    assert found == {
        f"crate::<impl at {at}>::T": [
            ("a", (f"crate::<impl at {at}>::m",)),
            ("b", ("crate::free",)),
            ("d", (f"crate::<impl at {at}>::n",)),
        ],
        "crate::build": [("a", ()), ("b", ()), ("d", ())],
        "crate::other": [("d", ("crate::m::there",))],
        "crate::V": [
            ("clone", ("crate::clone",)),
            ("wake", ("crate::wake",)),
            ("wake_by_ref", ("crate::wake",)),
            ("drop", ()),
        ],
    }
