"""An invariant from a search that looked at every state: that the state is one of those, as far as its words say.

Nodes are concrete in choices and truth values, and have terms over inputs for numbers. An input that a word names alone
stands for that word; what is said of the other inputs is left out, which only makes the set larger. Whether it is an
invariant still is for the solvers to say.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from proofs.runtime.search import Node
from smt_models.runtime.edges import Edges
from smt_models.runtime.facts import Facts
from smt_models.runtime.shapes import Shape, described, values_of
from smt_models.system.operators import Value
from smt_models.system.terms import Literal, Term, Variable, both, either, equal, variables_of


def reached_states(edges: Edges, nodes: Iterable[Node]) -> Term:
    """What holds in every one of these states, and in few others."""
    groups: dict[tuple[Term, ...], list[Shape]] = {}
    for node in nodes:
        shapes, numbers = _split(edges, node)
        groups.setdefault(numbers, []).extend(shapes)
    return either(*(both(*numbers, described(edges.shaped, shapes)) for numbers, shapes in groups.items()))


def _split(edges: Edges, node: Node) -> tuple[tuple[Shape, ...], tuple[Term, ...]]:
    """A constant that nothing looked at may be anything, and so stands for several shapes."""
    discrete = {one.name for one in edges.shaped}
    shape: dict[str, tuple[Value, ...]] = {}
    numbers: list[tuple[Variable, Term]] = []
    for variable, word in zip(edges.variables, node.words, strict=True):
        if variable.name in discrete:
            shape[variable.name] = (word.value,) if isinstance(word, Literal) else values_of(variable)
        else:
            numbers.append((variable, word))
    stands_for: dict[str, Term] = {}
    for variable, word in numbers:
        if isinstance(word, Variable):
            stands_for.setdefault(word.name, variable)
    said = [equal(variable, _over_state(word, stands_for)) for variable, word in numbers if _says(word, stands_for)]
    said += [_over_state(one, stands_for) for one in node.conditions if _says(one, stands_for)]
    shapes = tuple(itertools.product(*(shape[one.name] for one in edges.shaped)))
    return shapes, tuple(dict.fromkeys(one for one in said if one != both()))


def _says(term: Term, stands_for: dict[str, Term]) -> bool:
    return all(one.name in stands_for for one in variables_of(term))


def _over_state(term: Term, stands_for: dict[str, Term]) -> Term:
    return Facts().simplify(term, stands_for)
