"""Ways to come at an element of a static."""

from __future__ import annotations

from collections.abc import Callable

from random_statics.checks import CHECK, At, below, in_array, in_slice, moved, seen, used
from random_statics.numbers import Body
from random_statics.pointers import back, copied, first, pointer, row, transmuted, viewed, viewer, walked


def unchecked(body: Body, at: At) -> None:
    i = below(body, at)
    body.lines.append(in_array(at, i))
    which = "get_unchecked_mut" if at.is_unique else "get_unchecked"
    seen(body, at, f"(*{at.place}.{which}({i}))")


def _checked(body: Body, at: At) -> None:
    i = below(body, at)
    body.lines.append(in_array(at, i))
    seen(body, at, f"{at.place}[{i}]")


def _got(body: Body, at: At) -> None:
    i = body.let(body.number("usize", at.pool.length), "usize")
    read = at.pool.element.read.format(e="(*e)")
    body.let(f"match {at.place}.get({i}) {{ Some(e) => {read}, None => 0 }}", "u32")
    if body.rng.random() < 0.6:
        kept = list(body.numbers)
        body.lines += [f"if {at.place}.get({i}).is_some() {{", in_array(at, i)]
        seen(body, at, f"(*{at.place}.get_unchecked{'_mut' if at.is_unique else ''}({i}))")
        body.numbers = kept
        body.lines.append("}")


def parts(body: Body, at: At) -> None:
    """A slice made of a pointer and a length."""
    of = at.pool.element.type
    start = first(body, at)
    low = below(body, at)
    length, known = body.limit(at.pool.limit, at.pool.length)
    count = body.let(
        body.rng.choice((f"{length} - {low}", length, f"{length}.saturating_sub({low})", f"({length} - {low}) / 2")),
        "usize",
    )
    if body.rng.random() < 0.5:
        low = "0"
    body.lines.append(moved(at, start, low, of))
    there = body.let(f"{start}.add({low})", f"*const {of}", False)
    body.lines.append(used(at, there, count, of))
    part = body.let(f"core::slice::from_raw_parts({there}, {count})", f"&[{of}]", False)
    of_slice(body, at, part, count)
    del known


def _ranged(body: Body, at: At) -> None:
    low, high = below(body, at), body.below(f"({at.pool.limit} + 1)", at.pool.length + 1)
    if body.rng.random() < 0.7:
        body.lines.append(
            body.rng.choice(("if {0} > {1} {{ {2} }}", "if {1} < {0} {{ {2} }}")).format(low, high, body.leave)
        )
    form, ends = body.rng.choice(
        (("{low}..{high}", (low, high)), ("{low}..", (low, str(at.pool.length))), ("..{high}", ("0", high)))
    )
    text = form.format(low=low, high=high)
    body.lines.append(in_slice(at, *ends))
    made = body.rng.choice((f"&{at.place}[{text}]", f"{at.place}.get_unchecked({text})"))
    part = body.let(made, f"&[{at.pool.element.type}]", False)
    of_slice(body, at, part, f"{part}.len()")


def of_slice(body: Body, at: At, part: str, count: str) -> None:
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


def _looped(body: Body, at: At) -> None:
    """Over all, or so many of it."""
    if at.pool.length > 8:
        return unchecked(body, at)
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
    i = k if body.rng.random() < 0.6 else below(body, at)
    body.lines.append(in_array(at, i))
    shared = At(at.pool, f"(*{at.pool.pointer})", False)
    seen(body, shared, f"(*{shared.place}.get_unchecked({i}))")
    body.numbers = kept
    body.lines.append(tail)
    return None


def _iterated(body: Body, at: At) -> None:
    if at.pool.length > 8:
        return unchecked(body, at)
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
    body.lines.append(in_array(at, i))
    seen(body, at, f"(*{at.place}.get_unchecked{'_mut' if at.is_unique else ''}({i}))")
    return None


def twice(body: Body, at: At) -> None:
    """A part of a part."""
    of, low = at.pool.element.type, below(body, at)
    body.lines.append(in_slice(at, low, str(at.pool.length)))
    part = body.let(body.rng.choice((f"&{at.place}[{low}..]", f"{at.place}.get_unchecked({low}..)")), f"&[{of}]", False)
    high = body.below(f"({at.pool.limit} - {low})", at.pool.length)
    body.lines.append(f"{CHECK}chk::part({at.pool.number}, 0, {high}, {part}.len());")
    other = body.let(body.rng.choice((f"&{part}[..{high}]", f"{part}.get_unchecked(..{high})")), f"&[{of}]", False)
    of_slice(body, at, other, f"{other}.len()")


WAYS: tuple[tuple[int, Callable[[Body, At], None]], ...] = (
    (6, unchecked),
    (4, _checked),
    (2, _got),
    (7, pointer),
    (2, back),
    (5, viewed),
    (4, parts),
    (3, _ranged),
    (3, copied),
    (5, _looped),
    (3, _iterated),
    (1, transmuted),
    (5, row),
    (2, walked),
    (3, twice),
    (4, viewer),
)


def access(body: Body, at: At) -> None:
    """One of the ways; what it reads can be used after it."""
    weights = [weight for weight, _ in WAYS]
    body.rng.choices([way for _, way in WAYS], weights)[0](body, at)
