"""Ways to change a number that calls keep, so that it stays below a limit: rightly, or by a hair wrongly."""

from __future__ import annotations

from collections.abc import Mapping

from random_statics.numbers import Body
from random_statics.pieces import Holder, Kept

ANY = (
    "{put_next}",
    "if ({get} as usize) + 1 < {c} {{ {put_next} }} else {{ {put_zero} }}",
    "if ({get} as usize) + 1 >= {c} {{ {put_zero} }} else {{ {put_next} }}",
    "if ({get} as usize) < {c} - 1 {{ {put_next} }}",
    "if ({get} as usize) < {c} {{ {put_next} }}",
    "{put_next} if {get} as usize == {c} {{ {put_zero} }}",
    "{put_next} if {get} as usize > {c} {{ {put_zero} }}",
    "{put_x} if {get} as usize >= {c} {{ {put_zero} }}",
    "if ({x}) < {c} {{ {put_x} }}",
    "if ({x} as {t} as usize) < {c} {{ {put_x} }}",
    "match ({get} as usize).cmp(&({c} - 1)) {{ core::cmp::Ordering::Less => {{ {put_next} }} _ => {{ {put_zero} }} }}",
    "for _ in 0..2 {{ {put_next} if {get} as usize >= {c} {{ {put_zero} break; }} }}",
    "let mut step = || {{ {put_next} if {get} as usize >= {c} {{ {put_zero} }} }}; step(); step();",
)
_STATIC = (
    "{{ let r = &mut *(&raw mut {k}); *r = r.wrapping_add(1); if *r as usize == {c} {{ *r = 0; }} }}",
    "bump_{t}(&mut *(&raw mut {k}), {c} as {t});",
    "let was = core::mem::replace(&mut *(&raw mut {k}), {x} as {t}); if {k} as usize >= {c} {{ {k} = was; }}",
    "let mut y = {x} as {t}; core::mem::swap(&mut y, &mut *(&raw mut {k})); "
    "if {k} as usize >= {c} {{ core::mem::swap(&mut y, &mut *(&raw mut {k})); }}",
    "{{ let p = &raw mut {k}; p.write(p.read().wrapping_add(1)); if *p as usize >= {c} {{ *p = 0; }} }}",
    "{k} = core::mem::take(&mut *(&raw mut {k})) % {c} as {t};",
    "{k} ^= 1;",
    "{{ let r: &mut {t} = &mut *(&raw mut {k}); let s = &mut *r; *s += 1; if *s as usize > {c} - 1 {{ *r = 0; }} }}",
)
_ATOMIC = (
    "if {k}.fetch_add(1, Relaxed) as usize + 1 >= {c} {{ {k}.store(0, Relaxed); }}",
    "if {k}.fetch_add(1, Relaxed) as usize >= {c} {{ {k}.store(0, Relaxed); }}",
    "let _ = {k}.fetch_update(Relaxed, Relaxed, |k| if (k as usize) + 1 < {c} {{ Some(k + 1) }} else {{ None }});",
    "let _ = {k}.fetch_update(Relaxed, Relaxed, |k| (k as usize).checked_add(1).map(|k| (k % {c}) as {t}));",
    "let _ = {k}.compare_exchange(0, ({c} - 1) as {t}, Relaxed, Relaxed);",
    "if let Err(was) = {k}.compare_exchange({x} as {t}, 0, Relaxed, Relaxed) {{ "
    "if (was as usize) + 1 < {c} {{ {k}.store(was + 1, Relaxed); }} }}",
    "{k}.fetch_max(({x} % {c}) as {t}, Relaxed);",
    "{k}.fetch_min({x} as {t}, Relaxed);",
    "{k}.fetch_and({x} as {t}, Relaxed);",
    "{k}.fetch_or(({x} % {c}) as {t}, Relaxed);",
    "{k}.fetch_xor(1, Relaxed);",
    "{k}.fetch_sub(({x} as {t}).min({k}.load(Relaxed)), Relaxed);",
    "let was = {k}.swap({x} as {t}, Relaxed); if {x} >= {c} {{ {k}.store(was, Relaxed); }}",
)
_CELL = (
    "let was = {k}.replace({x} as {t}); if {k}.get() as usize >= {c} {{ {k}.set(was); }}",
    "let was = {k}.take() as usize; {k}.set(((was + 1) % {c}) as {t});",
    "let other = Cell::new({x} as {t}); {k}.swap(&other); if {k}.get() as usize >= {c} {{ {k}.swap(&other); }}",
    "{{ let r = &{k}; r.set(r.get().wrapping_add(1)); if r.get() as usize >= {c} {{ r.set(0); }} }}",
    "bump_cell_{t}(&{k}, {c} as {t});",
    "{{ let p = {k}.as_ptr(); *p = (*p).wrapping_add(1); if *p as usize >= {c} {{ *p = 0; }} }}",
)
OF: Mapping[Holder, tuple[str, ...]] = {
    Holder.PLAIN: (),
    Holder.STATIC: _STATIC,
    Holder.ATOMIC: _ATOMIC,
    Holder.CELL: _CELL,
}
HELPERS = "".join(
    f"fn bump_{of}(k: &mut {of}, most: {of}) {{ *k = if *k + 1 < most {{ *k + 1 }} else {{ 0 }}; }}\n"
    f"fn bump_cell_{of}(k: &Cell<{of}>, most: {of}) {{ k.set(k.get() + 1); if k.get() >= most {{ k.set(0); }} }}\n"
    for of in ("u8", "u16", "u32", "usize", "i32")
)


def stepped(body: Body, one: Kept, limit: str, value: int) -> None:
    """Changes the number in place."""
    text, _ = body.limit(limit, value)
    x = body.let(body.number("usize", value), "usize")
    form = body.one_of((*ANY, *OF[one.holder] * 2))
    body.lines.append(filled(form, one, text, x))


def filled(form: str, one: Kept, limit: str, x: str) -> str:
    """A block of statements. `x`: what else there is to put there."""
    puts = {
        "put_zero": one.put.format(v="0"),
        "put_next": one.put.format(v=f"({one.get}).wrapping_add(1)"),
        "put_x": one.put.format(v=f"({x} as {one.type})"),
    }
    return "{ " + form.format(x=x, c=limit, t=one.type, k=one.place, get=f"({one.get})", **puts) + " }"
