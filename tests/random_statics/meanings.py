"""Each form of number, guard and step by itself: what the model says that a call leaves behind, and what it leaves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import wasmtime
from rust_pools import subject_of_source

from random_statics.crates import ALLOWED, PRELUDE, needed
from random_statics.forms import BELOW, GUARDS
from random_statics.memory import HELPERS as MEMORY
from random_statics.memory import SHAPES
from random_statics.pieces import Holder, Kept, number_in
from random_statics.steps import ANY, OF, filled
from random_statics.twin import FUEL, built, loaded
from smt_models.pools import conditions as c
from smt_models.static_pools.model import StaticPools, groups, model_of
from smt_models.system.evaluate import enabled, take
from smt_models.system.terms import Variable

TYPES = ("u8", "u16", "usize", "i32")
NUMBERS = (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 100, 127, 128, 129, 200, 250, 254, 255, 256, 257, 260, 32767, 32768, 65535,
           65536, 65539, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFF0003, 0xFFFFFF00, 0xFFFFFF80, 0xFFFFFFFE,
           0xFFFFFFFF)  # fmt: skip
UNTOUCHED = 0x55


@dataclass(frozen=True, slots=True)
class Meaning:
    """A form in the function `mN` of its own, which is called with `x` and changes the static `KN` alone. `put`: a
    statement that gives it what it has before, of which `before` is one number; `reads`: all that it has.
    """

    form: str
    static: str
    function: str
    put: str
    reads: tuple[str, ...]
    befores: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """`different`: form, number in the static before, argument, what the model says, and what the call leaves."""

    different: tuple[tuple[str, int, int, str, str], ...]
    same: int
    unmodelled: tuple[str, ...]


def meanings(limit: int) -> tuple[Meaning, ...]:
    """All forms of numbers, guards and steps, with one limit."""
    found: list[Meaning] = []
    for form in (*BELOW, *(f"{{{{ {one} {{x}} }}}}" for one in GUARDS)):
        n = len(found)
        text = form.format(x="x", c=f"{limit}usize", n=limit, leave="return;")
        declared, kept = number_in(Holder.STATIC, f"K{n}", "usize")
        found.append(_of_number(n, form, declared, kept, f"K{n} = {text};", (UNTOUCHED,)))
    for holder in (Holder.STATIC, Holder.ATOMIC, Holder.CELL):
        for form in (*ANY, *OF[holder]):
            for of in TYPES:
                n = len(found)
                declared, kept = number_in(holder, f"K{n}", of)
                text = filled(form, kept, f"{limit}usize", "x")
                last = (1 << {"u8": 8, "u16": 16}.get(of, 32)) - 1
                found.append(_of_number(n, f"{form} ({of})", declared, kept, text, (0, 3, 5, last)))
    return tuple(found)


def written() -> tuple[Meaning, ...]:
    """All ways to write an array of each shape."""
    found: list[Meaning] = []
    for shape in SHAPES:
        for place, (form, _) in enumerate(shape.texts("")):
            n = len(found)
            text = shape.texts(f"K{n}")[place][1]
            reads = tuple(one.format(k=f"K{n}") for one in shape.reads)
            declared = f"static mut K{n}: {shape.type} = {shape.first};"
            function = f"pub fn m{n}(x: usize) {{ unsafe {{ {text} }} }}"
            found.append(Meaning(f"{form} ({shape.type})", declared, function, f"K{n} = {shape.first};", reads))
    return tuple(found)


def _of_number(n: int, form: str, declared: str, kept: Kept, text: str, befores: tuple[int, ...]) -> Meaning:
    function = f"pub fn m{n}(x: usize) {{ unsafe {{ {text} }} }}"
    return Meaning(form, declared, function, kept.put.format(v=f"(before as {kept.type})"), (kept.get,), befores)


def _all_cells(cells: Iterable[Variable], _steps: object) -> frozenset[str]:
    return frozenset(one.name for one in cells)


def told(all_: Sequence[Meaning], folder: Path, rustc: Sequence[str]) -> Told:
    """Raises CalledProcessError where a form does not compile."""
    lines = [one.static for one in all_] + [one.function for one in all_]
    source = "\n".join([PRELUDE, MEMORY, *needed("\n".join(lines)), *lines]) + "\n"
    folder.mkdir(parents=True)
    subject = subject_of_source(ALLOWED + source, folder)
    models: dict[str, StaticPools] = {}
    for group in groups(subject):
        with suppress(LookupError):
            models |= dict.fromkeys(group, model_of(subject, group, _all_cells))
    native = _Native(built(_program(source, all_), folder / "twin", rustc))
    different: list[tuple[str, int, int, str, str]] = []
    same, unmodelled = 0, []
    for n, one in enumerate(all_):
        model = models.get(f"K{n}")
        try:
            if model is None:
                raise _Unsaid
            for before in one.befores or (None,):
                for x in NUMBERS:
                    said = _said(model, n, before, x, len(one.reads))
                    left = native.left(n, before or 0, x, len(one.reads))
                    if said == left:
                        same += 1
                    else:
                        different.append((one.form, before or 0, x, str(said), str(left)))
        except _Unsaid:
            unmodelled.append(one.form)
    return Told(tuple(different), same, tuple(unmodelled))


class _Unsaid(Exception):
    """The model does not say one number."""


def _said(model: StaticPools, n: int, before: int | None, x: int, count: int) -> tuple[int, ...] | None:
    """None where nothing is changed, as where the call panics. Raises _Unsaid."""
    cells = [(one.name, value) for one, value in model.cells if re.match(rf"K{n}\b", one.name)]
    if len(cells) != count:
        raise _Unsaid
    state: dict[str, int | bool] = {one.name: False for one in model.system.variables}
    for name, value in cells:
        if value is None and before is None:
            raise _Unsaid
        state[name] = before if before is not None else int(value or 0)
    found = set()
    for call in model.calls:
        if call.step.call == f"m{n}":
            inputs = {one.name: x for one in call.step.step.inputs}
            if len(inputs) > 1 or call.part:  # a part of it may be taken where nobody came to that head
                raise _Unsaid
            if enabled(call.step.step, state, inputs):
                after = take(model.system, call.step.step, state, inputs)
                if after[c.flag(c.UNMODELLED).name]:
                    raise _Unsaid
                found.add(tuple(int(after[name]) for name, _ in cells))
    assert len(found) == 1, (n, before, x, found)
    left = found.pop()
    return None if left == tuple(int(state[name]) for name, _ in cells) else left


def _program(source: str, all_: Sequence[Meaning]) -> str:
    calls, reads, firsts = [], [], []
    for n, one in enumerate(all_):
        calls.append(f"{n} => {{ {one.put} m{n}(x as usize); }}")
        reads += [f"({n}, {k}) => ({text}) as i64 as u32," for k, text in enumerate(one.reads)]
        firsts.append(f"{n} => {{ {one.put} }}")
    return (
        f"#![no_std]\n{ALLOWED}#[panic_handler]\n"
        "fn panicked(_: &core::panic::PanicInfo) -> ! { core::arch::wasm32::unreachable() }\n"
        f"mod c0 {{ {source}\n"
        f"pub unsafe fn call(n: u32, before: u32, x: u32) {{ match n {{ {' '.join(calls)} _ => () }} }}\n"
        f"pub unsafe fn put(n: u32, before: u32) {{ match n {{ {' '.join(firsts)} _ => () }} }}\n"
        f"pub unsafe fn read(n: u32, k: u32) -> u32 {{ match (n, k) {{ {' '.join(reads)} _ => 0 }} }} }}\n"
        '#[no_mangle] pub unsafe extern "C" fn call(n: u32, before: u32, x: u32) { c0::call(n, before, x) }\n'
        '#[no_mangle] pub unsafe extern "C" fn put(n: u32, before: u32) { c0::put(n, before) }\n'
        '#[no_mangle] pub unsafe extern "C" fn read(n: u32, k: u32) -> u32 { c0::read(n, k) }\n'
    )


class _Native:
    """Each call begins with what the statics have at first, but for the number that is put there."""

    def __init__(self, wasm: bytes) -> None:
        self._engine, self._module = loaded(wasm)
        self._begin()

    def _begin(self) -> None:
        self._store = wasmtime.Store(self._engine)
        self._exports = wasmtime.Instance(self._store, self._module, []).exports(self._store)

    def _call(self, name: str, *given: int) -> int:
        self._store.set_fuel(FUEL)
        function = self._exports[name]
        assert isinstance(function, wasmtime.Func)
        return int(function(self._store, *(one - (one >> 31 << 32) for one in given)) or 0) & 0xFFFFFFFF

    def _all(self, n: int, count: int) -> tuple[int, ...]:
        return tuple(self._call("read", n, k) for k in range(count))

    def left(self, n: int, before: int, x: int, count: int) -> tuple[int, ...] | None:
        """None for a panic, and where nothing is changed."""
        self._call("put", n, before)
        old = self._all(n, count)
        try:
            self._call("call", n, before, x)
        except (wasmtime.Trap, wasmtime.WasmtimeError):
            self._begin()
            return None
        new = self._all(n, count)
        return None if new == old else new
