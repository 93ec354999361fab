"""Small sources and the facts that must come out of them."""

import re
from pathlib import Path

import pytest
from rust_sources import mir, run, small, tool

from extract.errors import InputError
from extract.rust.items import Enum

DISCRIMINANTS = """
#[derive(Clone, Copy)] #[repr(u8)] pub enum Plain { A, B, C }
#[derive(Clone, Copy)] #[repr(i16)] pub enum Given { A = 4, B, #[cfg(any())] Gone, C = -2, D }
#[derive(Clone, Copy)] pub enum Written { A = 0x10, B = 0b11, C = 0o17, D = 1_000 }
#[derive(Clone, Copy)] #[repr(u64)] pub enum Wide { Top = 0xffff_ffff_ffff_fffe, Last }
#[repr(u8)] pub enum Fields { A(u8), B { x: u16 } = 7, C }
"""


def _enum(found: tuple[Enum, ...], name: str) -> Enum:
    return next(one for one in found if one.path == f"crate::{name}")


def test_discriminants_are_those_of_a_compiled_program(tmp_path: Path) -> None:
    sources = small(tmp_path, DISCRIMINANTS)
    lines = []
    for enum in sources.facts.enums[:4]:
        kind = enum.representation[0] if enum.representation else "isize"
        name = enum.path.rpartition("::")[2]
        lines += [f'println!("{{}}", {name}::{one.name} as {kind});' for one in enum.variants]
    tags = ["Fields::A(1)", "Fields::B { x: 2 }", "Fields::C"]
    lines += [
        f'{{ let value = {tag}; println!("{{}}", unsafe {{ *(&raw const value).cast::<u8>() }}); }}' for tag in tags
    ]
    (tmp_path / "main.rs").write_text(f"#![allow(dead_code)]{DISCRIMINANTS} fn main() {{ {' '.join(lines)} }}")
    run(tool("rustc"), "--edition", "2024", "main.rs", "-o", "main", cwd=tmp_path)
    printed = [int(line) for line in run(str(tmp_path / "main")).split()]
    assert printed == [one.discriminant for enum in sources.facts.enums for one in enum.variants]


def test_a_discriminant_that_is_computed_is_not_guessed(tmp_path: Path) -> None:
    (enum,) = small(tmp_path, "enum E { A = 1 << 2, B, C = 9, D }").facts.enums
    assert [one.discriminant for one in enum.variants] == [None, None, 9, 10]
    assert enum.variants[0].discriminant_text == "1 << 2"


def test_fields_stand_in_the_order_of_declaration(tmp_path: Path) -> None:
    text = """
    #[repr(C, align(8))] pub struct S<'a, T: Copy = u8, const N: usize = 2> where T: 'a {
        pub first: &'a mut [T; N], #[cfg(feature = "x")] gone: u8, /// said
        #[cfg(not(feature = "x"))] second: Option<Box<dyn Fn(u8) -> T + Send>>, third: <T as Iterator>::Item }
    struct T(u8, pub(crate) *const u16); struct U; union V { a: u8, b: u16 }
    """
    named, pair, unit, union = small(tmp_path, text).facts.structs
    assert [(one.name, one.span.start.line) for one in named.fields] == [("first", 3), ("second", 4), ("third", 4)]
    assert named.representation == ("C", "align(8)")
    assert [(one.name, one.kind) for one in named.generics.parameters] == [
        ("'a", "lifetime"),
        ("T", "type"),
        ("N", "const"),
    ]
    assert [(one.name, one.visible) for one in pair.fields] == [("0", ""), ("1", "pub(crate)")]
    assert (pair.shape, unit.shape, union.is_union) == ("tuple", "unit", True)


HEADERS = """#![allow(dead_code)]
pub trait T { fn f(&self); }
pub struct A<X>(X);
#[allow(unused)]
impl<X> A<X> where X: Copy, { fn g(&self) {} }
impl<X> A<X> where { fn g2(&self) {} }
impl<X>
    Drop /* c */ for A<X> // c
{ fn drop(&mut self) { let é = "é"; /*ü*/ let c = move |x: u32| -> u32 { x + é.len() as u32 }; c(1); } }
macro_rules! types { ($($t:ty),*) => { $( impl T for $t { fn f(&self) { let c = || 1; c(); } } )* } }
types!(u8, Vec<u16>);
macro_rules! items { ($($i:item)*) => { $($i)* } }
items! { struct B; impl T for B { fn f(&self) { (|| 2)(); } } #[derive(Clone, Debug)] struct B2; }
macro_rules! trees { ($($i:tt)*) => { $($i)* } }
trees! { struct C; impl T for C where Self: Sized { fn f(&self) { assert!([1].iter().all(|x| *x == 1)); } } }
macro_rules! named { ($n:ident) => { #[derive(Clone)] struct $n; impl T for $n where { fn f(&self) {} } } }
named!(D);
macro_rules! body { ($n:ident { $($b:tt)* }) => { struct $n; impl $n { $($b)* } } }
body!(E { fn q(&self) { (|| 3)(); } });
macro_rules! spread { (($n:ident $($g:tt)*)) => { struct $n $($g)* (X);
  impl $($g)* T for $n $($g)* { fn f(&self) {} } } }
spread!((H <X>));
#[cfg_attr(all(), derive(PartialEq, Clone))]
struct F;
mod x {
\timpl super::T for\tsuper::F { fn f(&self) { let _a = async { 1 }; let _b = async move { 2 }; } } }
async fn af<X>(x: A<X>) -> u32 { let c = async |y: u32| y; c(1).await + (|| 4)(); drop(x); 3 }
fn im() -> impl core::future::Future<Output=u32> { async { (||5)() } }
const K: fn() -> u32 = || 7;
macro_rules! life { ($l:lifetime, $t:ty, [$($g:tt)*]) => {
  impl<$($g)*> T for &$l A<$t> where $t: Copy { fn f(&self) {} } } }
life!('a, Y, ['a, Y]);
struct G; impl G { const C: usize = 1; async fn me(&self) { self.x(|| 1); }
  fn x(&self, f: impl Fn() -> u32) { f(); fn inner() { (|| 9)(); } inner(); } }
macro_rules! id { ($e:expr) => { $e } }
pub fn f() { assert!([1].iter().all(|x| *x == 1)); id!((|| 5)()); let c = || 1; c();
  let v = vec![(|| 3)()]; println!("{:?} {}", v, (|| 4)()); (|| 6)(); }
pub fn g() { { fn h() {} h(); } { fn h() {} struct S; impl Drop for S { fn drop(&mut self) { (||1)(); } } h(); } }
"""


def test_places_and_numbers_are_those_of_the_mir(tmp_path: Path) -> None:
    """Where clauses, comments, tabs, letters of several bytes, and seven ways through macros."""
    sources = small(tmp_path, HEADERS)
    text = mir(tmp_path, "src/lib.rs")
    headers = set(re.findall(r"<impl at ([^>]*)>", text))
    assert len(headers) > 17
    assert [one for one in headers if not sources.index.implementations(one)] == []
    closures = re.findall(
        r"^fn (\S.*\{closure#\d+\})\(_1: (?:Pin<)?(?:&(?:mut )?)?\{[a-z ]*@(.*?)\}", text, re.MULTILINE
    )
    assert len(closures) > 15
    for path, place in closures:
        found = sources.index.closures(place)
        assert found
        assert all(one.path.endswith(f"::{path}") for one in found), (path, place)
    for name in re.findall(r"^fn (.*?)\((?:_1: |\))", text, re.MULTILINE):
        assert sources.index.find(name), name


def test_modules_are_found_where_the_reference_says(tmp_path: Path) -> None:
    files = {
        "src/lib.rs": """mod a; mod b { mod c; #[path = "odd.rs"] mod d; } #[path = "else/where.rs"] mod e;
            #[cfg(feature = "no")] mod absent; mod f;
            #[macro_use] mod m { macro_rules! made { ($n:ident) => { struct $n; } } }
            made!(FromMacro);""",
        "src/a.rs": "mod inner; struct A;",
        "src/a/inner.rs": "struct Inner;",
        "src/b/c.rs": "struct C;",
        "src/b/odd.rs": "struct D;",
        "src/else/where.rs": "mod beside; struct E;",
        "src/else/beside.rs": "struct Beside;",
        "src/f/mod.rs": "#![cfg(all())] mod g; struct F;",
        "src/f/g.rs": "#![cfg(any())] struct Gone;",
    }
    facts = small(tmp_path, files).facts
    assert {one.path: one.span.file for one in facts.structs} == {
        "crate::a::inner::Inner": "src/a/inner.rs",
        "crate::a::A": "src/a.rs",
        "crate::b::c::C": "src/b/c.rs",
        "crate::b::d::D": "src/b/odd.rs",
        "crate::e::beside::Beside": "src/else/beside.rs",
        "crate::e::E": "src/else/where.rs",
        "crate::f::F": "src/f/mod.rs",
        "crate::FromMacro": "src/lib.rs",
    }


def test_foreign_functions_have_their_names(tmp_path: Path) -> None:
    text = """#[link(wasm_import_module = "$root")] unsafe extern "C" {
        #[link_name = "[waitable-join]"] fn join(a: u32, b: u32); fn plain() -> u32; #[cfg(any())] fn gone(); }"""
    found = small(tmp_path, text).facts.foreign
    assert [(one.import_module, one.link_name, one.function.path, one.function.abi) for one in found] == [
        ("$root", "[waitable-join]", "crate::join", "C"),
        ("$root", "plain", "crate::plain", "C"),
    ]


def test_impls_say_what_they_are(tmp_path: Path) -> None:
    text = """#![feature(negative_impls)] struct S; unsafe impl Send for S {} impl !Sync for S {}
        trait Op { type Out; const N: u8 = 1; fn go(&self) -> Self::Out; fn given(&self) {} }
        impl Op for S { type Out = Vec<S>; fn go(&self) -> Vec<S> { Vec::new() } }"""
    sources = small(tmp_path, text)
    send, sync, op = sources.facts.implementations
    assert (send.unsafe, send.negative, sync.negative, op.unsafe) == (True, False, True, False)
    (trait,) = sources.facts.traits
    assert [(one.name, one.body is not None) for one in trait.methods] == [("go", False), ("given", True)]
    (implementor,) = sources.implementors.of("crate::Op")
    assert str(implementor.type("Out")).startswith("External(path='alloc::vec::Vec', arguments=(Local(path='crate::S'")
    assert sources.implementors.of("marker::Sync") == ()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("made_elsewhere! { struct S; }", "made_elsewhere!"),
        ("macro_rules! m { (a) => { struct S; } } m!(b);", "m!"),
        ("macro_rules! m { ($($t:tt)*) => { struct $($t)* } } m!(= 1);", "m!"),
        ("macro_rules! m { () => { m!(); } } fn f() { other::unknown!(); }", "other::unknown!"),
        ('extern "C" { #[link_name = concat!("a", "b")] fn f(); }', "= concat!("),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, text: str, what: str) -> None:
    (unread,) = small(tmp_path, text).facts.unread
    assert unread.what.startswith(what)
    assert unread.span.file == "src/lib.rs"


CHOICE = """cfg_if::cfg_if! { if #[cfg(feature = "a")] { struct A; } else if #[cfg(feature = "b")] { struct B; }
  else { struct C; } }
cfg_select! { feature = "a" => { struct X; } _ => { struct Y; } }"""


@pytest.mark.parametrize(("features", "names"), [(["a", "b"], ["A", "X"]), (["b"], ["B", "Y"]), ([], ["C", "Y"])])
def test_cfg_if_takes_one_arm(tmp_path: Path, features: list[str], names: list[str]) -> None:
    found = small(tmp_path, CHOICE, features).facts
    assert [one.path.removeprefix("crate::") for one in found.structs] == names


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"src/lib.rs": "struct S {\n  a: ,\n}"}, "src/lib.rs:2:"),
        ({"src/lib.rs": "mod a;", "src/a.rs": "fn f( {"}, "src/a.rs:1:"),
        ({"src/lib.rs": "\n mod a;"}, "src/lib.rs:2:2: found neither"),
        ({"src/lib.rs": "mod a;", "src/a.rs": "", "src/a/mod.rs": ""}, "src/lib.rs:1:1: found both"),
        ({"src/lib.rs": '#[path = "lib.rs"] mod a;'}, "src/lib.rs:1:20: found src/lib.rs within itself"),
        ({"src/lib.rs": "fn f() { " + "(" * 400 + ")" * 400 + " }"}, "deeper nesting"),
        ({"src/lib.rs": "macro_rules! m { ($($t:tt)*) => { m!($($t)* a); } } m!();"}, "deeper nesting"),
        ({"src/lib.rs": "macro_rules! m { ($($t:tt)*) => { m!($($t)* $($t)*); } } m!(a b c d e f);"}, "at most"),
        ({"src/lib.rs": "#[cfg(a = b)] struct S;"}, "src/lib.rs:1:7: found something else; expected a `cfg` predicate"),
        ({"src/lib.rs": "#[derive(1)] struct S;"}, "src/lib.rs:1:10: found something else; expected a path"),
        ({"src/lib.rs": "#[cfg()] struct S;"}, "src/lib.rs:1:6: found 0 predicates"),
        ({"src/lib.rs": "a\0b"}, "src/lib.rs:1:2: found a zero byte"),
    ],
)
def test_faults_have_a_place(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        small(tmp_path, files)
    assert message in str(caught.value)
