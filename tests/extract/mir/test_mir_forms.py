"""Each form of statement, rvalue, constant, place, terminator and type, in lines that rustc printed."""

from __future__ import annotations

import pytest
from mir_tools import FILE, in_function, parse_lines

from extract.mir import operands as o
from extract.mir import rvalues as r
from extract.mir import statements as s
from extract.mir import types as t
from extract.mir.lexer import Cursor
from extract.mir.parse_types import parse_path, parse_type
from extract.mir.parser import parse_mir
from extract.mir.show import show_path, show_type
from extract.mir.show_steps import show_statement, show_terminator
from extract.mir.tree import Alloc, ConstantItem, ConstantKind, Function, Relocation, UnknownItem

U8 = t.Primitive("u8")


def named(*names: str) -> t.Path:
    return t.Path(tuple(t.Name(name) for name in names))


def place(local: int, *projections: o.Projection) -> o.Place:
    return o.Place(local, projections)


STATEMENTS: list[tuple[str, s.StatementKind]] = [
    ("StorageLive(_4)", s.StorageLive(4)),
    ("StorageDead(_4)", s.StorageDead(4)),
    ("nop", s.Nop()),
    ("ConstEvalCounter", s.ConstEvalCounter()),
    ("Deinit(_3)", s.Deinit(place(3))),
    ("discriminant((*_3)) = 2", s.SetDiscriminant(place(3, o.Deref()), 2)),
    ("FakeRead(ForLet(None), _3)", s.FakeRead("ForLet(None)", place(3))),
    ("PlaceMention(_3)", s.PlaceMention(place(3))),
    ("Retag([fn entry] _3)", s.Retag("fn entry", place(3))),
    ("Retag(_3)", s.Retag("", place(3))),
    ("assume(move _3)", s.Assume(o.Move(place(3)))),
    ("BackwardIncompatibleDropHint(_3)", s.BackwardIncompatibleDropHint(place(3))),
    (
        "copy_nonoverlapping(dst = copy _1, src = copy _2, count = const 4_usize)",
        s.CopyNonoverlapping(o.Copy(place(1)), o.Copy(place(2)), o.Integer(4, "usize")),
    ),
]

RVALUES: list[tuple[str, r.Rvalue]] = [
    ("copy _2", r.Use(o.Copy(place(2)))),
    ("no_retag copy _2", r.Use(o.Copy(place(2)), retag=False)),
    ("move (_2.1: u8)", r.Use(o.Move(place(2, o.Field(1, U8))))),
    ("&_2", r.Borrow("", place(2))),
    ("&mut (*_2)", r.Borrow("mut", place(2, o.Deref()))),
    ("&fake shallow _2", r.Borrow("fake shallow", place(2))),
    ("&raw const (*_2)", r.AddressOf(False, place(2, o.Deref()))),
    ("&raw mut _2", r.AddressOf(True, place(2))),
    ("&raw const (fake) (*_1)", r.AddressOf(False, place(1, o.Deref()), True)),
    ("&/*tls*/ mut a::B", r.ThreadLocal(True, named("a", "B"))),
    ("Len((*_2))", r.Length(place(2, o.Deref()))),
    ("deref_copy (*_2)", r.CopyForDeref(place(2, o.Deref()))),
    ("discriminant((*_2))", r.Discriminant(place(2, o.Deref()))),
    ("Add(move _2, const 1_i32)", r.Binary("Add", o.Move(place(2)), o.Integer(1, "i32"))),
    ("SubWithOverflow(copy _2, copy _3)", r.Binary("SubWithOverflow", o.Copy(place(2)), o.Copy(place(3)))),
    ("Not(move _2)", r.Unary("Not", o.Move(place(2)))),
    ("PtrMetadata(copy _2)", r.Unary("PtrMetadata", o.Copy(place(2)))),
    ("SizeOf([u8; N])", r.SizeOf(t.Array(U8, t.PathType(named("N"))))),
    ("AlignOf(u8)", r.AlignOf(U8)),
    ("OffsetOf(Point, [(0, 1)])", r.OffsetOf(t.PathType(named("Point")), ((0, 1),))),
    ("UbChecks", r.Use(o.RuntimeChecks("UbChecks"))),
    ("ShallowInitBox(move _2, u8)", r.ShallowInitBox(o.Move(place(2)), U8)),
    ("[const 0_u8; 16]", r.Repeat(o.Integer(0, "u8"), t.ConstArgument("16"))),
    ("[move _2; N]", r.Repeat(o.Move(place(2)), t.PathType(named("N")))),
    ("[move _2, move _3]", r.ArrayAggregate((o.Move(place(2)), o.Move(place(3))))),
    ("[]", r.ArrayAggregate(())),
    ("()", r.TupleAggregate(())),
    ("(move _8,)", r.TupleAggregate((o.Move(place(8)),))),
    ("(const true, copy (*_3))", r.TupleAggregate((o.Boolean(True), o.Copy(place(3, o.Deref()))))),
    ("Unit", r.AdtAggregate(named("Unit"), None, ())),
    ("a::Some(move _2)", r.AdtAggregate(named("a", "Some"), None, (o.Move(place(2)),))),
    (
        "Point { x: move _2, y: const 0_i32 }",
        r.AdtAggregate(named("Point"), ("x", "y"), (o.Move(place(2)), o.Integer(0, "i32"))),
    ),
    (
        "{closure@src/a b.rs:92:18: 92:21} { v: move _2 }",
        r.ClosureAggregate(
            t.Closure("closure", t.Span("src/a b.rs", 92, 18, 92, 21), None), ("v",), (o.Move(place(2)),)
        ),
    ),
    (
        "{coroutine@src/a.rs:1:2: 3:4 (#0)}",
        r.ClosureAggregate(t.Closure("coroutine", t.Span("src/a.rs", 1, 2, 3, 4), 0), (), ()),
    ),
    (
        "*const [u8] from (copy _2, move _3)",
        r.RawPointerAggregate(False, t.Slice(U8), o.Copy(place(2)), o.Move(place(3))),
    ),
    ("move _2 as *const u8 (PtrToPtr)", r.Cast(o.Move(place(2)), t.RawPointer(False, U8), "PtrToPtr", ())),
    (
        "move _2 as &dyn Debug (PointerCoercion(Unsize, Implicit))",
        r.Cast(
            o.Move(place(2)),
            t.Reference(None, False, t.Dynamic((t.TraitBound((), "", named("Debug")),))),
            "PointerCoercion",
            ("Unsize", "Implicit"),
        ),
    ),
    (
        'a::f as unsafe extern "C" fn(u8) -> u8 (PointerCoercion(ReifyFnPointer(Unsafe), AsCast))',
        r.Cast(
            o.FunctionValue(named("a", "f")),
            t.FunctionPointer((), False, "C", (U8,), False, U8),
            "PointerCoercion",
            ("ReifyFnPointer(Unsafe)", "AsCast"),
        ),
    ),
    (
        "move ((_15 as Ready).0: (u8, u8))",  # looks like a cast
        r.Use(o.Move(place(15, o.Downcast("Ready"), o.Field(0, t.Tuple((U8, U8)))))),
    ),
]

CONSTANTS: list[tuple[str, o.Constant]] = [
    ("-1_i32", o.Integer(-1, "i32")),
    ("u32::MAX", o.Extreme("u32", True)),
    ("isize::MIN", o.Extreme("isize", False)),
    ("1.5E-7f32", o.Float("1.5E-7f32")),
    ("-1f64", o.Float("-1f64")),
    ("NaN_f64", o.Float("NaN_f64")),
    ("+Inf_f64", o.Float("+Inf_f64")),
    ("false", o.Boolean(False)),
    ("'a'", o.Character("a")),
    ("'\\''", o.Character("'")),
    ("'\\\\'", o.Character("\\")),
    ('"a (b) -> bb1 // \\"c\\" \\n"', o.String('a (b) -> bb1 // "c" \n')),
    ('b"\\x00\\xff\\t\\""', o.ByteString(b'\x00\xff\t"', False)),
    ('*b"ab"', o.ByteString(b"ab", True)),
    ("()", o.TupleConstant(())),
    ("(-1_i8, '\"')", o.TupleConstant((o.Integer(-1, "i8"), o.Character('"')))),
    ("[1_u8, 2_u8]", o.ArrayConstant((o.Integer(1, "u8"), o.Integer(2, "u8")))),
    ("a::LIMIT", o.Named(named("a", "LIMIT"))),
    ("f::promoted[3]", o.Named(t.Path((t.Name("f"), t.Promoted(3))))),
    (
        "core::num::<impl u32>::MAX",
        o.Named(t.Path((*named("core", "num").segments, t.ImplOf(None, t.Primitive("u32")), t.Name("MAX")))),
    ),
    ("<T as Area>::SIDES", o.Named(t.Path((t.Qualified(t.PathType(named("T")), named("Area")), t.Name("SIDES"))))),
    ("{alloc1: &u8}", o.Pointer("alloc1", 0, False, t.Reference(None, False, U8))),
    ("{alloc1+0x8<imm>: *const u8}", o.Pointer("alloc1", 8, True, t.RawPointer(False, U8))),
    ("{0x1 as *const u8}", o.Address(1, t.RawPointer(False, U8))),
    ("{transmute(0x01): Code}", o.Transmuted(1, t.PathType(named("Code")))),
    ("{unreachable(): !}", o.Uninhabited(t.NEVER)),
    ("<static(DefId(0:4 ~ pools[c768]::a::TABLE))>", o.StaticAddress("0:4", "pools[c768]::a::TABLE")),
    ("ZeroSized: Unit", o.Unprinted("ZeroSized", t.PathType(named("Unit")))),
    ("Some(1_u8)", o.AdtConstant(named("Some"), None, (o.Integer(1, "u8"),))),
    ("S {{ a: 1_u8, b: () }}", o.AdtConstant(named("S"), ("a", "b"), (o.Integer(1, "u8"), o.TupleConstant(())))),
    ("0_usize is 0..=9", o.Patterned(o.Integer(0, "usize"), "0..=9")),
]

PLACES: list[tuple[str, o.Place]] = [
    ("_12", place(12)),
    ("(*(*_1))", place(1, o.Deref(), o.Deref())),
    ("((*_1).3: u8)", place(1, o.Deref(), o.Field(3, U8))),
    ("(((*_3) as variant#3).0: u8)", place(3, o.Deref(), o.Downcast(3), o.Field(0, U8))),
    ("_1[_2]", place(1, o.Index(2))),
    ("(*_1)[0 of 2]", place(1, o.Deref(), o.ConstantIndex(0, 2, False))),
    ("(*_1)[-1 of 2]", place(1, o.Deref(), o.ConstantIndex(1, 2, True))),
    ("_1[1:-2]", place(1, o.Subslice(1, 2, True))),
    ("_1[:-2]", place(1, o.Subslice(0, 2, True))),
    ("_1[3:]", place(1, o.Subslice(3, 0, True))),
    ("_1[1..4]", place(1, o.Subslice(1, 4, False))),
    ("(_1 as subtype &u8)", place(1, o.OpaqueCast(t.Reference(None, False, U8), True))),
    ("(_1 as u8)", place(1, o.OpaqueCast(U8, False))),
    ("unwrap_binder!(_1)", place(1, o.UnwrapUnsafeBinder())),
]

CLEANUP = s.UnwindCleanup(3)
TERMINATORS: list[tuple[str, s.TerminatorKind]] = [
    ("goto -> bb2", s.Goto(2)),
    ("return", s.Return()),
    ("resume", s.Resume()),
    ("unreachable", s.Unreachable()),
    ("coroutine_drop", s.CoroutineDrop()),
    ("terminate(cleanup)", s.Terminate("cleanup")),
    ("switchInt(move _2) -> [0: bb2, 255: bb3, otherwise: bb1]", s.SwitchInt(o.Move(place(2)), ((0, 2), (255, 3)), 1)),
    ("drop(_2) -> [return: bb2, unwind: bb3]", s.Drop(place(2), 2, CLEANUP)),
    ("drop(_2) -> [return: bb2, unwind terminate(cleanup)]", s.Drop(place(2), 2, s.UnwindTerminate("cleanup"))),
    ("drop((*_2)) -> [return: bb2, unwind continue]", s.Drop(place(2, o.Deref()), 2, s.UnwindContinue())),
    ("drop(_2) -> [return: bb2, unwind: bb3, drop: bb4]", s.Drop(place(2), 2, CLEANUP, 4)),
    (
        "_0 = a::f(move _2, const 1_u8) -> [return: bb2, unwind: bb3]",
        s.Call(o.FunctionValue(named("a", "f")), (o.Move(place(2)), o.Integer(1, "u8")), place(0), 2, CLEANUP),
    ),
    (
        "_0 = move (*_2)() -> [return: bb2, unwind unreachable]",
        s.Call(o.Move(place(2, o.Deref())), (), place(0), 2, s.UnwindUnreachable()),
    ),
    (
        '_2 = panic(const "a -> bb1 (") -> bb3',
        s.Call(o.FunctionValue(named("panic")), (o.String("a -> bb1 ("),), place(2), None, CLEANUP),
    ),
    (
        "_2 = panic() -> unwind continue",
        s.Call(o.FunctionValue(named("panic")), (), place(2), None, s.UnwindContinue()),
    ),
    ("tailcall a::f(copy _2)", s.TailCall(o.FunctionValue(named("a", "f")), (o.Copy(place(2)),))),
    (
        'assert(!move _2, "attempt to divide `{}` by zero", copy _3) -> [success: bb2, unwind continue]',
        s.Assert(
            o.Move(place(2)),
            False,
            s.AssertMessage("DivisionByZero", "attempt to divide `{}` by zero", (o.Copy(place(3)),)),
            2,
            s.UnwindContinue(),
        ),
    ),
    (
        'assert(const false, "`async fn` resumed after completion") -> [success: bb2, unwind: bb3]',
        s.Assert(
            o.Boolean(False),
            True,
            s.AssertMessage("ResumedAfterReturn", "`async fn` resumed after completion", ()),
            2,
            CLEANUP,
        ),
    ),
    ("_2 = yield(move _3) -> [resume: bb2, drop: bb3]", s.Yield(o.Move(place(3)), place(2), 2, 3)),
    ("_2 = yield(const ()) -> bb2", s.Yield(o.TupleConstant(()), place(2), 2, None)),
    ("falseEdge -> [real: bb2, imaginary: bb3]", s.FalseEdge(2, 3)),
    ("falseUnwind -> [real: bb2, unwind: bb3]", s.FalseUnwind(2, CLEANUP)),
]

TYPES = [
    "u8",
    "!",
    "()",
    "(u8,)",
    "(u8, &'static str)",
    "&'a mut [T]",
    "*const [u8; 16]",
    "[<O as a::Ops>::Payload; 1]",
    "[u8; a::f::{constant#0}]",
    "alloc::collections::BTreeMap<&str, alloc::vec::Vec<(u8,)>>",
    "Formatter<'_>",
    "fn(T, *mut u8) -> T",
    'unsafe extern "C" fn(*const u8, ...) -> i32',
    "for<'a, 'b> fn(&'a u8, &'b u8) -> &'a u8",
    "fn(&'static str) -> ! {core::panicking::panic}",
    "fn(T) -> core::option::Option<T> {core::option::Option::<T>::Some}",
    "dyn core::future::Future<Output = ()>",
    "&dyn core::fmt::Debug",
    "alloc::boxed::Box<(dyn for<'a> core::ops::Fn(&'a u8) -> &'a u8 + core::marker::Send + 'static)>",
    "impl Future<Output = ()> + 'static",
    "impl FnOnce(&mut Self) -> R",
    "impl ?Sized",
    "<<T as a::B>::C as a::D<u8>>::E",
    "<impl FnOnce(&mut Self) -> R as core::ops::FnOnce<(u8,)>>::Output",
    "{closure@src/a.rs:1:2: 3:4}",
    "{async block@src/a.rs:1:2: 3:4}",
    "{async fn body of a::B<O>::c()}",
    "core::pin::Pin<&mut {async fn body of rt::yield_async()}>",
    "{closure@core::iter::map_fold<&T, {closure@src/a.rs:1:2: 3:4}>::{closure#0}}",
    "rt::yield_async::{closure#0}::Yield",
    "a::<impl at src/a.rs:7:1: 7:17>::f::Inner",
    "Wrapper<u8, 3>",
    "unsafe<'a> &'a u8",
]

VALUE_PATHS = [
    "a::b::f",
    "core::option::Option::<&a::B>::map::<*mut u8, {closure@src/a.rs:92:18: 92:21}>",
    "<T as core::iter::Iterator>::next",
    "core::slice::<impl [T]>::len",
    "core::ptr::const_ptr::<impl *const core::mem::MaybeUninit<T>>::add",
    "a::<impl a::TaskState<'_>>::read",
    "a::<impl a::Trait for a::Type<u8>>::f",
    "a::TaskState::<'_>::with::<(), impl FnOnce()>",
    "a::f::<impl Fn()>::{closure#0}",
    "a::f::<impl Fn(u8) + 'static>::promoted[0]",
    "<impl at src/lib.rs:1:2: 3:4>::f::{closure#0}::{closure#1}",
    "a::take::promoted[0]",
    "<dyn core::any::Any>::is::<u8>",
    "r#type::r#fn",
]


@pytest.mark.parametrize(("text", "expected"), STATEMENTS)
def test_statement(text: str, expected: s.StatementKind) -> None:
    statement = parse_lines(text, "return").blocks[0].statements[0].kind
    assert statement == expected
    assert show_statement(statement) == text


@pytest.mark.parametrize(("text", "expected"), RVALUES)
def test_rvalue(text: str, expected: r.Rvalue) -> None:
    statement = parse_lines(f"_0 = {text}", "return").blocks[0].statements[0].kind
    assert statement == s.Assign(place(0), expected)
    assert show_statement(statement) == f"_0 = {text}"


@pytest.mark.parametrize(("text", "expected"), CONSTANTS)
def test_constant(text: str, expected: o.Constant) -> None:
    statement = parse_lines(f"_0 = const {text}", "return").blocks[0].statements[0].kind
    assert statement == s.Assign(place(0), r.Use(expected))
    assert show_statement(statement) == f"_0 = const {text}"


@pytest.mark.parametrize(("text", "expected"), PLACES)
def test_place(text: str, expected: o.Place) -> None:
    for line in (f"_0 = move {text}", f"{text} = const ()", f"drop({text}) -> [return: bb1, unwind continue]"):
        assert not list(parse_lines(line, "return").unknowns()) or line.startswith("drop")
    statement = parse_lines(f"_0 = copy {text}", "return").blocks[0].statements[0].kind
    assert statement == s.Assign(place(0), r.Use(o.Copy(expected)))
    assert show_statement(statement) == f"_0 = copy {text}"
    # compilers before 1.82 print a copy so
    assert parse_lines(f"_0 = {text}", "return").blocks[0].statements[0].kind == statement


@pytest.mark.parametrize(("text", "expected"), TERMINATORS)
def test_terminator(text: str, expected: s.TerminatorKind) -> None:
    terminator = parse_lines("nop", text).blocks[0].terminator.kind
    assert terminator == expected
    assert show_terminator(terminator) == text


@pytest.mark.parametrize("text", TYPES)
def test_type(text: str) -> None:
    cursor = Cursor(text)
    parsed = parse_type(cursor)
    cursor.end()
    assert show_type(parsed) == text


@pytest.mark.parametrize("text", VALUE_PATHS)
def test_value_path(text: str) -> None:
    cursor = Cursor(text)
    parsed = parse_path(cursor)
    cursor.end()
    assert show_path(parsed) == text


@pytest.mark.parametrize(
    "line",
    [
        "_0 = Frobnicate(move _1, move _2, move _3) with sugar",
        "StorageQuestion(_1)",
        "_0 = move _2 as u8 (NewCast)",
        "_0 = move _2 as u8 (PointerCoercion(NewCoercion, Implicit))",
        'assert(move _2, "a new message") -> [success: bb1, unwind continue]',
        "_0 = const {newthing: u8}",
        "_0 = f(move _1) -> [return: bb1, unwind newly]",
    ],
)
def test_unknown_stays_in_its_place(line: str) -> None:
    for body in (parse_lines("nop", line, "return"), parse_lines("nop", line)):
        (unknown,) = body.unknowns()
        assert unknown.text == line
        assert in_function("nop", line).split("\n")[unknown.line - 1].strip() == f"{line};"
    assert len(body.blocks) == 10


def test_an_operator_and_a_struct_of_its_name() -> None:
    lines = ["fn f(_1: u8) -> Not {", "    let mut _0: Not;", "", "    bb0: {", "        _0 = Not(move _1);"]
    text = "\n".join([*lines, "        return;", "    }", "}", ""])
    assert [unknown.line for unknown in parse_mir(FILE, text).unknowns()] == [5]


def test_a_function_and_a_unit_struct() -> None:
    text = (
        "fn f() -> () {\n    let mut _0: ();\n    let _1: fn() {a::g};\n    let _2: a::G;\n\n    bb0: {\n"
        "        _1 = a::g;\n        _2 = a::G;\n        return;\n    }\n}\n"
    )
    (function,) = parse_mir(FILE, text).items
    assert isinstance(function, Function)
    assert [statement.kind for statement in function.body.blocks[0].statements] == [
        s.Assign(place(1), r.Use(o.FunctionValue(named("a", "g")))),
        s.Assign(place(2), r.AdtAggregate(named("a", "G"), None, ())),
    ]


def test_items() -> None:
    text = (
        "const A: u32 = const 1_u32;\n"
        "const B: u32 = const frob frob;\n"
        "static mut C: u8 = {\n    let mut _0: u8;\n\n    bb0: {\n        return;\n    }\n}\n\n"
        "alloc3 (static: C, size: 1, align: 1) {\n    07                                              │ .\n}\n\n"
        "alloc4 (fn: a::b)\n\n"
        "alloc5 (size: 0, align: 8) {}\n\n"
        "a::{constant#0}: usize = {\n    let mut _0: usize;\n\n    bb0: {\n        return;\n    }\n}\n\n"
        "gizmo x {\n    whatever\n}\n"
        "// MIR FOR CTFE\n"
        "fn f() -> () {\n    let mut _0: ();\n\n    bb0: {\n        return;\n    }\n}\n"
    )
    tree = parse_mir(FILE, text)
    a, b, c, static, function, empty, anonymous, unknown, twin = tree.items
    assert isinstance(a, ConstantItem)
    assert a.value == o.Integer(1, "u32")
    assert isinstance(b, ConstantItem)
    assert isinstance(b.value, s.UnknownConstruct)
    assert isinstance(c, ConstantItem)
    assert c.kind is ConstantKind.STATIC_MUT
    assert isinstance(static, Alloc)
    assert (static.about, static.memory.data if static.memory else None) == ("static: C", (7,))
    assert isinstance(function, Alloc)
    assert (function.about, function.memory) == ("fn: a::b", None)
    assert isinstance(empty, Alloc)
    assert isinstance(anonymous, ConstantItem)
    assert anonymous.kind is ConstantKind.ANONYMOUS
    assert isinstance(unknown, UnknownItem)
    assert isinstance(twin, Function)
    assert twin.for_ctfe
    assert list(tree.functions()) == []
    assert [construct.line for construct in tree.unknowns()] == [2, unknown.construct.line]


def test_pointers_in_memory() -> None:
    text = (
        "alloc1 (size: 48, align: 8) {\n"
        "    0x00 │ ╾───────alloc4────────╼ 03 00 00 00 00 00 00 00 │ ╾──────╼........\n"
        "    0x10 │ ╾─────alloc5+0x2──────╼ __ __ 00 00 ╾─────────── │ ╾──────╼░░..╾───\n"
        "    0x20 │ alloc6<imm>╼ 01 02 03 04 05 06 07 08 61 62 63 64 │ ───╼........abcd\n"
        "}\n"
    )
    (alloc,) = parse_mir(FILE, text).items
    assert isinstance(alloc, Alloc)
    assert alloc.memory is not None
    assert alloc.memory.relocations == (
        Relocation(0, "alloc4", 0, False),
        Relocation(16, "alloc5", 2, False),
        Relocation(28, "alloc6", 0, True),
    )
    assert alloc.memory.data[8:16] == (3, 0, 0, 0, 0, 0, 0, 0)
    assert alloc.memory.data[24:28] == (None, None, 0, 0)
    assert bytes(byte or 0 for byte in alloc.memory.data[-4:]) == b"abcd"


def test_sources_take_no_part_in_equality() -> None:
    plain = in_function("nop", "return")
    spanned = plain.replace("nop;", "nop;       // scope 2 at src/a.rs:1:2: 3:4")
    (one,), (other,) = parse_mir(FILE, plain).items, parse_mir(FILE, spanned).items
    assert one == other
    assert isinstance(other, Function)
    source = other.body.blocks[0].statements[0].source
    assert (source.scope, source.span) == (2, t.Span("src/a.rs", 1, 2, 3, 4))
