"""Where the bodies of a function begin in MIR text: held to a plain search of the whole text."""

from __future__ import annotations

import random
import time

import pytest

from proofs.recheck.faults import Refused
from proofs.recheck.mir_blocks import Mir, _bodies, _heads, check_blocks, functions_of
from proofs.recheck.runtime_certificate import Invariant
from proofs.recheck.shared import Reference

NAMES = ("f", "f::g", "<T as A>::f", "f::promoted[0]", "f::promoted[1]", "mut f", "f(", "f: ", "g")
WORDS = ("fn", "const", "static", "static mut")
LINES = (
    *(f"{word} {name}{end}" for word in WORDS for name in NAMES for end in ("(", ": ", "")),
    *("promoted[0] in f: ", "promoted[1] in f: ", "}", "    bb0: {", "// fn f(", " fn f("),
)


def plainly(text: str, function: str) -> set[int]:
    heads = [f"\nfn {function}(", *(f"\n{word} {function}: " for word in ("const", "static", "static mut"))]
    of, _, promoted = function.rpartition("::")
    if promoted.startswith("promoted["):
        heads.append(f"\n{promoted} in {of}: ")
    return {at + 1 for head in heads for at in range(len(text)) if text.startswith(head, at)}


@pytest.mark.parametrize("seed", range(5))
def test_bodies_begin_where_a_plain_search_finds_them(seed: int) -> None:
    chosen = random.Random(seed)
    found = 0
    for _ in range(200):
        text = "\n" + "\n".join(chosen.choices(LINES, k=chosen.randrange(12)))
        for name in NAMES:
            starts = [start for start, _ in _bodies(_heads(text), name)]
            assert set(starts) == plainly(text, name), (text, name)
            assert len(starts) == len(set(starts))
            found += len(starts)
    assert found > 200


def listing(function: str, *blocks: int) -> Invariant:
    reference = Reference("model", 0, "0" * 64)
    return Invariant(reference, reference, (), (), (), ((function, blocks),), ())


def test_one_of_the_bodies_of_a_name_has_the_blocks_that_are_listed() -> None:
    bodies = "".join(
        "fn f() {\n" + "".join(f"    bb{block}: {{\n    }}\n" for block in range(count)) + "}\n" for count in (1, 3)
    )
    mir = Mir("1" * 64, bodies.encode())
    check_blocks(mir, listing("f", 0))
    check_blocks(mir, listing("f", 0, 1, 2))
    for wrong in (listing("f", 0, 1), listing("g", 0), listing("f()\n", 0)):
        with pytest.raises(Refused):
            check_blocks(mir, wrong)


def test_a_body_without_an_end_ends_before_the_next() -> None:
    """Else as many as these, of one name, take hours."""
    mir = Mir("2" * 64, b"fn f() {\n    bb0: {\n" * 100_000)
    begun = time.process_time()
    with pytest.raises(Refused):
        check_blocks(mir, listing("f", 0, 1))
    check_blocks(mir, listing("f", 0))
    assert time.process_time() - begun < 20


def test_functions_that_are_listed_are_those_of_the_text() -> None:
    functions = functions_of(b"fn f() {\n}\n\nfn <(A, B) as T>::g(_1: u8) {\n}\nconst c: u8 = {\n}\n")
    functions.demand(("<(A, B) as T>::g", "f"), "functions")
    for name in ("", "f(", "g", "c", "f() {\n}\n"):
        with pytest.raises(Refused):
            functions.demand((name,), "functions")
    many = [f"f{number}" for number in range(50_000)]
    begun = time.process_time()
    functions_of("".join(f"fn {name}() {{\n}}\n" for name in many).encode()).demand(many, "functions")
    assert time.process_time() - begun < 20
