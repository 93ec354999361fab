"""A random crate with static pools: its source, its instrumented twin, and how to call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from random_statics.accesses import access
from random_statics.checks import CHECK, At
from random_statics.forms import HELPERS
from random_statics.handles import cursor, handle
from random_statics.numbers import Body
from random_statics.pieces import Kept, Pool, Statics, statics
from random_statics.steps import HELPERS as STEPS
from random_statics.steps import stepped

ALLOWED = "#![allow(unused, static_mut_refs, unconditional_panic, arithmetic_overflow, overflowing_literals)]"
ALLOWED += "\n#![allow(dangerous_implicit_autorefs, invalid_reference_casting, unconditional_recursion)]\n"
PRELUDE = """use core::cell::{Cell, UnsafeCell};
use core::num::NonZeroUsize;
use core::mem::{size_of, MaybeUninit};
use core::sync::atomic::{AtomicI32, AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering::Relaxed};
struct Own<T>(UnsafeCell<T>);
unsafe impl<T> Sync for Own<T> {}
#[derive(Clone, Copy)]
pub struct Pair { a: u8, b: u32 }
#[derive(Clone, Copy, PartialEq)]
pub enum Kind { Low, Middle = 2, High = 5 }
"""
ARGUMENTS = ("usize", "usize", "usize", "u8", "u16", "u32", "i32", "bool", "Kind", "(usize, u8)", "Option<usize>")


@dataclass(frozen=True, slots=True)
class Called:
    """`pool`: of what it hands out blocks; the size of a raw one is the argument of this number. `code`: what callers
    do in place of one call, where `{n}` is any `u32` and `r` the source of random numbers.
    """

    name: str
    arguments: tuple[str, ...]
    pool: Pool | None = None
    size: int | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Crate:
    seed: int
    source: str
    twin: str
    functions: tuple[Called, ...]
    pools: tuple[Pool, ...]


def crate(seed: int) -> Crate:
    rng = Random(seed)
    made = statics(rng)
    functions: list[Called] = []
    lines: list[str] = [*made.declarations]
    for number in range(rng.choice((0, 1, 1, 2))):
        _function(rng, made, number, lines, functions)
    for pool in made.pools:
        if not pool.is_frozen and pool.element.type in ("u8", "u16", "u32", "[u8; 2]") and rng.random() < 0.25:
            _handed_out(rng, made, pool, lines, functions)
    if rng.random() < 0.3:
        functions.append(Called("handle", (), code=handle(rng, 0, rng.choice(made.pools), lines)))
    if rng.random() < 0.3:
        functions.append(Called("cursor", (), code=cursor(rng, 0, rng.choice(made.pools), lines)))
    return of_lines(seed, lines, functions, made.pools)


def of_lines(seed: int, lines: Sequence[str], functions: Sequence[Called], pools: Sequence[Pool]) -> Crate:
    """`lines`: with those that only the twin has."""
    helpers = needed("\n".join(lines))
    plain = [line for line in lines if not line.startswith(CHECK)]
    return Crate(
        seed,
        ALLOWED + PRELUDE + "\n".join([*helpers, *plain, ""]),
        PRELUDE + "\n".join([*helpers, *(line.removeprefix(CHECK) for line in lines), ""]),
        tuple(functions),
        tuple(pools),
    )


def needed(text: str) -> list[str]:
    """The helpers that are used, in their order; some use others."""
    wanted = {"apply": "apply", "wrap": "wrap::", "capped": "capped", "pick": "pick", "checked": " checked(",
              "tested": "tested", "At": "At::", "fit": "fit", "asked": "asked(",
              "limited": "limited(", "Place": "Place", "there": "there::", "TABLE": "TABLE"}  # fmt: skip
    used = {name for name, sign in wanted.items() if sign in text}
    used |= {"checked"} if used & {"tested", "asked"} else set()
    if "fit" in used:
        used |= {"Tight", "Loose", "Limit"}
    found = []
    for line in HELPERS.splitlines():
        words = set(
            line.replace("<", " ").replace("(", " ").replace(";", " ").replace(":", " ").replace("_", " ").split()
        )
        if words & used:
            found.append(line)
    return [*found, *(line for line in STEPS.splitlines() if line[3 : line.index("(")] + "(" in text)]


def _function(rng: Random, made: Statics, number: int, lines: list[str], functions: list[Called]) -> None:
    """A function that is called, or one with what it does in a helper."""
    types = tuple(rng.choice(ARGUMENTS) for _ in range(rng.choice((0, 1, 1, 2, 2))))
    parameters = [f"a{n}: {of}" for n, of in enumerate(types)]
    result, leave = rng.choice(
        (("u32", "return 7;"), ("u32", "return 7;"), ("()", "return;"), ("Option<u32>", "return None;"))
    )
    body = Body(rng, [], leave, is_wide=made.is_wide)
    for n, of in enumerate(types):
        _argument(body, f"a{n}", of)
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        _statement(rng, made, body, lines, number)
    last = next((name for name, of in reversed(body.numbers) if of == "u32"), "0")
    end = {"u32": last, "()": "", "Option<u32>": f"Some({last})"}[result]
    name = f"f{number}"
    text = [f"pub fn {name}({', '.join(parameters)}) -> {result} {{ unsafe {{", *body.lines, end, "} }"]
    lines += text
    functions.append(Called(name, types))


def _argument(body: Body, name: str, of: str) -> None:
    match of:
        case "bool" | "Kind":
            body.let(f"{name} as usize", "usize")
        case "(usize, u8)":
            body.let(f"{name}.0", "usize")
            body.let(f"{name}.1", "u8")
        case "Option<usize>":
            text = body.rng.choice(
                (f"{name}.unwrap_or(0)", f"match {name} {{ Some(x) => x, None => {{ {body.leave} }} }}")
            )
            body.let(text, "usize")
        case _:
            body.numbers.append((name, of))


def _statement(rng: Random, made: Statics, body: Body, lines: list[str], number: int) -> None:
    pool = rng.choice(made.pools)
    match rng.choice(("read", "step", "access", "access", "access", "helper", "branch")):
        case "read":
            one = rng.choice(made.kept)
            body.let(one.get, one.type)
        case "step":
            _step(rng, body, rng.choice(made.kept), pool)
            _accessed(rng, body, rng.choice(made.pools))
        case "helper":
            _helped(rng, body, pool, lines, number)
        case "branch":
            condition = rng.choice(("{} < {}", "{} == {}", "{} & 1 == 0 || {} > 3")).format(
                body.number("usize"), body.number("usize")
            )
            kept = list(body.numbers)
            body.lines.append(f"if {condition} {{")
            _accessed(rng, body, pool)
            body.numbers = list(kept)
            body.lines.append("} else {")
            _accessed(rng, body, rng.choice(made.pools))
            body.numbers = kept
            body.lines.append("}")
        case _:
            _accessed(rng, body, pool)


def _step(rng: Random, body: Body, one: Kept, pool: Pool) -> None:
    """A number that is kept goes on, and mostly stays below the length of the pool."""
    old = body.let(one.get, one.type)
    if rng.random() < 0.6:
        stepped(body, one, pool.limit, pool.length)
    else:
        moved = body.let(f"({old} as usize).wrapping_add({rng.choice((1, 1, 1, 2))})", "usize", False)
        kept, body.numbers = body.numbers, [(moved, "usize")]
        new = body.below(pool.limit, pool.length)
        body.numbers = [*kept, (new, "usize")]
        body.lines.append(one.put.format(v=f"({new} as {one.type})"))
    if rng.random() < 0.4:
        old = body.let(one.get, one.type)
    if rng.random() < 0.5:  # what was kept is used without more
        at = At(pool, f"(*{pool.pointer})", False)
        i = body.let(f"{old} as usize", "usize", False)
        body.lines.append(f"{CHECK}chk::index({pool.number}, {i}, {pool.length});")
        body.let(pool.element.read.format(e=f"(*{at.place}.get_unchecked({i}))"), "u32")


def _accessed(rng: Random, body: Body, pool: Pool) -> None:
    of = pool.element.type
    place, unique = f"(*{pool.pointer})", not pool.is_frozen
    match rng.choice(("place", "place", "array", "slice", "shared", "pointer")):
        case "array" if unique:
            place = body.let(f"&mut *{pool.pointer}", f"&mut [{of}; {pool.length}]", False)
        case "slice" if unique:
            place = body.let(f"&mut *{pool.pointer}", f"&mut [{of}]", False)
        case "shared":
            place, unique = body.let(f"&*{pool.pointer}", f"&[{of}]", False), False
        case "pointer":
            place = f"(*{body.let(pool.pointer, f'*mut [{of}; {pool.length}]', False)})"
        case _:
            pass
    access(body, At(pool, place, unique))


def _helped(rng: Random, body: Body, pool: Pool, lines: list[str], number: int) -> None:
    """An access in a function or a closure that gets the array in some way."""
    of, name = pool.element.type, f"help{number}_{body.name()}"
    mutable = "" if pool.is_frozen else "mut "
    form = body.one_of(("slice", "array", "generic", "type", "pointer", "closure", "nothing"))
    given = f"&{mutable}*{pool.pointer}"
    inner = Body(rng, [("x", "usize")], "return 8;", made=50 * (number + 1) + body.made, is_wide=body.is_wide)
    at = At(pool, "(*a)", not pool.is_frozen)
    value = body.number("usize", pool.length)
    match form:
        case "slice":
            head = f"unsafe fn {name}(a: &{mutable}[{of}], x: usize) -> u32 {{"
        case "array":
            head = f"unsafe fn {name}(a: &{mutable}[{of}; {pool.length}], x: usize) -> u32 {{"
        case "generic":
            head = f"unsafe fn {name}<const M: usize>(a: &{mutable}[{of}; M], x: usize) -> u32 {{"
            if rng.random() < 0.5:
                at = At(_limited(pool, "M"), at.place, at.is_unique)
        case "type":
            head = f"unsafe fn {name}<T: AsRef<[{of}]>>(t: &T, x: usize) -> u32 {{ let a = t.as_ref();"
            given, at = f"&*{pool.pointer}", At(pool, "(*a)", False)
        case "pointer":
            head = f"unsafe fn {name}(a: *mut [{of}; {pool.length}], x: usize) -> u32 {{"
            given = pool.pointer
        case "nothing":
            head = f"fn {name}(x: usize) -> u32 {{ unsafe {{"
            at = At(pool, f"(*{pool.pointer})", not pool.is_frozen)
        case _:
            head = f"let {name} = |a: &{mutable}[{of}; {pool.length}], x: usize| -> u32 {{"
    access(inner, at)
    body.made = max(body.made, inner.made)
    last = next((one for one, type_ in reversed(inner.numbers) if type_ == "u32"), "1")
    text = [head, *inner.lines, last, "} }" if form == "nothing" else "};" if form == "closure" else "}"]
    if form == "closure":
        body.lines += text
    else:
        lines += text
    body.let(f"{name}({value})" if form == "nothing" else f"{name}({given}, {value})", "u32")


def _limited(pool: Pool, limit: str) -> Pool:
    return Pool(pool.number, pool.name, pool.element, pool.length, pool.pointer, limit, pool.is_frozen)


def _handed_out(rng: Random, made: Statics, pool: Pool, lines: list[str], functions: list[Called]) -> None:
    """A bump allocator in elements, or a part that a number says."""
    of, name = pool.element.type, f"take{pool.number}"
    cursor = next((one for one in made.kept if one.type in ("usize", "u16", "u32")), None)
    limit, _ = Body(rng, [], "").limit(pool.limit, pool.length)
    if cursor is None:
        return
    old = f"({cursor.get}) as usize"
    fits = rng.choice(
        (f"size > {limit} || at > {limit} - size", f"at > {limit} || size > {limit} - at", f"at + size > {limit}",
         f"at + size >= {limit}", f"size >= {limit} - at", f"at.saturating_add(size) > {limit}",
         f"at.checked_add(size).map_or(true, |end| end > {limit})", f"at.wrapping_add(size) > {limit}")
    )  # fmt: skip
    end = rng.choice(
        ("at + size", "at + size", "at + size", "(at + size + 3) & !3", "at + size.max(1)", "at + size / 2")
    )
    put = cursor.put.format(v=f"(({end}) as {cursor.type})")
    if rng.random() < 0.5 and of == "u8":
        result, fails = "*mut u8", "return core::ptr::null_mut();"
        gives = rng.choice((f"(({pool.pointer}) as *mut u8).add(at)", f"(*{pool.pointer}).as_mut_ptr().add(at)"))
        size: int | None = 0
    else:
        result, fails, size = f"Option<&'static mut [{of}]>", "return None;", None
        gives = f"Some(core::slice::from_raw_parts_mut((*{pool.pointer}).as_mut_ptr().add(at), size))"
    check = f"{CHECK}chk::moved({pool.number}, ({pool.pointer}) as usize, size_of::<{pool.type}>(), "
    check += f"({pool.pointer}) as usize, at as i64 * size_of::<{of}>() as i64);"
    lines += [
        f"pub fn {name}(size: usize) -> {result} {{ unsafe {{",
        f"let at = {old};",
        f"if {fits} {{ {fails} }}",
        put,
        check,
        gives,
        "} }",
    ]
    functions.append(Called(name, ("usize",), pool, size))
