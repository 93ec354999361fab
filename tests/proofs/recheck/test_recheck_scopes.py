"""Where a name that `let` binds may stand: held to the definition, and in time that grows with the term alone."""

from __future__ import annotations

import random
import time

import pytest

from proofs.recheck.faults import Refused
from proofs.recheck.script import Script, expressions, read_term

SCRIPT = Script("QF_BV", {"a": "Bool"}, {})
Tree = str | tuple["Tree", ...]


def text(tree: Tree) -> str:
    return tree if isinstance(tree, str) else f"({' '.join(map(text, tree))})"


def made(chosen: random.Random, depth: int) -> Tree:
    """A term, most of whose names are bound where they stand."""
    if depth == 0:
        return chosen.choice(("a", "?0", "?1", "?2", "true"))
    if chosen.random() < 0.3:
        return ("not", made(chosen, depth - 1))
    names = chosen.choices(("?0", "?1", "?2"), k=chosen.randrange(1, 4))
    bindings = tuple((name, made(chosen, chosen.randrange(depth))) for name in names)
    return ("let", bindings, made(chosen, depth - 1))


def is_term(tree: Tree, bound: frozenset[str] = frozenset()) -> bool:
    """As SMT-LIB defines it: a value is outside of its `let`, and no name is bound twice by one."""
    match tree:
        case str():
            return tree in {"a", "true"} | bound
        case ("let", bindings, body):
            names = [binding[0] for binding in bindings]
            inside = bound.union(name for name in names if isinstance(name, str))
            values = all(is_term(binding[1], bound) for binding in bindings)
            return len(set(names)) == len(names) and values and is_term(body, inside)
        case (_, *arguments):
            return all(is_term(one, bound) for one in arguments)
    return False


@pytest.mark.parametrize("seed", range(10))
def test_names_are_bound_where_the_definition_says(seed: int) -> None:
    chosen = random.Random(seed)
    answers = [0, 0]
    for _ in range(400):
        tree = made(chosen, chosen.randrange(5))
        try:
            accepted = read_term(text(tree), SCRIPT, "term") == text(tree)
        except Refused:
            accepted = False
        assert accepted == is_term(tree), text(tree)
        answers[accepted] += 1
    assert min(answers) > 40


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("(let ((?0 a)) ?0)", "(and (let ((?0 a)) ?0) ?0)"),
        ("(let ((?0 a)) (let ((?0 ?0)) ?0))", "(let ((?1 a)) (let ((?0 ?0)) ?1))"),
        ("(let ((?0 a)) (and (let ((?0 a)) ?0) ?0))", "(let ((?1 a)) (and (let ((?0 a)) ?0) ?0))"),
        ("(let ((?0 a)) (let ((?1 ?0)) ?1))", "(let ((?0 a) (?1 ?0)) ?1)"),
        ("(let ((?0 (let ((?1 a)) ?1))) ?0)", "(let ((?0 (let ((?1 a)) ?1))) ?1)"),
    ],
)
def test_a_name_outside_of_its_let_is_refused(good: str, bad: str) -> None:
    assert read_term(good, SCRIPT, "term") == good
    with pytest.raises(Refused, match=r"the symbol '\?"):
        read_term(bad, SCRIPT, "term")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("((_ extract 0 0) a)", f"((_ extract {'9' * 5000} 0) a)"),
        ("((_ zero_extend 999999999) a)", "((_ zero_extend 1000000000) a)"),
        ("((_ sign_extend 1) a)", "((_ sign_extend #b1) a)"),
    ],
)
def test_indices_are_short_numbers(good: str, bad: str) -> None:
    """So that each can be computed with; what is too wide is refused where its bits are asked for."""
    assert read_term(good, SCRIPT, "term") == good
    with pytest.raises(Refused):
        read_term(bad, SCRIPT, "term")


NUMBER = 20_000
DEEP = {
    "nested": "".join(f"(let ((?{n} a)) " for n in range(NUMBER)) + "?0" + ")" * NUMBER,
    "side by side": f"(let ({' '.join(f'(?{n} a)' for n in range(NUMBER))}) ?0)",
    "in values": "(let ((?0 " * NUMBER + "a" + ")) ?0)" * NUMBER,
}


@pytest.mark.parametrize("shape", DEEP)
def test_time_grows_with_the_term(shape: str) -> None:
    """Not with its square, which would be minutes."""
    started = time.process_time()
    next(expressions(DEEP[shape], "term"))
    reading = time.process_time() - started
    assert read_term(DEEP[shape], SCRIPT, "term")
    assert time.process_time() - started < 2 * reading + 10
