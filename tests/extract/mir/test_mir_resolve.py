"""Calls to bodies: in a small crate, each kind of call; in the published runtime, the operations that it has."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from mir_tools import missing, toolchains
from test_mir_compiled import cache

from extract.errors import InputError
from extract.mir.compile import Build, CompiledCrate, LocalCrate, compile_crate, registry_package
from extract.mir.impls import ImplHeader, UnknownHeader, read_headers
from extract.mir.parser import read_mir
from extract.mir.resolve import (
    Resolver,
    Target,
    ThroughPointer,
    ToBody,
    ToForeign,
    ToLibrary,
    ToOneOf,
    drops_by_type,
    library_calls,
)
from extract.mir.show import show_path, show_type
from extract.mir.tree import Function

SOURCE = """
pub mod a {
    #[derive(Clone, // why not
        Debug)]
    /// struct Liar
    pub struct Thing(pub u8);
    impl Thing {
        pub fn new() -> Thing { fn inner() -> u8 { 3 } Thing(inner()) }
    }
    pub trait Act { fn act(&self) -> u8; fn twice(&self) -> u8 { self.act() + self.act() } }
    impl Act for Thing { fn act(&self) -> u8 { self.0 } }
    impl<T: Act, const N: usize> Act for [T; N] where T: Clone { fn act(&self) -> u8 { self[0].act() } }
    impl<T> Act for &T where T: Act { fn act(&self) -> u8 { (**self).act() } }
    pub struct Waker;
    impl Clone for Waker { fn clone(&self) -> Waker { Waker } }
    macro_rules! made { ($t:ident) => { pub struct $t; impl $t { pub fn made() {} } } }
    made!(Made);
}
pub mod b {
    use crate::a::*;
    extern "C" { fn host(f: extern "C" fn(u8)); }
    extern "C" fn called_back(_: u8) {}
    pub static TABLE: fn() -> Thing = Thing::new;
    pub fn calls<T: Act>(t: T, w: std::task::Waker, f: fn(u8), g: impl FnOnce(u8)) {
        let thing = Thing::new();
        thing.act(); thing.twice(); t.act(); (&thing).act();
        let _ = thing.clone(); let _ = w.clone(); let _ = Waker.clone();
        let doubled = |x: u8| x * 2;
        doubled(3); f(1); g(2); Made::made();
        unsafe { host(called_back) };
    }
    pub async fn waits(thing: Thing) -> u8 { inner(&thing).await }
    async fn inner(thing: &Thing) -> u8 { std::future::ready(()).await; thing.0 }
}
"""


@pytest.fixture(scope="module")
def crate(tmp_path_factory: pytest.TempPathFactory) -> CompiledCrate:
    if not toolchains():
        missing("cargo")
    directory = tmp_path_factory.mktemp("crate")
    (directory / "src").mkdir()
    (directory / "Cargo.toml").write_text('[package]\nname = "c"\nversion = "0.1.0"\nedition = "2021"\n')
    (directory / "src" / "lib.rs").write_text(SOURCE)
    return compile_crate(Build(LocalCrate(str(directory))), directory / "cache")


def resolver(crate: CompiledCrate) -> Resolver:
    tree = read_mir(crate.mir_path)
    return Resolver(tree, read_headers(tree, crate.source_directory))


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(SOURCE.split("\n"), 1) if text in line)


def test_headers(crate: CompiledCrate) -> None:
    headers = read_headers(read_mir(crate.mir_path), crate.source_directory)
    by_line = {span.line: header for span, header in headers.items()}
    derived = by_line[line_of("derive(Clone")]
    assert isinstance(derived, ImplHeader)
    assert (derived.is_derived, show_type(derived.type)) == (True, "Thing")
    array = by_line[line_of("for [T; N]")]
    assert isinstance(array, ImplHeader)
    assert array.trait is not None
    assert (array.parameters, show_path(array.trait)) == (frozenset({"T", "N"}), "Act")
    assert show_type(array.type) == "[T; N]"
    assert isinstance(by_line[line_of("macro_rules")], UnknownHeader)


def test_sources_outside_are_not_read(crate: CompiledCrate, tmp_path: Path) -> None:
    headers = read_headers(read_mir(crate.mir_path), str(tmp_path))
    assert headers
    assert all(isinstance(header, UnknownHeader) for header in headers.values())


def test_each_kind_of_call(crate: CompiledCrate) -> None:
    solver = resolver(crate)
    targets = [call.target for call in solver.calls_of("b::calls", solver.functions["b::calls"].body)]

    def body(text: str, method: str) -> str:
        found = [name for name in solver.functions if f"lib.rs:{line_of(text)}:" in name and name.endswith(method)]
        assert len(found) == 1, found
        return found[0]

    thing, array, pointer = (body(text, "::act") for text in ("Act for Thing", "Act for [T; N]", "Act for &T"))
    expected: list[Target] = [
        ToBody(body("impl Thing", "::new")),
        ToBody(thing),
        ToBody("a::Act::twice"),
        ToOneOf("<_ as a::Act>::act", (thing, array, pointer), True),
        ToBody(body("derive(Clone", "::clone")),
        ToLibrary("<std::task::Waker as std::clone::Clone>::clone"),
        ToBody(body("Clone for Waker", "::clone")),
        ToBody("b::calls::{closure#0}"),
        ToOneOf("<_ as std::ops::FnOnce>::call_once", (), True),
        ToBody(body("macro_rules", "::made")),
        ToForeign("b::host"),
    ]
    for target in expected:
        assert target in targets, target
    assert sum(isinstance(target, ThroughPointer) for target in targets) == 1
    (inner,) = (call.target for call in solver.calls() if call.caller == body("impl Thing", "::new"))
    assert inner == ToBody(body("impl Thing", "::inner"))
    assert solver.unreadable


def test_functions_as_values(crate: CompiledCrate) -> None:
    values = {(site.caller, site.target) for site in resolver(crate).references()}
    assert ("b::calls", ToBody("b::called_back")) in values
    assert any(caller == "b::TABLE" and isinstance(target, ToBody) for caller, target in values)


def test_coroutines(crate: CompiledCrate) -> None:
    solver = resolver(crate)
    targets = [call.target for call in solver.calls() if call.caller == "b::waits::{closure#0}"]
    assert ToBody("b::inner::{closure#0}") in targets
    items = [item for path in crate.coroutine_drops for item in read_mir(path).items]
    drops = drops_by_type(item for item in items if isinstance(item, Function))
    assert {show_type(of) for of in drops} == {"{async fn body of b::waits()}", "{async fn body of b::inner()}"}


def test_published_runtime() -> None:
    if not toolchains():
        missing("cargo")
    try:
        crate = compile_crate(Build(registry_package("wit-bindgen@0.63.0"), ("async", "std")), cache())
    except InputError as error:
        missing(f"the registry ({error.found})")
    solver = resolver(crate)
    assert solver.unreadable == ()
    calls = list(solver.calls())
    print(Counter(type(call.target).__name__ for call in calls))
    operations = {
        call.target.bodies
        for call in calls
        if isinstance(call.target, ToOneOf) and call.target.method.endswith("WaitableOp>::in_progress_cancel")
    }
    assert [len(bodies) for bodies in operations] == [5]
    foreign = {call.target.path for call in calls if isinstance(call.target, ToForeign)}
    # Off wasm these would be functions of the crate that panic, and everything after them unreachable.
    assert foreign >= {
        "rt::async_support::subtask::cancel",
        "rt::async_support::waitable_set::join",
        "rt::async_support::waitable_set::wait",
        "rt::async_support::cabi::wasip3_task_set",
    }
    library = library_calls(calls)
    print(len(library), "library functions:", library)
    assert 100 < len(library) < 200
    assert not any(name.startswith("rt::") for name in library)
