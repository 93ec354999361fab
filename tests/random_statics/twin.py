"""Instrumented twins of many crates as one module of wasm32, called at random: `usize` is as wide as in the model.

The arithmetic is that without overflow checks, as in the profile that is proved. A run ends at the first breach, or
with a panic.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import wasmtime

from random_statics.crates import ALLOWED, Called, Crate
from random_statics.pieces import Pool

KINDS = {1: "index-in-bounds", 2: "range-in-bounds", 4: "disjoint"}
TARGET = "wasm32-unknown-unknown"
FUEL = 2_000_000
CALLS = 24
_CHECKS = r"""#![no_std]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo) -> ! { core::arch::wasm32::unreachable() }

pub mod chk {
    pub static mut BREACH: u32 = 0;
    static mut BLOCKS: [(u32, u64, u64); 64] = [(0, 0, 0); 64];
    static mut COUNT: usize = 0;
    pub fn breach(kind: u32, pool: u32) -> ! {
        unsafe { BREACH = kind * 16 + pool + 1; }
        core::arch::wasm32::unreachable()
    }
    pub fn index(pool: u32, i: usize, length: usize) { if i >= length { breach(1, pool) } }
    pub fn below(pool: u32, i: usize, length: usize) { if i >= length { breach(2, pool) } }
    pub fn part(pool: u32, low: usize, high: usize, length: usize) {
        if low > high || high > length { breach(1, pool) }
    }
    pub fn moved(pool: u32, base: usize, size: usize, start: usize, bytes: i64) {
        let end = start as i64 + bytes;
        if end < base as i64 || end > base as i64 + size as i64 { breach(2, pool) }
    }
    pub fn used(pool: u32, base: usize, size: usize, at: usize, bytes: u64) {
        if at < base || at as u64 + bytes > base as u64 + size as u64 { breach(2, pool) }
    }
    pub fn block(pool: u32, base: usize, size: usize, at: usize, bytes: u64) {
        if bytes == 0 { return; }
        used(pool, base, size, at, bytes);
        let (start, end) = (at as u64, at as u64 + bytes);
        unsafe {
            for k in 0..COUNT {
                let (of, first, last) = BLOCKS[k];
                if of == pool && start < last && first < end { breach(4, pool) }
            }
            if COUNT < 64 { BLOCKS[COUNT] = (pool, start, end); COUNT += 1; }
        }
    }
}
#[no_mangle] pub extern "C" fn found() -> u32 { unsafe { chk::BREACH } }

static mut LOG: [u32; 256] = [0; 256];
static mut LOGGED: usize = 0;
pub fn note(x: u32) -> u32 { unsafe { if LOGGED < 256 { LOG[LOGGED] = x; LOGGED += 1; } } x }
#[no_mangle] pub extern "C" fn logged(k: usize) -> u32 { unsafe { if k < LOGGED { LOG[k] } else { u32::MAX } } }
#[no_mangle] pub extern "C" fn noted() -> usize { unsafe { LOGGED } }

pub struct Rng(u32);
impl Rng {
    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13; self.0 ^= self.0 >> 17; self.0 ^= self.0 << 5; self.0
    }
    pub fn number(&mut self, near: u32) -> u32 {
        let r = self.next() >> 3;
        match self.next() >> 5 & 15 {
            0..=2 => r % 4,
            3..=5 => near - 1 + r % 3,
            6..=8 => r % (near + 1),
            9 => near * 2 - 1 + r % 3,
            10 => u32::MAX - r % 3,
            11 => 1 << (r % 32),
            12 => (1u32 << (r % 32)).wrapping_sub(1),
            13 => (1u32 << 8 << (8 * (r / 256 % 3))) + r % (near + 2),
            14 => (1u32 << 31) | r % (near + 1),
            _ => self.next(),
        }
    }
}
"""


@dataclass(frozen=True, slots=True)
class Breach:
    """`calls`: what the driver noted, the number of the function before its arguments."""

    kind: str
    pool: str
    calls: tuple[int, ...]


def program(crates: Sequence[Crate], replayed: Sequence[str] = ()) -> str:
    """`replayed`: calls that are made in turn in place of random ones, of a crate that stands alone."""
    parts = [ALLOWED, _CHECKS]
    for number, one in enumerate(crates):
        parts.append(f"pub mod c{number} {{\nuse super::chk;\n{one.twin}\n{_driver(one)}}}")
        parts.append(
            f'#[no_mangle] pub extern "C" fn run{number}(seed: u32, calls: u32) {{ let mut r = Rng(seed | 1); '
            f"for _ in 0..4 {{ r.next(); }} for _ in 0..calls {{ c{number}::call(&mut r); }} }}"
        )
    if replayed:
        parts.append('#[no_mangle] pub extern "C" fn replay() { unsafe {' + "\n".join(replayed) + "} }")
    return "\n".join(parts)


def _driver(crate: Crate) -> str:
    near = max(pool.length for pool in crate.pools)
    arms = []
    for number, one in enumerate(crate.functions):
        if one.code is not None:
            text = one.code.format(n=f"super::note(r.number({near}))")
            arms.append(f"{number} => {{ super::note({number}); {text} }}")
            continue
        values = [f"let a{n} = {_argument(of, near)};" for n, of in enumerate(one.arguments)]
        call = f"{one.name}({', '.join(f'a{n}' for n in range(len(one.arguments)))})"
        text = (
            call
            if one.pool is None
            else f"let b = {call}; seen_{one.name}(b, {'a0' if one.size == 0 else '0'}, r.number(4))"
        )
        arms.append(f"{number} => {{ super::note({number}); {' '.join(values)} {text}; }}")
    seen = "\n".join(_looked(one, one.pool) for one in crate.functions if one.pool is not None)
    choice = f"(r.next() >> 7) % {max(1, len(crate.functions))}"
    return f"pub fn call(r: &mut super::Rng) {{ match {choice} {{ {' '.join(arms)} _ => () }} }}\n{seen}\n"


def _argument(of: str, near: int) -> str:
    text = f"super::note(r.number({near}))"
    match of:
        case "bool":
            return f"{text} & 1 != 0"
        case "Kind":
            return f"[Kind::Low, Kind::Middle, Kind::High][({text} % 3) as usize]"
        case "(usize, u8)":
            return f"({text} as usize, {text} as u8)"
        case "Option<usize>":
            return f"(r.next() & 64 != 0).then_some({text} as usize)"
        case _:
            return f"{text} as {of}"


def _looked(one: Called, pool: Pool) -> str:
    """A block that is handed out is looked at, and its holder writes it."""
    if one.size is None:
        of, start = f"Option<&'static mut [{pool.element.type}]>", "b.as_ptr() as usize"
        head = "let Some(b) = b else { return };"
        size = f"b.len() as u64 * size_of::<{pool.element.type}>() as u64"
    else:
        of, start, head, size = "*mut u8", "b as usize", "if b.is_null() { return }", "size as u64"
    return (
        f"pub fn seen_{one.name}(b: {of}, size: usize, x: u32) {{ unsafe {{ {head} "
        f"chk::block({pool.number}, ({pool.pointer}) as usize, size_of::<{pool.type}>(), {start}, {size}); "
        f"for k in 0..({size}).min(32) as usize {{ *(({start}) as *mut u8).add(k) = x as u8; }} }} }}"
    )


def built(source: str, folder: Path, rustc: Sequence[str]) -> bytes:
    """Raises CalledProcessError with what the compiler says."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "twin.rs").write_text(source, encoding="utf-8")
    words = [*rustc, "--edition", "2021", "--crate-type", "cdylib", "--target", TARGET]
    words += ["-C", "panic=abort", "-C", "opt-level=0", "-C", "debug-assertions=off", "-C", "overflow-checks=off"]
    words += ["-C", "debuginfo=0", "-C", "strip=symbols", "-o", "twin.wasm", "twin.rs"]
    subprocess.run(words, cwd=folder, check=True, timeout=300, capture_output=True, text=True)
    return (folder / "twin.wasm").read_bytes()


def loaded(wasm: bytes) -> tuple[wasmtime.Engine, wasmtime.Module]:
    """That ends what has no end."""
    config = wasmtime.Config()
    config.consume_fuel = True
    engine = wasmtime.Engine(config)
    return engine, wasmtime.Module(engine, wasm)


class Runs:
    """Of one module; every run begins with the statics as they are at first."""

    def __init__(self, wasm: bytes) -> None:
        self._engine, self._module = loaded(wasm)

    def run(self, name: str, *arguments: int) -> tuple[int, bool, tuple[int, ...]]:
        """What was breached, or 0; whether the run came to its end; what was noted."""
        store = wasmtime.Store(self._engine)
        store.set_fuel(FUEL)
        exports = wasmtime.Instance(store, self._module, []).exports(store)

        def call(of: str, *given: int) -> int:
            function = exports[of]
            assert isinstance(function, wasmtime.Func)
            return int(function(store, *given) or 0)

        went_through = True
        try:
            call(name, *arguments)
        except (wasmtime.Trap, wasmtime.WasmtimeError):
            went_through = False
        store.set_fuel(FUEL)
        found = call("found") & 0xFFFFFFFF
        noted = tuple(call("logged", k) & 0xFFFFFFFF for k in range(call("noted"))) if found else ()
        return found, went_through, noted


def breaches(runs: Runs, number: int, crate: Crate, sequences: int) -> dict[tuple[str, str], Breach]:
    """Of each pool and obligation the shortest that was seen."""
    found: dict[tuple[str, str], Breach] = {}
    rng = Random(crate.seed)
    for _ in range(sequences):
        said, _, noted = runs.run(f"run{number}", rng.getrandbits(31), rng.choice((1, 2, CALLS, CALLS)))
        if said:
            one = breach_of(crate, said, noted)
            before = found.get((one.pool, one.kind))
            if before is None or len(one.calls) < len(before.calls):
                found[one.pool, one.kind] = one
    return found


def breach_of(crate: Crate, said: int, noted: tuple[int, ...]) -> Breach:
    kind, pool = divmod(said - 1, 16)
    return Breach(KINDS[kind], crate.pools[pool].name, noted)
