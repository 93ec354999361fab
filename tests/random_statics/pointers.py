"""Ways to come at an element by a raw pointer."""

from __future__ import annotations

from random_statics.checks import CHECK, At, below, moved, seen, used
from random_statics.numbers import Body

_FIRST = (
    "{a}.as_ptr().cast_mut()",
    "{a}.as_ptr() as *mut {e}",
    "{a}.as_ptr().cast::<{e}>().cast_mut()",
    "core::ptr::NonNull::new_unchecked({a}.as_ptr().cast_mut()).as_ptr()",
    "({p}) as *mut {e}",
    "({p}).cast::<{e}>()",
    "(&raw mut *{p}) as *mut {e}",
    "core::ptr::addr_of!(*{p}).cast::<{e}>().cast_mut()",
    "(*{p}).as_mut_ptr()",
    "({p}) as *mut u8 as *mut {e}",
    "({p}) as *mut () as *mut {e}",
)
_STEP = ("add({i})", "add({i})", "add({i})", "offset({i} as isize)", "wrapping_add({i})", "add({i}).add(1).sub(1)")


def first(body: Body, at: At) -> str:
    text = body.one_of(_FIRST).format(a=at.place, e=at.pool.element.type, p=at.pool.pointer)
    return body.let(text, f"*mut {at.pool.element.type}", False)


def pointer(body: Body, at: At) -> None:
    of = at.pool.element.type
    start, i = first(body, at), below(body, at)
    step = body.one_of(_STEP)
    if "wrapping" not in step:
        body.lines.append(moved(at, start, f"({i} + 1)" if "sub" in step else i, of))
    there = body.let(f"{start}.{step.format(i=i)}", f"*mut {of}", False)
    body.lines.append(used(at, there, "1", of))
    match body.rng.choice(("place", "place", "read", "swap")):
        case "read" if of not in ("Cell<u8>", "Cell<u32>", "AtomicU8"):
            body.let(at.pool.element.read.format(e=f"{there}.read()"), "u32")
        case "swap" if at.pool.element.size and not at.pool.is_frozen:
            body.lines.append(f"{there}.write({there}.read());")
        case _:
            seen(body, At(at.pool, at.place, True), f"(*{there})")


def back(body: Body, at: At) -> None:
    """From the end backwards."""
    of = at.pool.element.type
    start, i = first(body, at), below(body, at)
    count = body.let(body.limit(at.pool.limit, at.pool.length)[0], "usize", False)
    body.lines.append(moved(at, start, count, of))
    end = body.let(f"{start}.add({count})", f"*mut {of}", False)
    less = body.rng.choice((f"{i} + 1", f"{i} + 1", f"{i}"))
    body.lines.append(moved(at, end, f"-(({less}) as i64)", of))
    there = body.let(f"{end}.sub({less})", f"*mut {of}", False)
    body.lines.append(used(at, there, "1", of))
    seen(body, at, f"(*{there})")


def viewed(body: Body, at: At) -> None:
    """As numbers of another size."""
    element = at.pool.element
    if element.size is None:
        return pointer(body, at)
    of, size = body.rng.choice((("u8", 1), ("u8", 1), ("u16", 2), ("u32", 4), ("[u8; 2]", 2), ("[u8; 3]", 3)))
    text = body.one_of(
        (
            "({p}) as *mut {t}",
            "({p}).cast::<{t}>()",
            "(*{p}).as_mut_ptr() as *mut {t}",
            "{a}.as_ptr().cast::<{t}>().cast_mut()",
            "{a}.as_ptr() as *const u8 as *mut {t}",
            "(&raw mut (*{p})[0]) as *mut {t}",
            "(&raw mut (*{p})[0]).cast::<{t}>()",
        )
    )
    start = body.let(text.format(a=at.place, p=at.pool.pointer, t=of), f"*mut {of}", False)
    scaled = body.rng.choice((f"({at.pool.limit} * size_of::<{element.type}>() / {size})", at.pool.limit))
    value = at.pool.length * element.size // size if "size_of" in scaled else at.pool.length
    i = body.below(scaled, max(1, value))
    body.lines.append(moved(at, start, i, of))
    there = body.let(f"{start}.add({i})", f"*mut {of}", False)
    body.lines.append(used(at, there, "1", of))
    whole = body.let(f"{there}.read_unaligned()", of, False)
    body.let(f"{whole}[1] as u32" if "[" in of else f"{whole} as u32", "u32")
    if not at.pool.is_frozen and body.rng.random() < 0.3:
        body.lines.append(f"{there}.write_unaligned({whole});")
    return None


def copied(body: Body, at: At) -> None:
    of = at.pool.element.type
    if at.pool.is_frozen or at.pool.element.size is None:
        return pointer(body, at)
    start, low, high = first(body, at), below(body, at), below(body, at)
    length = body.limit(at.pool.limit, at.pool.length)[0]
    count = body.let(
        body.rng.choice((f"{length} - {low}", "1usize", f"({length} - {low}).min({length} - {high})")), "usize"
    )
    how = body.one_of(("ptr::copy", "zero", "buffer", "buffer"))
    if how == "buffer":
        body.lines += [
            f"let other: [{of}; 16] = [{at.pool.element.zero}; 16];",
            f"if {count} > 16 {{ {body.leave} }}",
        ]
    for one in (low, high) if how == "ptr::copy" else (low,):
        body.lines += [moved(at, start, one, of), used(at, f"{start}.add({one})", count, of)]
    match how:
        case "ptr::copy":
            body.lines.append(f"core::ptr::copy({start}.add({low}), {start}.add({high}), {count});")
        case "zero":
            body.lines.append(f"core::ptr::write_bytes({start}.add({low}), 0, {count});")
        case _:
            body.lines.append(f"core::ptr::copy_nonoverlapping(other.as_ptr(), {start}.add({low}), {count});")
    return None


def transmuted(body: Body, at: At) -> None:
    if at.pool.element.size is None:
        return pointer(body, at)
    i = body.below(f"({at.pool.limit} * size_of::<{at.pool.element.type}>())", at.pool.length * at.pool.element.size)
    length = at.pool.length * at.pool.element.size + body.rng.choice((0, 0, 0, 1, -1, at.pool.length))
    bytes_ = body.rng.choice(
        (f"&*(({at.pool.pointer}) as *const [u8; {length}])", f"&*(({at.pool.pointer}).cast::<[u8; {length}]>())")
    )
    body.lines.append(used(at, f"({at.pool.pointer})", str(length), "u8"))
    seen = body.let(bytes_, f"&[u8; {length}]", False)
    body.lines.append(f"{CHECK}chk::index({at.pool.number}, {i}, {seen}.len());")
    body.let(f"*{seen}.get_unchecked({i}) as u32", "u32")
    return None


def row(body: Body, at: At) -> None:
    """An element of an array in the array."""
    of, _, count = at.pool.element.type.removeprefix("[").removesuffix("]").rpartition("; ")
    if not of or at.pool.element.size is None:
        return pointer(body, at)
    i, j = below(body, at), body.below(f"{count}usize", int(count))
    number, place = at.pool.number, at.place
    row = f"{CHECK}chk::index({number}, {i}, {at.pool.length});"
    column = f"{CHECK}chk::index({number}, {j}, {count});"
    form = body.rng.choice(("row", "unchecked", "pointer", "flat", "flat", "cast", "element"))
    match form:
        case "row":
            body.lines += [row, column]
            read = f"*{place}[{i}].get_unchecked({j})"
        case "unchecked":
            body.lines += [row, column]
            read = f"*{place}.get_unchecked({i}).get_unchecked({j})"
        case "pointer":
            body.lines += [row, f"{CHECK}chk::below({number}, {j}, {count});"]
            read = f"*{place}.get_unchecked({i}).as_ptr().add({j})"
        case "element":
            start = body.let(f"{place}.as_ptr()", f"*const {at.pool.element.type}", False)
            body.lines.append(moved(at, start, i, at.pool.element.type))
            body.lines.append(f"{CHECK}chk::below({number}, {i}, {at.pool.length});")
            body.lines.append(f"{CHECK}chk::below({number}, {i} * {count} + {j}, {count} * {at.pool.length});")
            read = f"*({place}.as_ptr().add({i}) as *const {of}).add({j})"
        case _:
            text = f"({at.pool.pointer}) as *mut {of}" if form == "flat" else f"{place}.as_ptr().cast::<{of}>()"
            start = body.let(text, f"*const {of}", False)
            k = body.let(
                body.rng.choice((f"{i} * {count} + {j}", f"{i} * {count} + {j}", f"{i} + {j} * {count}")), "usize"
            )
            body.lines.append(moved(at, start, k, of))
            there = body.let(f"{start}.add({k})", f"*const {of}", False)
            body.lines.append(used(at, there, "1", of))
            read = f"*{there}"
    body.let(f"({read})[0] as u32" if "[" in of else f"({read}) as u32", "u32")
    return None


def walked(body: Body, at: At) -> None:
    """From one pointer to another."""
    if at.pool.length > 8:
        return pointer(body, at)
    of, start = at.pool.element.type, first(body, at)
    limit, _ = body.limit(at.pool.limit, at.pool.length)
    body.lines.append(moved(at, start, limit, of))
    end, q = body.let(f"{start}.add({limit})", f"*mut {of}", False), body.name()
    kept = list(body.numbers)
    body.lines += [f"let mut {q} = {start};", f"while {q} != {end} {{", used(at, q, "1", of)]
    seen(body, at, f"(*{q})")
    body.lines += [f"{q} = {q}.add(1);", "}"]
    body.numbers = kept
    return None


def viewer(body: Body, at: At) -> None:
    """A pointer and a length in a struct or tuple, or behind a function."""
    of, start, i = at.pool.element.type, first(body, at), below(body, at)
    limit, _ = body.limit(at.pool.limit, at.pool.length)
    form = body.rng.choice(("tuple", "generic", "option", "closure", "non-null"))
    there = f"{start}.wrapping_add({i})"
    match form:
        case "tuple":
            view = body.let(f"({start}, {limit})", f"(*mut {of}, usize)", False)
            body.lines += [
                f"if {i} >= {view}.1 {{ {body.leave} }}",
                moved(at, start, i, of),
                used(at, there, "1", of),
            ]
            seen(body, at, f"(*{view}.0.add({i}))")
        case "generic":
            body.lines += [moved(at, start, i, of), used(at, there, "1", of)]
            seen(body, At(at.pool, at.place, False), f"(*there::<{of}>({start}, {i}))")
        case "option":
            found = body.let(f"{at.place}.get({i}).map(|e| e as *const {of})", f"Option<*const {of}>", False)
            kept = list(body.numbers)
            body.lines.append(f"if let Some(e) = {found} {{")
            seen(body, At(at.pool, at.place, False), "(*e)")
            body.lines.append("}")
            body.numbers = kept
        case "closure":
            body.lines += [moved(at, start, i, of), used(at, there, "1", of)]
            get = body.name()
            body.lines.append(f"let {get} = |k: usize| {start}.add(k);")
            seen(body, At(at.pool, at.place, False), f"(*{get}({i}))")
        case _:
            body.lines += [moved(at, start, i, of), used(at, there, "1", of)]
            made = body.let(f"core::ptr::NonNull::new({start}.add({i}))", f"Option<core::ptr::NonNull<{of}>>", False)
            body.lines.append(f"let Some({made}) = {made} else {{ {body.leave} }};")
            seen(body, At(at.pool, at.place, False), f"(*{made}.as_ptr())")
