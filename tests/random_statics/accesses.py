"""Ways to come at an element of a static. What goes before each of them in the instrumented twin stands in lines that
begin with `CHECK`: from the static's true type and address, never from what the crate says of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from random_statics.numbers import Body
from random_statics.pieces import Pool

CHECK = "//~ "


@dataclass(frozen=True, slots=True)
class At:
    """A pool, by a place of its array type or of a slice of all of it, in an `unsafe` block. `is_unique`: the place may
    be written.
    """

    pool: Pool
    place: str
    is_unique: bool


def _index(at: At, i: str) -> str:
    return f"{CHECK}chk::index({at.pool.number}, {i}, {at.pool.length});"


def _slice(at: At, low: str, high: str) -> str:
    return f"{CHECK}chk::part({at.pool.number}, {low}, {high}, {at.pool.length});"


def _begins(at: At) -> str:
    return f"({at.pool.pointer}) as usize, size_of::<{at.pool.type}>()"


def _moved(at: At, start: str, count: str, of: str) -> str:
    """The pointer that is made stays in the array, its end included."""
    return f"{CHECK}chk::moved({at.pool.number}, {_begins(at)}, {start} as usize, {count} as i64 * size_of::<{of}>() as i64);"


def _used(at: At, pointer: str, count: str, of: str) -> str:
    return (
        f"{CHECK}chk::used({at.pool.number}, {_begins(at)}, {pointer} as *const u8 as usize, "
        f"{count} as u64 * size_of::<{of}>() as u64);"
    )


def _seen(body: Body, at: At, place: str) -> None:
    """Reads or writes the element at a place, which is checked."""
    element = at.pool.element
    if at.is_unique and not at.pool.is_frozen and element.write is not None and body.rng.random() < 0.4:
        body.lines.append(element.write.format(e=place, v=body.number("u32", at.pool.length)))
    else:
        body.let(element.read.format(e=place), "u32")


def _below(body: Body, at: At) -> str:
    return body.below(at.pool.limit, at.pool.length)


def _unchecked(body: Body, at: At) -> None:
    i = _below(body, at)
    body.lines.append(_index(at, i))
    which = "get_unchecked_mut" if at.is_unique else "get_unchecked"
    _seen(body, at, f"(*{at.place}.{which}({i}))")


def _checked(body: Body, at: At) -> None:
    i = _below(body, at)
    body.lines.append(_index(at, i))
    _seen(body, at, f"{at.place}[{i}]")


def _got(body: Body, at: At) -> None:
    i = body.let(body.number("usize", at.pool.length), "usize")
    read = at.pool.element.read.format(e="(*e)")
    body.let(f"match {at.place}.get({i}) {{ Some(e) => {read}, None => 0 }}", "u32")
    if body.rng.random() < 0.6:
        kept = list(body.numbers)
        body.lines += [f"if {at.place}.get({i}).is_some() {{", _index(at, i)]
        _seen(body, at, f"(*{at.place}.get_unchecked{'_mut' if at.is_unique else ''}({i}))")
        body.numbers = kept
        body.lines.append("}")


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


def _first(body: Body, at: At) -> str:
    text = body.one_of(_FIRST).format(a=at.place, e=at.pool.element.type, p=at.pool.pointer)
    return body.let(text, f"*mut {at.pool.element.type}", False)


def _pointer(body: Body, at: At) -> None:
    of = at.pool.element.type
    start, i = _first(body, at), _below(body, at)
    step = body.one_of(_STEP)
    if "wrapping" not in step:
        body.lines.append(_moved(at, start, f"({i} + 1)" if "sub" in step else i, of))
    there = body.let(f"{start}.{step.format(i=i)}", f"*mut {of}", False)
    body.lines.append(_used(at, there, "1", of))
    match body.rng.choice(("place", "place", "read", "swap")):
        case "read" if of not in ("Cell<u8>", "Cell<u32>", "AtomicU8"):
            body.let(at.pool.element.read.format(e=f"{there}.read()"), "u32")
        case "swap" if at.pool.element.size and not at.pool.is_frozen:
            body.lines.append(f"{there}.write({there}.read());")
        case _:
            _seen(body, At(at.pool, at.place, True), f"(*{there})")


def _back(body: Body, at: At) -> None:
    """From the end backwards."""
    of = at.pool.element.type
    start, i = _first(body, at), _below(body, at)
    count = body.let(body.limit(at.pool.limit, at.pool.length)[0], "usize", False)
    body.lines.append(_moved(at, start, count, of))
    end = body.let(f"{start}.add({count})", f"*mut {of}", False)
    less = body.rng.choice((f"{i} + 1", f"{i} + 1", f"{i}"))
    body.lines.append(_moved(at, end, f"-(({less}) as i64)", of))
    there = body.let(f"{end}.sub({less})", f"*mut {of}", False)
    body.lines.append(_used(at, there, "1", of))
    _seen(body, at, f"(*{there})")


def _viewed(body: Body, at: At) -> None:
    """As numbers of another size."""
    element = at.pool.element
    if element.size is None:
        return _pointer(body, at)
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
    body.lines.append(_moved(at, start, i, of))
    there = body.let(f"{start}.add({i})", f"*mut {of}", False)
    body.lines.append(_used(at, there, "1", of))
    whole = body.let(f"{there}.read_unaligned()", of, False)
    body.let(f"{whole}[1] as u32" if "[" in of else f"{whole} as u32", "u32")
    if not at.pool.is_frozen and body.rng.random() < 0.3:
        body.lines.append(f"{there}.write_unaligned({whole});")
    return None


def _parts(body: Body, at: At) -> None:
    """A slice made of a pointer and a length."""
    of = at.pool.element.type
    start = _first(body, at)
    low = _below(body, at)
    length, known = body.limit(at.pool.limit, at.pool.length)
    count = body.let(
        body.rng.choice((f"{length} - {low}", length, f"{length}.saturating_sub({low})", f"({length} - {low}) / 2")),
        "usize",
    )
    if body.rng.random() < 0.5:
        low = "0"
    body.lines.append(_moved(at, start, low, of))
    there = body.let(f"{start}.add({low})", f"*const {of}", False)
    body.lines.append(_used(at, there, count, of))
    part = body.let(f"core::slice::from_raw_parts({there}, {count})", f"&[{of}]", False)
    _of_slice(body, at, part, count)
    del known


def _ranged(body: Body, at: At) -> None:
    low, high = _below(body, at), body.below(f"({at.pool.limit} + 1)", at.pool.length + 1)
    if body.rng.random() < 0.7:
        body.lines.append(body.rng.choice(("if {0} > {1} {{ {2} }}", "if {1} < {0} {{ {2} }}")).format(low, high, body.leave))
    form, ends = body.rng.choice(
        (("{low}..{high}", (low, high)), ("{low}..", (low, str(at.pool.length))), ("..{high}", ("0", high)))
    )
    text = form.format(low=low, high=high)
    body.lines.append(_slice(at, *ends))
    made = body.rng.choice((f"&{at.place}[{text}]", f"{at.place}.get_unchecked({text})"))
    part = body.let(made, f"&[{at.pool.element.type}]", False)
    _of_slice(body, at, part, f"{part}.len()")


def _of_slice(body: Body, at: At, part: str, count: str) -> None:
    """What is done with a slice of the array: it is known to be within."""
    read = at.pool.element.read
    match body.one_of(("sum", "any", "position", "index", "first", "len", "split")):
        case "sum":
            body.let(f"{part}.iter().take(9).fold(0u32, |s, e| s.wrapping_add({read.format(e='(*e)')}))", "u32")
        case "any":
            body.let(f"{part}.iter().any(|e| ({read.format(e='(*e)')}) == 3) as u32", "u32")
        case "position":
            wanted = body.number("u32")
            found = body.let(f"{part}.iter().position(|e| ({read.format(e='(*e)')}) == {wanted}).unwrap_or(0)", "usize")
            body.lines.append(f"{CHECK}chk::index({at.pool.number}, {found}, {part}.len());")
            body.let(read.format(e=f"(*{part}.get_unchecked({found}))"), "u32")
        case "index":
            i = body.below(count, at.pool.length)
            body.lines.append(f"{CHECK}chk::index({at.pool.number}, {i}, {part}.len());")
            body.let(read.format(e=f"(*{part}.get_unchecked({i}))"), "u32")
        case "first":
            body.let(f"match {part}.first() {{ Some(e) => {read.format(e='(*e)')}, None => 0 }}", "u32")
        case "split":
            i = body.below(count, at.pool.length)
            body.lines.append(f"{CHECK}chk::part({at.pool.number}, {i}, {part}.len(), {part}.len());")
            one, other = body.name(), body.name()
            unchecked = body.one_of(("", "", "_unchecked"))
            body.lines.append(f"let ({one}, {other}) = {part}.split_at{unchecked}({i});")
            body.lines.append(f"{CHECK}chk::index({at.pool.number}, 0, {other}.len());")
            body.let(read.format(e=f"(*{other}.get_unchecked(0))"), "u32")
            del one
        case _:
            body.let(f"{part}.len() as u32", "u32")


def _copied(body: Body, at: At) -> None:
    of = at.pool.element.type
    if at.pool.is_frozen or at.pool.element.size is None:
        return _pointer(body, at)
    start, low, high = _first(body, at), _below(body, at), _below(body, at)
    length = body.limit(at.pool.limit, at.pool.length)[0]
    count = body.let(body.rng.choice((f"{length} - {low}", "1usize", f"({length} - {low}).min({length} - {high})")), "usize")
    how = body.one_of(("ptr::copy", "zero", "buffer", "buffer"))
    if how == "buffer":
        body.lines += [
            f"let other: [{of}; 16] = [{at.pool.element.zero}; 16];",
            f"if {count} > 16 {{ {body.leave} }}",
        ]
    for one in (low, high) if how == "ptr::copy" else (low,):
        body.lines += [_moved(at, start, one, of), _used(at, f"{start}.add({one})", count, of)]
    match how:
        case "ptr::copy":
            body.lines.append(f"core::ptr::copy({start}.add({low}), {start}.add({high}), {count});")
        case "zero":
            body.lines.append(f"core::ptr::write_bytes({start}.add({low}), 0, {count});")
        case _:
            body.lines.append(f"core::ptr::copy_nonoverlapping(other.as_ptr(), {start}.add({low}), {count});")
    return None


def _looped(body: Body, at: At) -> None:
    """Over all, or so many of it."""
    if at.pool.length > 8:
        return _unchecked(body, at)
    k = body.name()
    limit, _ = body.limit(at.pool.limit, at.pool.length)
    head, tail = body.one_of(
        (
            (f"for {k} in 0..{limit} {{", "}"),
            (f"for {k} in 1..{limit} {{", "}"),
            (f"for {k} in 0..={limit} - 1 {{", "}"),
            (f"for {k} in (0..{limit}).rev() {{", "}"),
            (f"let mut {k} = 0usize; while {k} < {limit} {{", f"{k} += 1; }}"),
            (f"let mut {k}: usize = {limit}; while {k} > 0 {{ {k} -= 1;", "}"),
            (f"let mut {k} = 0usize; loop {{ if {k} >= {limit} {{ break; }}", f"{k} += 1; }}"),
            (f"for ({k}, _) in {at.place}.iter().enumerate() {{", "}"),
            (f"for ({k}, _) in {at.place}.iter().enumerate().skip(1).take({limit}) {{", "}"),
            (f"for {k} in (0..{limit}).filter(|k| *k != 1) {{", "}"),
            (f"for {k} in (0..{limit}).map(|k| k / 2) {{", "}"),
            (f"for ({k}, _) in (0..{limit}).zip({at.place}.iter()) {{", "}"),
            (f"for {k} in (0..{limit}).step_by(2) {{", "}"),
        )
    )
    body.lines.append(head)
    kept = list(body.numbers)
    body.numbers.append((k, "usize"))
    i = k if body.rng.random() < 0.6 else _below(body, at)
    body.lines.append(_index(at, i))
    shared = At(at.pool, f"(*{at.pool.pointer})", False)
    _seen(body, shared, f"(*{shared.place}.get_unchecked({i}))")
    body.numbers = kept
    body.lines.append(tail)
    return None


def _iterated(body: Body, at: At) -> None:
    if at.pool.length > 8:
        return _unchecked(body, at)
    read, again = (at.pool.element.read.format(e=one) for one in ("(*e)", "(**e)"))
    limit = body.limit(at.pool.limit, at.pool.length)[0]
    wanted = body.number("u32")
    text = body.one_of(
        (
            f"{at.place}.iter().position(|e| ({read}) == {wanted}).unwrap_or({limit} - 1)",
            f"{at.place}.iter().take_while(|e| ({again}) != {wanted}).count().min({limit} - 1)",
            f"{at.place}.iter().take({limit}).filter(|e| ({again}) != 0).count()",
            f"{at.place}.iter().enumerate().find(|(_, e)| ({again}) == {wanted}).map_or(0, |(k, _)| k)",
            f"{at.place}.iter().rposition(|e| ({read}) == {wanted}).unwrap_or(0)",
            f"{at.place}.iter().enumerate().filter(|(_, e)| ({again}) != 0).map(|(k, _)| k).last().unwrap_or(0)",
            f"{at.place}.iter().enumerate().max_by_key(|(_, e)| ({again})).map_or(0, |(k, _)| k)",
            f"{at.place}.iter().skip({limit} - 1).count()",
            f"{at.place}.len() - 1",
        )
    )
    i = body.let(text, "usize")
    body.lines.append(_index(at, i))
    _seen(body, at, f"(*{at.place}.get_unchecked{'_mut' if at.is_unique else ''}({i}))")
    return None


def _transmuted(body: Body, at: At) -> None:
    if at.pool.element.size is None:
        return _unchecked(body, at)
    i = body.below(f"({at.pool.limit} * size_of::<{at.pool.element.type}>())", at.pool.length * at.pool.element.size)
    length = at.pool.length * at.pool.element.size + body.rng.choice((0, 0, 0, 1))
    bytes_ = body.rng.choice(
        (f"&*(({at.pool.pointer}) as *const [u8; {length}])", f"&*(({at.pool.pointer}).cast::<[u8; {length}]>())")
    )
    body.lines.append(_used(at, f"({at.pool.pointer})", str(length), "u8"))
    seen = body.let(bytes_, f"&[u8; {length}]", False)
    body.lines.append(f"{CHECK}chk::index({at.pool.number}, {i}, {seen}.len());")
    body.let(f"*{seen}.get_unchecked({i}) as u32", "u32")
    return None


WAYS: tuple[tuple[int, Callable[[Body, At], None]], ...] = (
    (6, _unchecked),
    (4, _checked),
    (2, _got),
    (7, _pointer),
    (2, _back),
    (5, _viewed),
    (4, _parts),
    (3, _ranged),
    (3, _copied),
    (5, _looped),
    (3, _iterated),
    (1, _transmuted),
)


def access(body: Body, at: At) -> None:
    """One of the ways; what it reads can be used after it."""
    weights = [weight for weight, _ in WAYS]
    body.rng.choices([way for _, way in WAYS], weights)[0](body, at)
