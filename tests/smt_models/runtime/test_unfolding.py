"""A tree of paths: what shapes reach, and that nothing is executed twice."""

from __future__ import annotations

import itertools

from rust_bodies import paths, prepared, program_of

from smt_models.runtime.unfolding import Unfolding
from smt_models.runtime.values import Scalar
from smt_models.system.terms import BOOLEAN, Variable

SOURCE = "pub fn f(a: bool, b: bool) -> u32 { if a { 1 } else if b { 2 } else { 3 } }"
SHAPED = (Variable("a", BOOLEAN), Variable("b", BOOLEAN))
EVERY = tuple(itertools.product((False, True), repeat=2))


def test_shapes_take_the_paths_that_they_fit() -> None:
    executor, state = prepared(program_of(SOURCE), "f", *(Scalar(one) for one in SHAPED))
    tree = Unfolding(executor, state, SHAPED)
    first = list(tree.reach(EVERY[:1]))
    blocks = executor.blocks
    assert [taken for _, taken in first] == [EVERY[:1]]
    again = list(tree.reach(EVERY[:1]))
    assert [path for path, _ in again] == [path for path, _ in first]
    assert executor.blocks == blocks
    rest = list(tree.reach(EVERY[1:]))
    assert sorted(shape for _, taken in rest for shape in taken) == sorted(EVERY[1:])


def test_all_paths_are_those_of_a_run_without_shapes() -> None:
    executor, state = prepared(program_of(SOURCE), "f", *(Scalar(one) for one in SHAPED))
    tree = Unfolding(executor, state, SHAPED)
    for shape in reversed(EVERY):
        list(tree.reach((shape,)))
    plain = paths(SOURCE, "f", *(Scalar(one) for one in SHAPED))
    assert [one.state.result for one in tree.paths()] == [one.state.result for one in plain]
    assert sorted(shape for one in tree.paths() for shape in one.state.shapes) == sorted(EVERY)
