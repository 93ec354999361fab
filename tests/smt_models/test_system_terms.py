"""Every operator's SMT term against concrete evaluation, over all inputs at 4 bits; sorts; text; pickling."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
import z3  # type: ignore[import-untyped]

from smt_models.system.evaluate import evaluate
from smt_models.system.operators import OPERATORS, BitVec, Boolean, Enum, Integer, SortError, Value
from smt_models.system.smtlib import literal_text, symbol, term_text
from smt_models.system.terms import (
    BOOLEAN,
    FALSE,
    INTEGER,
    TRUE,
    Apply,
    Term,
    Variable,
    apply,
    both,
    choose,
    conjunction,
    disjunction,
    either,
    equal,
    literal,
    negation,
    variables_of,
)

ROOT = Path(__file__).resolve().parents[2]
FOUR = BitVec(4)
NIBBLES = [literal(value, FOUR) for value in range(16)]
TRUTHS = [TRUE, FALSE]
INTEGERS = [literal(value, INTEGER) for value in range(-3, 4)]
COLOUR = Enum("Colour", ("RED", "GREEN", "BLUE"))


def _uses(name: str) -> list[Apply]:
    """The operator on all small operands that it takes."""
    if name == "not":
        return [apply(name, one) for one in TRUTHS]
    if name in ("and", "or"):
        return [apply(name, *operands) for count in (1, 2, 3) for operands in product(TRUTHS, repeat=count)]
    if name == "ite":
        return [apply(name, one, x, y) for one in TRUTHS for x in NIBBLES[:3] for y in NIBBLES[:3]]
    if name == "=":
        colours = [literal(member, COLOUR) for member in COLOUR.members]
        return [apply(name, x, y) for pool in (TRUTHS, NIBBLES, INTEGERS, colours) for x in pool for y in pool]
    if name in ("+", "-", "*", "<", "<="):
        return [apply(name, x, y) for x in INTEGERS for y in INTEGERS]
    if name in ("bvnot", "bvneg"):
        return [apply(name, x) for x in NIBBLES]
    if name == "extract":
        return [apply(name, x, indices=(high, low)) for x in NIBBLES for high in range(4) for low in range(high + 1)]
    if name in ("zero_extend", "sign_extend"):
        return [apply(name, x, indices=(more,)) for x in NIBBLES for more in (0, 1, 3)]
    return [apply(name, x, y) for x in NIBBLES for y in NIBBLES]


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_operator_means_what_the_solver_means(name: str) -> None:
    uses = _uses(name)
    wrong = disjunction(negation(equal(use, literal(evaluate(use, {}), use.sort))) for use in uses)
    solver = z3.Solver()
    solver.from_string(f"(assert {term_text(wrong)})")
    assert solver.check() == z3.unsat
    assert len(uses) >= 2


@pytest.mark.parametrize("width", [8, 32, 64])
def test_operators_at_other_widths(width: int) -> None:
    source = random.Random(width)
    sort = BitVec(width)
    names = [name for name in sorted(OPERATORS) if name.startswith("bv") and name not in ("bvnot", "bvneg")]
    edges = [0, 1, width, 1 << (width - 1), (1 << width) - 1]
    terms: list[Term] = []
    for name in names:
        for _ in range(6):
            x, y = (literal(source.choice([*edges, source.getrandbits(width)]), sort) for _ in range(2))
            use = apply(name, x, y)
            terms.append(negation(equal(use, literal(evaluate(use, {}), use.sort))))
    solver = z3.Solver()
    solver.from_string(f"(assert {term_text(disjunction(terms))})")
    assert solver.check() == z3.unsat


@pytest.mark.parametrize(
    ("operator", "operands", "indices"),
    [
        ("and", (), ()),
        ("and", (TRUE, NIBBLES[0]), ()),
        ("not", (TRUE, TRUE), ()),
        ("=", (TRUE, NIBBLES[0]), ()),
        ("ite", (NIBBLES[0], TRUE, TRUE), ()),
        ("ite", (TRUE, TRUE, NIBBLES[0]), ()),
        ("bvadd", (NIBBLES[0], literal(0, BitVec(5))), ()),
        ("bvadd", (TRUE, TRUE), ()),
        ("bvult", (INTEGERS[0], INTEGERS[0]), ()),
        ("+", (NIBBLES[0], NIBBLES[0]), ()),
        ("concat", (TRUE, NIBBLES[0]), ()),
        ("extract", (NIBBLES[0],), (4, 0)),
        ("extract", (NIBBLES[0],), (0, 1)),
        ("zero_extend", (NIBBLES[0],), (-1,)),
        ("bvnot", (NIBBLES[0],), (1,)),
    ],
)
def test_terms_that_do_not_type(operator: str, operands: tuple[Term, ...], indices: tuple[int, ...]) -> None:
    with pytest.raises(SortError):
        apply(operator, *operands, indices=indices)


@pytest.mark.parametrize(
    ("value", "sort"),
    [(16, FOUR), (-1, FOUR), (True, FOUR), (1, BOOLEAN), (True, INTEGER), ("PINK", COLOUR), (0, COLOUR)],
)
def test_values_of_another_sort(value: Value, sort: BitVec | Boolean | Integer | Enum) -> None:
    with pytest.raises(SortError):
        literal(value, sort)


def test_conditions_stay_flat_and_small() -> None:
    x, y = Variable("x", BOOLEAN), Variable("y", BOOLEAN)
    assert both() == TRUE
    assert either() == FALSE
    assert both(x, TRUE, both(y, x)) == apply("and", x, y)
    assert either(x, TRUE) == TRUE
    assert negation(negation(x)) == x
    assert choose(TRUE, x, y) == x
    assert choose(x, y, y) == y
    assert list(variables_of(either(y, both(x, negation(y))))) == [y, x]


def test_shared_parts_are_written_once() -> None:
    term: Term = Variable("x", FOUR)
    for _ in range(60):
        term = apply("bvadd", term, term)
    text = term_text(equal(term, NIBBLES[0]))
    assert len(text) < 4000
    solver = z3.Solver()
    solver.from_string(f"(declare-const x (_ BitVec 4))(assert (not {text}))")
    assert solver.check() == z3.unsat


def test_a_deep_term_is_printed() -> None:
    term: Term = TRUE
    for number in range(3000):
        term = apply("ite", Variable(f"v{number}", BOOLEAN), term, FALSE)
    assert term_text(term).count("ite") == 3000


@pytest.mark.parametrize(("name", "text"), [("st", "st"), ("x@1", "x@1"), ("a b", "|a b|"), ("let", "|let|")])
def test_symbols(name: str, text: str) -> None:
    assert symbol(name) == text


@pytest.mark.parametrize("name", ["a|b", "a\\b", "a\nb"])
def test_names_that_are_no_symbol(name: str) -> None:
    with pytest.raises(ValueError, match="no symbol"):
        symbol(name)


def test_literals() -> None:
    assert [literal_text(literal(value, sort)) for value, sort in ((-3, INTEGER), (10, FOUR), (5, BitVec(3)))] == [
        "(- 3)",
        "#xa",
        "#b101",
    ]
    assert literal_text(literal("BLUE", COLOUR)) == "#b10"


def test_terms_are_values() -> None:
    term = conjunction([Variable("x", BOOLEAN), equal(Variable("n", FOUR), NIBBLES[3])])
    assert pickle.loads(pickle.dumps(term)) == term


def test_the_same_text_in_every_process() -> None:
    """Hashes of strings differ between processes; nothing that is written may depend on them."""
    program = (
        "import hashlib, pickle\n"
        "from smt_models.host.lease import lease_system\n"
        "from smt_models.host.variants import End, Kind, Peer, Variant\n"
        "from smt_models.system.horn import horn_text\n"
        "from smt_models.system.unroll import unrolled_text\n"
        "system = lease_system(Variant(End.READER, Kind.STREAM, Peer.HOST))\n"
        "text = horn_text(system) + unrolled_text(system, system.bad[0].name, 2)\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
