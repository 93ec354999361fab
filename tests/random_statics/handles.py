"""What a crate gives to its callers besides functions: types with an index in them, and numbers that they can name.

Each comes with the safe code that a caller may write for it, so that what is thought to be out of reach is tried.
"""

from __future__ import annotations

from random import Random

from random_statics.checks import CHECK
from random_statics.numbers import Body
from random_statics.pieces import Pool


def handle(rng: Random, number: int, pool: Pool, lines: list[str]) -> str:
    """A type with an index, which is checked where it is made. Gives what callers do; `{n}` is any `u32`."""
    name = f"Handle{number}"
    limit, _ = Body(rng, [], "").limit(pool.limit, pool.length)
    seen = rng.choice(("", "", "", "pub ", "pub(crate) "))
    of = rng.choice(("usize", "usize", "u8", "u32"))
    copied = rng.random() < 0.5
    derived = [*(["Clone", "Copy"] if copied else []), *(["Default"] if rng.random() < 0.3 else [])]
    made = [f"{name}::make({{n}} as usize)"]
    if "Default" in derived:
        made.append(f"Some({name}::default())")
    if seen == "pub ":
        made.append(f"Some({name} {{{{ at: {{n}} as {of} }}}})")
    methods = [
        f"pub fn make(x: usize) -> Option<{name}> {{",
        f"if x < {limit} {{ Some({name} {{ at: x as {of} }}) }} else {{ None }}",
        "}",
    ]
    if rng.random() < 0.3:
        inner = rng.choice(("(x % {0})", "(x % {0})", "x")).format(limit)
        methods.append(f"pub fn of(x: usize) -> {name} {{ {name} {{ at: {inner} as {of} }} }}")
        made.append(f"Some({name}::of({{n}} as usize))")
    done = []
    if rng.random() < 0.4:
        step = rng.choice(
            (
                "if self.at as usize + 1 < {0} {{ self.at += 1; }}",
                "self.at = ((self.at as usize + 1) % {0}) as {1};",
                "self.at += 1; if self.at as usize == {0} {{ self.at = 0; }}",
            )
        )
        methods.append(f"pub fn go(&mut self) {{ {step.format(limit, of)} }}")
        done.append("h.go();")
    if rng.random() < 0.3:
        guard = rng.choice(
            ("if x < {0} {{ self.at = x as {1}; }}", "self.at = (x % {0}) as {1};", "self.at = x as {1};")
        )
        methods.append(f"pub fn set(&mut self, x: usize) {{ {guard.format(limit, of)} }}")
        done.append("h.set({n} as usize);")
    read = pool.element.read.format(e=f"(*(*{pool.pointer}).get_unchecked(self.at as usize))")
    check = f"{CHECK}chk::index({pool.number}, self.at as usize, {pool.length});"
    methods += ["pub fn read(&self) -> u32 { unsafe {", check, read, "} }"]
    done.append("h.read();")
    lines += [
        f"#[derive({', '.join(derived)})]" if derived else "",
        f"pub struct {name} {{ {seen}at: {of} }}",
        f"impl {name} {{",
    ]
    lines += [*methods, "}"]
    if rng.random() < 0.25:
        inner = rng.choice((f"(x % {limit})", "x", f"x.min({limit} - 1)"))
        lines.append(
            f"impl From<usize> for {name} {{ fn from(x: usize) -> {name} {{ {name} {{ at: {inner} as {of} }} }} }}"
        )
        made.append(f"Some({name}::from({{n}} as usize))")
    if copied and rng.random() < 0.3:
        lines.append(f"pub const FIRST{number}: {name} = {name} {{ at: {rng.choice((0, 0, 1))} }};")
        made.append(f"Some(FIRST{number})")
    text = read.replace("self.at", "h.at")
    lines += [
        f"pub fn use{number}({rng.choice(('h: &', 'h: ', 'h: &mut '))}{name}) -> u32 {{ unsafe {{",
        check.replace("self", "h"),
        text,
        "} }",
    ]
    passed = lines[-4].partition("h: ")[2].partition("Handle")[0]
    done.append(f"use{number}({passed}h); " + ("return;" if not passed and not copied else ""))
    arms = " ".join(f"{k} => {one}," for k, one in enumerate(made))
    acts = " ".join(f"{k} => {{{{ {one} }}}}" for k, one in enumerate(done))
    return (
        f"let h = match (r.next() >> 9) % {len(made)} {{{{ {arms} _ => None }}}}; "
        "let Some(mut h) = h else {{ return }}; "
        f"for _ in 0..6 {{{{ match (r.next() >> 9) % {len(done)} {{{{ {acts} _ => () }}}} }}}}"
    )


def cursor(rng: Random, number: int, pool: Pool, lines: list[str]) -> str | None:
    """A number in a static that callers can name, or cannot by a word. Gives what they do, if they can."""
    name = f"C{number}"
    seen, part = rng.choice(("", "pub ", "pub ")), rng.choice(("", "", "pub ", "pub(crate) "))
    limit, _ = Body(rng, [], "").limit(pool.limit, pool.length)
    wrapped = rng.choice(("let x = x % {0};", "let x = x.min({0} - 1);", "if x >= {0} {{ return; }}")).format(limit)
    form = rng.choice(("atomic", "struct", "struct", "given", "method"))
    does: str | None = None
    put = f"{name}.at.store(x, Relaxed);"
    get = f"{name}.at.load(Relaxed)"
    lines += [
        f"pub struct Cursor{number} {{ {part}at: AtomicUsize }}",
        f"pub fn move{number}(x: usize) {{ {wrapped} {put} }}",
    ]
    lines.append(f"{seen}static {name}: Cursor{number} = Cursor{number} {{ at: AtomicUsize::new(0) }};")
    match form:
        case "atomic":
            lines[-3] = f"struct Cursor{number};"
            lines[-2] = lines[-2].replace(".at", "")
            lines[-1] = f"{seen}static {name}: AtomicUsize = AtomicUsize::new(0);"
            get = f"{name}.load(Relaxed)"
            does = f"{name}.store({{n}} as usize, Relaxed);" if seen else None
        case "given":
            lines.append(f"pub fn cursor{number}() -> &'static Cursor{number} {{ &{name} }}")
            does = f"cursor{number}().at.store({{n}} as usize, Relaxed);" if part == "pub " else None
        case "method":
            lines.append(f"impl Cursor{number} {{ pub fn put(&self, x: usize) {{ self.at.store(x, Relaxed); }} }}")
            does = f"{name}.put({{n}} as usize);" if seen else None
        case _:
            does = f"{name}.at.store({{n}} as usize, Relaxed);" if seen and part == "pub " else None
    read = pool.element.read.format(e=f"(*(*{pool.pointer}).get_unchecked(i))")
    check = f"{CHECK}chk::index({pool.number}, i, {pool.length});"
    lines += [f"pub fn look{number}() -> u32 {{ unsafe {{ let i = {get};", check, read, "} }"]
    return f"{does or ''} move{number}({{n}} as usize); {does or ''} look{number}();"
