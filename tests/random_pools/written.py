"""Allocators written by chance, in C: right ones of many shapes, each with what is to be said of it."""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import wasmtime
from pool_corpus import PoolModule, Region, Role

WIDTHS = {"u8": 1, "u16": 2, "u32": 4}
FLAGS = ("--target=wasm32", "-std=c11", "-ffreestanding", "-fno-builtin", "-fno-ident")
LINK = ("wasm-ld", "--no-entry", "--strip-debug", "-zstack-size=4096", "--export=META", "--export=POOL")
_HEAD = """\
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned u32;
#define EXPORT(name) __attribute__((export_name(name)))
#define N {count}u
#define SIZE {size}u
"""
_BLOCKS = """\
{inline} u8 *place(u32 slot) {{ return {place}; }}
{inline} u32 number(u8 *at) {{
    u32 offset = (u32)at - (u32)POOL;
    if (offset >= N * SIZE || offset % SIZE != 0) __builtin_trap();
    return {number};
}}
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """How it is told what is taken. `fields`: of META, each its type and how many; `take` and `release`: statements,
    which leave a free slot in `slot`, and give up that in `slot`.
    """

    name: str
    fields: tuple[tuple[str, str, str], ...]
    take: str
    release: str
    in_order: bool = False


def _kinds(chance: random.Random) -> tuple[Kind, ...]:
    number, mark = chance.choice([*WIDTHS]), chance.choice([*WIDTHS])
    up = chance.choice(["u32 i = 0; i < N; i++", "u32 i = N; i-- > 0;"])
    full = "if (slot == N) __builtin_trap();"
    search = f"u32 slot = N; for ({up}) if (!(TAKEN)) {{ slot = i;{chance.choice([' break;', ''])} }} {full}"
    bits = "u32" if chance.random() < 0.5 else "u16"
    return (
        Kind(
            "marks",
            ((mark, "taken", "N"),),
            search.replace("TAKEN", "META.taken[i]") + " META.taken[slot] = 1;",
            "if (META.taken[slot] != 1) __builtin_trap(); META.taken[slot] = 0;",
        ),
        Kind(
            "bitmap",
            ((bits, "bits", "1"),),
            search.replace("TAKEN", "META.bits[0] >> i & 1") + " META.bits[0] |= 1u << slot;",
            "if (!(META.bits[0] & 1u << slot)) __builtin_trap(); META.bits[0] &= ~(1u << slot);",
        ),
        Kind(
            "numbers",
            ((number, "next", "N"), (number, "head", "1"), (mark, "fresh", "1")),
            "u32 slot; if (META.head[0]) { slot = META.head[0] - 1u; META.head[0] = META.next[slot]; } "
            "else { if (META.fresh[0] >= N) __builtin_trap(); slot = META.fresh[0]++; } META.next[slot] = 255;",
            "if (META.next[slot] != 255 || slot >= META.fresh[0]) __builtin_trap(); "
            "META.next[slot] = META.head[0]; META.head[0] = slot + 1;",
        ),
        Kind(
            "stack",
            ((number, "free", "N"), (mark, "depth", "1"), ("u32", "fresh", "1"), ("u8", "taken", "N")),
            "u32 slot; if (META.depth[0]) slot = META.free[--META.depth[0]]; "
            "else { if (META.fresh[0] == N) __builtin_trap(); slot = META.fresh[0]++; } META.taken[slot] = 1;",
            "if (!META.taken[slot]) __builtin_trap(); META.taken[slot] = 0; META.free[META.depth[0]++] = slot;",
        ),
        Kind(
            "ring",
            (("u32", "taken", "1"), ("u32", "released", "1")),
            "if (META.taken[0] - META.released[0] == N) __builtin_trap(); u32 slot = META.taken[0]++ % N;",
            "if (META.taken[0] == META.released[0]) __builtin_trap(); META.released[0]++;",
            in_order=True,
        ),
    )


def written(chance: random.Random, folder: Path) -> PoolModule:
    """Compiled in the folder. Raises CalledProcessError."""
    kind = chance.choice(_kinds(chance))
    count = chance.choice([2, 4, 8]) if kind.in_order else chance.randint(2, 9)
    size = chance.choice([8, 12, 16, 24, 32, 40, 64])
    realloc = not kind.in_order and chance.random() < 0.5
    fields = chance.sample(kind.fields, len(kind.fields))
    text = _HEAD.format(count=count, size=size) + _objects(fields, chance) + _helpers(chance) + _exports(kind, realloc)
    (folder / "written.c").write_text(text, encoding="utf-8")
    path = folder / "written.wasm"
    level = chance.choice(["-O1", "-O2", "-Os"])
    subprocess.run(["clang", *FLAGS, level, "-c", "written.c", "-o", "written.o"], cwd=folder, check=True)
    subprocess.run([*LINK, "written.o", "-o", str(path)], cwd=folder, check=True)
    return _described(path, f"{kind.name} {level}", kind, realloc, fields, count, size)


def _objects(fields: list[tuple[str, str, str]], chance: random.Random) -> str:
    record = " ".join(f"{of} {name}[{many}];" for of, name, many in fields)
    lines = [f"struct {{ {record} }} META;\n", "u8 POOL[N][SIZE] __attribute__((aligned(8)));\n"]
    return "".join(chance.sample(lines, 2))


PLACES = (
    "POOL[slot]",
    "&POOL[0][0] + slot * SIZE",
    "(u8 *)((u32)POOL + SIZE * slot)",
    "&POOL[N - 1][0] - (N - 1 - slot) * SIZE",
)
NUMBERS = ("offset / SIZE", "(u32)((u8(*)[SIZE])at - POOL)")


def _helpers(chance: random.Random) -> str:
    inline = chance.choice(["static inline", "static __attribute__((noinline))"])
    return _BLOCKS.format(inline=inline, place=chance.choice(PLACES), number=chance.choice(NUMBERS))


def _exports(kind: Kind, realloc: bool) -> str:
    release = kind.release if kind.in_order else f"u32 slot = number(at); {kind.release}"
    given = "void" if kind.in_order else "u8 *at"
    out = f'EXPORT("release") void release({given}) {{ {release} }}\n'
    if not realloc:
        return out + f'EXPORT("take") u8 *take(void) {{ {kind.take} return place(slot); }}\n'
    return out + (
        'EXPORT("cabi_realloc") u8 *cabi_realloc(u8 *old, u32 old_size, u32 align, u32 size) {\n'
        "    if (!old && !old_size && !size) return (u8 *)align;\n"
        "    if (size == 0 || size > SIZE || align > 4 || (align & (align - 1)) || !align) __builtin_trap();\n"
        "    if (old_size) { number(old); return old; }\n"
        f"    {kind.take} return place(slot);\n}}\n"
    )


def _described(
    path: Path, name: str, kind: Kind, realloc: bool, fields: list[tuple[str, str, str]], count: int, size: int
) -> PoolModule:
    at = _exported(path)
    place, others = at["META"], []
    for of, field, many in fields:
        width, length = WIDTHS[of], count if many == "N" else 1
        place = -(-place // width) * width
        others.append(Region(field, place, width * length, width if length > 1 else None))
        place += width * length
    pool = Region("POOL", at["POOL"], count * size, size)
    parameters = ("old", "old_size", "align", "size") if realloc else ()
    export = "cabi_realloc" if realloc else "take"
    size_given, align_given = (None, None) if realloc else (size, 4)
    released = () if kind.in_order else ("pointer",)
    roles = (
        Role("allocate", export, parameters, size_given, align_given, 1, None, None, False),
        Role("release", "release", released, None, None, 1, None, None, kind.in_order),
    )
    usual = {"index-in-bounds", "range-in-bounds", "aligned", "disjoint", "exhaustion-traps"}
    obligations = frozenset(usual | ({"zero-size", "copy-owned"} if realloc else set()))
    return PoolModule(
        name, path, "written.c", kind.name, None, pool, (), tuple(others), None, roles, obligations, {}, {}, 40, {}
    )


def _exported(path: Path) -> dict[str, int]:
    store = wasmtime.Store()
    exports = wasmtime.Instance(store, wasmtime.Module(store.engine, path.read_bytes()), []).exports(store)
    found = ((name, one) for name, one in exports.items() if isinstance(one, wasmtime.Global))
    return {str(name): int(one.value(store)) for name, one in found}
