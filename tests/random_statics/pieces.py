"""What random crates are made of: elements, statics with an array, and numbers that calls keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from random import Random


@dataclass(frozen=True, slots=True)
class Element:
    """`read`: a `u32` from the place `{e}`; `write`: a statement that puts the `u32` `{v}` there, if there is one.
    `size`: in bytes, where the element is nothing but numbers.
    """

    type: str
    zero: str
    read: str
    write: str | None
    size: int | None = None


ELEMENTS = (
    Element("u8", "0", "{e} as u32", "{e} = {v} as u8;", 1),
    Element("u8", "1", "{e} as u32", "{e} = {v} as u8;", 1),
    Element("i8", "-1", "{e} as u8 as u32", "{e} = {v} as i8;", 1),
    Element("u16", "0", "{e} as u32", "{e} = {v} as u16;", 2),
    Element("u32", "0", "{e}", "{e} = {v};", 4),
    Element("u64", "0", "{e} as u32", "{e} += {v} as u64;", 8),
    Element("usize", "0", "{e} as u32", "{e} = {v} as usize;", 4),
    Element("[u8; 2]", "[0; 2]", "{e}[1] as u32", "{e}[0] = {v} as u8;", 2),
    Element("[u16; 3]", "[0; 3]", "{e}[2] as u32", "{e}[1] = {v} as u16;", 6),
    Element("[[u8; 2]; 3]", "[[0; 2]; 3]", "{e}[2][1] as u32", "{e}[1] = [{v} as u8, 7];", 6),
    Element("[[u16; 2]; 2]", "[[0; 2]; 2]", "{e}[1][0] as u32", "{e}[1][1] = {v} as u16;", 8),
    Element("[u8; 4]", "[0; 4]", "{e}[3] as u32", "{e}[2] = {v} as u8;", 4),
    Element("bool", "false", "{e} as u32", "{e} = {v} != 0;"),
    Element("(u8, u16)", "(0, 0)", "{e}.1 as u32", "{e}.0 = {v} as u8;"),
    Element("Pair", "Pair { a: 0, b: 0 }", "{e}.b", "{e}.b = {v};"),
    Element("Cell<u8>", "const { Cell::new(0) }", "{e}.get() as u32", "{e}.set({v} as u8);"),
    Element("Cell<u32>", "const { Cell::new(2) }", "{e}.get()", "{e}.set({v});"),
    Element("AtomicU8", "const { AtomicU8::new(0) }", "{e}.load(Relaxed) as u32", "{e}.store({v} as u8, Relaxed);"),
    Element("Option<u8>", "None", "{e}.map_or(9, |x| x as u32)", "{e} = Some({v} as u8);"),
    Element("Kind", "Kind::Low", "{e} as u32", "{e} = Kind::High;"),
    Element("MaybeUninit<u8>", "MaybeUninit::new(0)", "{e}.assume_init() as u32", "{e} = MaybeUninit::new({v} as u8);"),
)
LENGTHS = (1, 2, 3, 3, 4, 4, 4, 5, 6, 7, 8, 8, 8, 16, 65, 100, 256, 300)


@dataclass(frozen=True, slots=True)
class Pool:
    """`pointer`: an expression of the type `*mut [E; N]`, of which `length` is true. `limit`: how the crate writes the
    length, rightly. `name`: of the static.
    """

    number: int
    name: str
    element: Element
    length: int
    pointer: str
    limit: str
    is_frozen: bool

    @property
    def type(self) -> str:
        return f"[{self.element.type}; {self.length}]"


class Holder(Enum):
    """What a number lies in: `PLAIN` for what is only read and written."""

    PLAIN = auto()
    STATIC = auto()
    ATOMIC = auto()
    CELL = auto()


@dataclass(frozen=True, slots=True)
class Kept:
    """A number that calls keep: `put` is a statement with `{v}` of its type, `place` what methods are called of."""

    type: str
    get: str
    put: str
    place: str = ""
    holder: Holder = Holder.PLAIN


@dataclass(frozen=True, slots=True)
class Statics:
    declarations: tuple[str, ...]
    pools: tuple[Pool, ...]
    kept: tuple[Kept, ...]
    is_wide: bool


def statics(rng: Random) -> Statics:
    lines: list[str] = []
    pools: list[Pool] = []
    kept: list[Kept] = []
    for number in range(rng.choice((1, 1, 1, 1, 2, 2))):
        _pool(rng, number, lines, pools, kept)
    while len(kept) < rng.choice((1, 1, 2)):
        _number(rng, len(kept), lines, kept)
    return Statics(tuple(lines), tuple(pools), tuple(kept), rng.random() < 0.1)


def _pool(rng: Random, number: int, lines: list[str], pools: list[Pool], kept: list[Kept]) -> None:
    element, length = rng.choice(ELEMENTS), rng.choice(LENGTHS)
    name, limit = f"P{number}", f"{length}usize"
    if rng.random() < 0.5:
        limit = f"N{number}"
        lines.append(f"const N{number}: usize = {length};")
    of, first = f"[{element.type}; {limit}]", f"[{element.zero}; {limit}]"
    frozen = False
    match rng.choice(("mut", "mut", "cell", "cell", "fields", "generic", "nested", "frozen", "module")):
        case "mut":
            lines.append(f"static mut {name}: {of} = {first};")
            pointer = f"(&raw mut {name})"
        case "cell":
            lines.append(f"static {name}: Own<{of}> = Own(UnsafeCell::new({first}));")
            pointer = f"{name}.0.get()"
        case "nested":
            lines += [
                f"static {name}: (u8, Own<{of}>, Own<[u8; 4]>) = "
                f"(0, Own(UnsafeCell::new({first})), Own(UnsafeCell::new([0; 4])));"
            ]
            pointer = f"{name}.1.0.get()"
        case "module":
            lines += [
                f"mod inner{number} {{ use super::*; pub static mut HIDDEN: {of} = {first}; "
                f"pub fn get() -> *mut {of} {{ &raw mut HIDDEN }} }}"
            ]
            name, pointer = f"inner{number}::HIDDEN", f"inner{number}::get()"
        case "fields":
            order = [f"data: UnsafeCell<{of}>", "at: Cell<usize>", "more: Cell<u8>"]
            rng.shuffle(order)
            lines += [
                f"{rng.choice(('', '#[repr(C)] '))}struct Held{number} {{ {', '.join(order)} }}",
                f"unsafe impl Sync for Held{number} {{}}",
                f"static {name}: Held{number} = Held{number} {{ data: UnsafeCell::new({first}), at: Cell::new(0), "
                "more: Cell::new(0) };",
            ]
            pointer = f"{name}.data.get()"
            kept.append(Kept("usize", f"{name}.at.get()", f"{name}.at.set({{v}});", f"{name}.at", Holder.CELL))
            if rng.random() < 0.3:
                kept.append(Kept("u8", f"{name}.more.get()", f"{name}.more.set({{v}});", f"{name}.more", Holder.CELL))
        case "generic":
            lines += [
                f"struct Ring{number}<T, const M: usize> {{ data: UnsafeCell<[T; M]>, at: AtomicUsize }}",
                f"unsafe impl<T, const M: usize> Sync for Ring{number}<T, M> {{}}",
                f"impl<T, const M: usize> Ring{number}<T, M> {{",
                "    fn pointer(&self) -> *mut [T; M] { self.data.get() }",
                "    fn most(&self) -> usize { M }",
                "}",
                f"static {name}: Ring{number}<{element.type}, {limit}> = "
                f"Ring{number} {{ data: UnsafeCell::new({first}), at: AtomicUsize::new(0) }};",
            ]
            pointer = f"{name}.pointer()"
            kept.append(
                Kept(
                    "usize",
                    f"{name}.at.load(Relaxed)",
                    f"{name}.at.store({{v}}, Relaxed);",
                    f"{name}.at",
                    Holder.ATOMIC,
                )
            )
            limit = rng.choice((limit, f"{name}.most()"))
        case _:
            numbers = [str(rng.choice((*range(min(9, length + 1)), length - 1))) for _ in range(length)]
            element = rng.choice([one for one in ELEMENTS if one.type in ("u8", "u16", "u32", "usize")])
            lines.append(f"static {name}: [{element.type}; {limit}] = [{', '.join(numbers)}];")
            pointer, frozen = f"(&raw const {name}).cast_mut()", True
    if not frozen and element.type in ("u8", "u16", "u32", "usize") and length < 9 and rng.random() < 0.3:
        place = f"(*{pointer})[{rng.randrange(length)}]"
        kept.append(Kept(element.type, place, f"{place} = {{v}};"))
    pools.append(Pool(number, name, element, length, pointer, limit, frozen))


def _number(rng: Random, number: int, lines: list[str], kept: list[Kept]) -> None:
    name, of = f"K{number}", rng.choice(("usize", "usize", "u8", "u16", "u32", "i32"))
    declared, one = number_in(rng.choice((Holder.STATIC, Holder.ATOMIC, Holder.CELL)), name, of)
    lines.append(declared)
    kept.append(one)


def number_in(holder: Holder, name: str, of: str) -> tuple[str, Kept]:
    """A static that holds a number, which is 0 at first, and how it is used."""
    match holder:
        case Holder.ATOMIC:
            declared = f"static {name}: Atomic{of.capitalize()} = Atomic{of.capitalize()}::new(0);"
            return declared, Kept(of, f"{name}.load(Relaxed)", f"{name}.store({{v}}, Relaxed);", name, holder)
        case Holder.CELL:
            declared = f"static {name}: Own<Cell<{of}>> = Own(UnsafeCell::new(Cell::new(0)));"
            place = f"(*{name}.0.get())"
            return declared, Kept(of, f"{place}.get()", f"{place}.set({{v}});", place, holder)
        case _:
            return f"static mut {name}: {of} = 0;", Kept(of, name, f"{name} = {{v}};", name, Holder.STATIC)
