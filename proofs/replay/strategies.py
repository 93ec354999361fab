"""What to call a root with: generators of arguments, sent the first result of each call, None after a trap."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Generator

from proofs.replay.values import ALIGNMENTS, BOUNDARY, SIZES, signed

Arguments = tuple[int, ...]
Constants = Callable[[], tuple[int, ...]]
"""Found when they are asked for: that takes reading the code."""
Strategy = Generator[Arguments, int | None, None]
_SEED = 20260821
_REPEATS = 300


def strategy(parameters: tuple[str, ...], constants: Constants) -> Strategy:
    """Arguments for parameters of these types, the plain ones first; without end if any can vary."""
    if not parameters:
        yield from itertools.repeat((), _REPEATS)
        return
    yield from _alike(parameters, BOUNDARY)
    found = constants()
    yield from _alike(parameters, found)
    yield from _one_differs(parameters, (*BOUNDARY, *found))
    yield from _random(parameters, found)


def realloc_strategy(parameters: tuple[str, ...], constants: Constants, canonical: bool) -> Strategy:
    """realloc(old pointer, old size, alignment, new size), the likeliest to grow a memory first; without end.

    `canonical`: only what the canonical ABI passes: blocks that it was given, alignments that it has.
    """
    for alignment, size in itertools.product(ALIGNMENTS[:4], SIZES[:16]):
        yield 0, 0, alignment, size
    for size in (8, 1024, 1 << 16, 1 << 20):
        for _ in range(_REPEATS):
            yield 0, 0, 8, size
    yield from _growing_block()
    found = constants()
    for constant in found:
        if not canonical or 0 < constant < 1 << 31:
            yield _fit(parameters, (0, 0, 1, constant))
    if canonical:
        yield from _random_blocks()
    for alignment, size in itertools.product(ALIGNMENTS, SIZES):
        yield 0, 0, alignment, size
    for constant in found:
        for values in ((0, 0, constant, 8), (0, constant, 1, 8), (constant, 0, 1, 8)):
            yield _fit(parameters, values)
    for block in (0, 8, 1024):
        for new in range(70):
            yield block, new, 1, new + 1
    yield from _random(parameters, found)


def _fit(parameters: tuple[str, ...], values: Arguments) -> Arguments:
    """As two's complement numbers of the parameters' sizes; floats take whole numbers, references only null."""
    bits = {"i32": 32, "i64": 64, "f32": 24, "f64": 53}
    pairs = zip(values, parameters, strict=True)
    return tuple([signed(value, bits[kind]) if kind in bits else 0 for value, kind in pairs])


def _growing_block() -> Strategy:
    pointer = old = 0
    new = 8
    while new <= 1 << 26:
        result = yield pointer, old, 1, new
        pointer, old = (0, 0) if result is None else (result, new)
        new *= 2


def _random_blocks() -> Strategy:
    source = random.Random(_SEED)
    while True:
        yield 0, 0, source.choice(ALIGNMENTS[:4]), source.randrange(1, 1 << source.randrange(1, 27))


def _alike(parameters: tuple[str, ...], values: tuple[int, ...]) -> Strategy:
    """Every parameter the same, the first values several times."""
    for place, value in enumerate(values):
        for _ in range(4 if place < 2 else 1):
            yield _fit(parameters, (value,) * len(parameters))


def _one_differs(parameters: tuple[str, ...], values: tuple[int, ...]) -> Strategy:
    for place in range(len(parameters)):
        for rest, value in itertools.product((0, 1), values):
            arguments = [rest] * len(parameters)
            arguments[place] = value
            yield _fit(parameters, tuple(arguments))


def _random(parameters: tuple[str, ...], constants: tuple[int, ...]) -> Strategy:
    source = random.Random(_SEED)
    draws: tuple[Callable[[], int], ...] = (
        lambda: source.choice(BOUNDARY),
        lambda: source.choice(constants or BOUNDARY),
        lambda: source.randrange(64),
        lambda: source.randrange(1 << source.randrange(1, 33)),
        lambda: source.getrandbits(64),
    )
    last = 0
    while True:
        arguments = [source.choice(draws)() for _ in parameters]
        if not source.randrange(4):
            arguments[0] = last
        result = yield _fit(parameters, tuple(arguments))
        last = last if result is None else result
