"""Random functions: what the terms of their paths evaluate to is what wasmtime computes, traps and memory included."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from wasm_functions import random_module
from wasm_runs import Engine, Result, environment, evaluated, executed, program

from smt_models.system.terms import conjunction
from smt_models.wasm.concrete import values_of
from smt_models.wasm.paths import Bounds, Execution

PAGE = 1 << 16
CALLS = 6


def _argument(source: random.Random, width: int) -> int:
    least = 1 << (width - 1)
    return source.choice((0, 1, 2, 7, 100, 255, -1 % (1 << width), least, least - 1, source.getrandbits(width)))


def _compare(seed: int, depth: int, bounds: Bounds, ended: Counter[str]) -> None:
    """One module of eight functions."""
    source = random.Random(seed)
    one = program(random_module(source, 8, depth))
    engine = Engine(bytes(one.data))
    image = source.randbytes(256) + bytes(PAGE - 512) + source.randbytes(256)
    for place in range(8):
        execution = executed(one, f"f{place}", bounds)
        for _ in range(CALLS):
            arguments = tuple([_argument(source, width) for width in (32, 64, 32, 64)])
            globals_ = (_argument(source, 32), _argument(source, 64))
            ours = evaluated(execution, arguments, globals_, image)
            theirs = engine.call(f"f{place}", arguments, globals_, image)
            if isinstance(ours.ended, str) and ours.ended.startswith("unmodelled: more than"):
                ended[ours.ended] += 1
            else:
                _explained(execution, arguments, globals_, image, theirs.memory or b"")
                assert ours == theirs, f"seed {seed}, f{place} {arguments} {globals_}"
                ended[theirs.ended if isinstance(theirs.ended, str) else "returned"] += 1
            if theirs.memory is not None and len(theirs.memory) > PAGE:
                engine = Engine(bytes(one.data))


def _explained(
    execution: Execution, arguments: tuple[int, ...], globals_: tuple[int, ...], before: bytes, after: bytes
) -> None:
    """Every byte that changed lies in a write whose condition holds, and every such write is in bounds."""
    values = environment(arguments, globals_, before)
    terms = [part for write in execution.writes for part in (conjunction(write.condition), write.address, write.size)]
    found = iter(values_of(terms, values))
    written: set[int] = set()
    for condition, address, size in zip(found, found, found, strict=True):
        if condition and isinstance(address, int) and isinstance(size, int):
            assert address + size <= len(after)
            written.update(range(address, address + size))
    changed = {at for at, (x, y) in enumerate(zip(before, after, strict=False)) if x != y}
    assert changed <= written


@pytest.mark.parametrize("merge", [True, False])
def test_random_functions_do_what_wasmtime_does(merge: bool) -> None:
    ended: Counter[str] = Counter()
    first, modules, depth, operations = (1, 26, 4, 20_000) if merge else (41, 16, 3, 600)
    print(f"seeds {first} to {first + modules - 1}, 8 functions each, {CALLS} calls of each")
    for seed in range(first, first + modules):
        _compare(seed, depth, replace(Bounds(), merge=merge, operations=operations), ended)
    print(ended)
    assert ended["returned"] > sum(ended.values()) // 3
    assert ended["out of bounds memory access"] > 20
    assert ended["integer divide by zero"] > 0
    assert ended["unreachable"] + ended["integer overflow"] > 0


def test_the_results_are_compared_whole() -> None:
    """A change anywhere is a difference."""
    one = Result((1,), (2,), b"abc")
    assert one != replace(one, ended=(2,))
    assert one != replace(one, globals=(1,))
    assert one != replace(one, memory=b"abd")
