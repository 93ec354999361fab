"""Circuits of terms: each operator over all of four bits against plain evaluation, and random terms against z3."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

import pytest
import z3  # type: ignore[import-untyped]
from pysat.solvers import Solver  # type: ignore[import-untyped]

from proofs.recheck.bit_vectors import constant, equal
from proofs.recheck.blast import Term, Value, condition, free, term_of, value_of
from proofs.recheck.circuit import FALSE, TRUE, Circuit, Clause
from proofs.recheck.faults import Refused
from proofs.recheck.script import expressions
from smt_models.system import terms
from smt_models.system.operators import OPERATORS, BitVec, Sort
from smt_models.system.smtlib import sort_text, term_text
from smt_models.system.terms import BOOLEAN, Apply, Variable, apply, literal, variables_of

X, Y = Variable("x", BitVec(4)), Variable("y", BitVec(4))
P, Q, R = (Variable(name, BOOLEAN) for name in "pqr")
ORDER = ("=", "bvult", "bvule", "bvslt", "bvsle")
UNARY = ("bvnot", "bvneg")
BINARY = tuple(name for name in OPERATORS if name.startswith("bv") and name not in (*ORDER, *UNARY))
CASES = [
    *(apply(name, X, Y) for name in (*BINARY, *ORDER, "concat")),
    *(apply(name, X) for name in UNARY),
    *(apply("extract", X, indices=(high, low)) for low in range(4) for high in range(low, 4)),
    *(apply(name, X, indices=(more,)) for name in ("zero_extend", "sign_extend") for more in (0, 1, 3)),
    apply("and", P, Q, R),
    apply("or", P, Q, R),
    apply("not", P),
    apply("=", P, Q),
    apply("ite", P, Q, R),
    apply("ite", P, X, Y),
]


def _parsed(text: str) -> Term:
    return term_of(next(expressions(text, "term")))


def _satisfiable(clauses: Sequence[Clause]) -> bool:
    with Solver(name="glucose4", bootstrap_with=clauses) as solver:
        return bool(solver.solve())


def _bits(value: int | bool | str, sort: Sort) -> Value:
    if isinstance(sort, BitVec):
        return constant(int(value), sort.width)
    return TRUE if value else FALSE


def _same(circuit: Circuit, left: Value, right: Value) -> int:
    if isinstance(left, int) or isinstance(right, int):
        assert isinstance(left, int)
        assert isinstance(right, int)
        return -circuit.exclusive(left, right)
    return equal(circuit, left, right)


def _plainly(term: Apply) -> Iterator[tuple[tuple[int, ...], int | bool | str]]:
    """All values of its arguments, each with what comes of them."""
    widths = tuple(one.sort.width if isinstance(one.sort, BitVec) else 0 for one in term.arguments)
    for values in itertools.product(*(range(1 << width) if width else (False, True) for width in widths)):
        yield values, OPERATORS[term.operator].compute(widths, term.indices, *values)


@pytest.mark.parametrize("term", CASES, ids=term_text)
def test_an_operator_over_all_inputs(term: Apply) -> None:
    """Of constants, and of inputs whose clauses leave that value and no other."""
    parsed = _parsed(term_text(term))
    variables = [one for one in term.arguments if isinstance(one, Variable)]
    circuit = Circuit()
    inputs = {one.name: free(circuit, sort_text(one.sort), one.name) for one in variables}
    out = value_of(circuit, parsed, inputs)
    for values, result in _plainly(term):
        wanted = _bits(result, term.sort)
        known = {one.name: _bits(value, one.sort) for one, value in zip(variables, values, strict=True)}
        assert value_of(Circuit(), parsed, known) == wanted
        given = [_same(circuit, inputs[name], value) for name, value in known.items()]
        right = _same(circuit, out, wanted)
        assert _satisfiable(circuit.clauses([*given, right]))
        assert not _satisfiable(circuit.clauses([*given, -right]))


class _Random:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def bits(self, width: int, depth: int) -> terms.Term:
        shape = self._random.choice(("binary", "binary", "unary", "concat", "extract", "extend", "ite", "leaf"))
        if depth == 0 or shape == "leaf":
            if self._random.random() < 0.3:
                return literal(self._random.randrange(1 << width), BitVec(width))
            return Variable(f"{self._random.choice('xy')}{width}", BitVec(width))
        less = depth - 1
        match shape:
            case "binary":
                return apply(self._random.choice(BINARY), self.bits(width, less), self.bits(width, less))
            case "unary":
                return apply(self._random.choice(UNARY), self.bits(width, less))
            case "concat" if width > 1:
                low = self._random.randrange(1, width)
                return apply("concat", self.bits(width - low, less), self.bits(low, less))
            case "extend" if width > 1:
                more = self._random.randrange(width)
                name = self._random.choice(("zero_extend", "sign_extend"))
                return apply(name, self.bits(width - more, less), indices=(more,))
            case "ite":
                return apply("ite", self.holds(less), self.bits(width, less), self.bits(width, less))
            case _:
                at = self._random.randrange(3)
                return apply("extract", self.bits(width + 2, less), indices=(at + width - 1, at))

    def holds(self, depth: int) -> terms.Term:
        if depth == 0:
            return Variable(self._random.choice("pq"), BOOLEAN)
        less = depth - 1
        match self._random.randrange(5):
            case 0:
                return apply(self._random.choice(("and", "or")), *(self.holds(less) for _ in range(3)))
            case 1:
                return apply("not", self.holds(less))
            case _:
                width = self._random.choice((1, 3, 5, 7))
                return apply(self._random.choice(ORDER), self.bits(width, less), self.bits(width, less))


def _by_z3(declared: str, text: str) -> bool:
    solver = z3.Solver(ctx=z3.Context())
    solver.from_string(f"{declared}(assert {text})")
    answer = solver.check()
    assert answer != z3.unknown
    return bool(answer == z3.sat)


@pytest.mark.parametrize("seed", range(40))
def test_random_terms_against_z3(seed: int) -> None:
    """The term, and its negation: at most one of them is not satisfiable."""
    term = _Random(seed).holds(5)
    text = term_text(term)
    circuit = Circuit()
    variables = tuple(variables_of(term))
    inputs = {one.name: free(circuit, sort_text(one.sort), one.name) for one in variables}
    found = condition(circuit, _parsed(text), inputs)
    declared = "".join(f"(declare-const {one.name} {sort_text(one.sort)})" for one in variables)
    assert _satisfiable(circuit.clauses([found])) == _by_z3(declared, text)
    assert _satisfiable(circuit.clauses([-found])) == _by_z3(declared, f"(not {text})")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(+ 1 1)", "it is of no bit-vector"),
        ("(bvadd #x1 #x11)", "of no sort"),
        ("(and #b1 true)", "of no sort"),
        ("(bvult #x1 #x1 #x1)", "of no sort"),
        ("(bvsub #x1 #x1 #x1)", "of no sort"),
        ("((_ extract 4 0) #x1)", "of no sort"),
        ("((_ extract 0 1) #x1)", "of no sort"),
        ("((_ zero_extend 100000) #x1)", "of no sort"),
        ("(ite true #x1 true)", "of no sort"),
        ("(= #x1 #x1 #x1)", "of no sort"),
        ("z", "nothing is known of 'z'"),
        ("(let ((?a #x1)) (= ?a ?b))", "nothing is known of '?b'"),
        ("(and (let ((?a true)) ?a) ?a)", "nothing is known of '?a'"),
        ("#x1", "is no condition"),
        ("#b" + "1" * 20_000, "more than"),
        ("(let ((?a ((_ zero_extend 9000) #x1))) (= (bvmul ?a ?a) (let ((?b (bvmul ?a ?a)) (?c (bvmul ?a ?a)) "
         "(?d (bvmul ?a ?a))) (bvmul ?b (bvmul ?c ?d)))))", "bits are computed with"),
    ],
)  # fmt: skip
def test_what_has_no_bits_is_refused(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason.replace("(", r"\(").replace("?", r"\?")):
        condition(Circuit(), _parsed(text), {})


def test_a_name_bound_within_means_again_what_it_meant() -> None:
    inner = "(let ((?a false) (?b ?a)) (and (not ?a) ?b))"
    assert condition(Circuit(), _parsed(f"(let ((?a true)) (and ?a {inner} ?a))"), {}) == TRUE


def test_deep_terms_take_no_stack() -> None:
    deep = "(not " * 50_000 + "true" + ")" * 50_000
    assert condition(Circuit(), _parsed(deep), {}) == TRUE


def test_sorts_without_bits_are_refused() -> None:
    with pytest.raises(Refused, match="'n' is of the sort Int"):
        free(Circuit(), "Int", "n")
