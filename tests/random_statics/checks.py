"""A place of a pool's array, and what is checked before it is used.

The checks stand in lines that begin with `CHECK`, which only the instrumented twin has: they are of the static's true
type and address, never of what the crate says of it.
"""

from __future__ import annotations

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


def in_array(at: At, i: str) -> str:
    return f"{CHECK}chk::index({at.pool.number}, {i}, {at.pool.length});"


def in_slice(at: At, low: str, high: str) -> str:
    return f"{CHECK}chk::part({at.pool.number}, {low}, {high}, {at.pool.length});"


def begins(at: At) -> str:
    return f"({at.pool.pointer}) as usize, size_of::<{at.pool.type}>()"


def moved(at: At, start: str, count: str, of: str) -> str:
    """The pointer that is made stays in the array, its end included."""
    there = f"{start} as usize, {count} as i64 * size_of::<{of}>() as i64"
    return f"{CHECK}chk::moved({at.pool.number}, {begins(at)}, {there});"


def used(at: At, pointer: str, count: str, of: str) -> str:
    return (
        f"{CHECK}chk::used({at.pool.number}, {begins(at)}, {pointer} as *const u8 as usize, "
        f"{count} as u64 * size_of::<{of}>() as u64);"
    )


def seen(body: Body, at: At, place: str) -> None:
    """Reads or writes the element at a place, which is checked."""
    element = at.pool.element
    if at.is_unique and not at.pool.is_frozen and element.write is not None and body.rng.random() < 0.4:
        body.lines.append(element.write.format(e=place, v=body.number("u32", at.pool.length)))
    else:
        body.let(element.read.format(e=place), "u32")


def below(body: Body, at: At) -> str:
    return body.below(at.pool.limit, at.pool.length)
