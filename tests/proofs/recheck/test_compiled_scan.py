"""The compiled pass finds what the pass of `re` finds, and knows nothing that this does not know."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
import real_modules

from proofs.recheck import scan
from proofs.recheck.compiled_scan import BEHIND, FEW, SEPARATOR, CompiledScan, compiled_scan
from proofs.recheck.coretypes import TypeStore
from proofs.recheck.decode_module import decode_module
from proofs.recheck.faults import Malformed
from proofs.recheck.reader import Reader
from proofs.recheck.scan import Body, events_by_group, events_of

LONG = b"\xff\xff\xff\xff\x0f"
WHOLE = [
    *(b"\x20\x00", b"\x41\xff\x7e", b"\x42" + b"\xff" * 9 + b"\x01", b"\x44" + b"\xff" * 8, b"\x43" + b"\xff" * 4),
    *(b"\xfd\x0c" + b"\xff" * 16, b"\xfd\x15\xff", b"\x28\x02\x10", b"\x02\x40", b"\x0b", b"\x1c\x01\x7f"),
    *(b"\x0e\x01\x00\x00", b"\x0e\x81\x01" + b"\x00" * 130, b"\x10\x05", b"\x10" + LONG, b"\x11" + LONG + LONG),
    *(b"\x40\x00", b"\xd2\x03", b"\x25\x01", b"\xfc\x0c\x01\x02", b"\xfc\x8c\x00\x01\x02", b"\xfe\x5a\x00\x01"),
    *(b"\xfb\x1a", b"\x12\x80\x80\x80\x00"),
]
FRAGMENTS = [
    *(SEPARATOR, BEHIND, b"\xff", b"\xff" * 7, b"\xff" * 22, b"\x00", b"\xfd\x0c", b"\x44", b"\x41\xff", b"\x0e\x7f"),
    *(b"\x10", b"\x11\xff\xff", b"\xfc", b"\x28", b"\xfd\x54\x00"),
]


def joined(bodies: list[bytes]) -> tuple[bytes, list[Body]]:
    ends = [0]
    for body in bodies:
        ends.append(ends[-1] + len(body))
    return b"".join(bodies), list(pairwise(ends))


def one_by_one(data: bytes, bodies: list[Body]) -> set[bytes] | str:
    try:
        return set().union(*[events_of(data, body) for body in bodies])
    except Malformed:
        return "malformed"


def at_once(data: bytes, bodies: list[Body]) -> set[bytes] | str:
    try:
        return events_by_group(data, bodies, [0] * len(bodies)).get(0, set())
    except Malformed:
        return "malformed"


def compiled() -> CompiledScan:
    found = compiled_scan()
    assert found is not None, "a dependency: PCRE2"
    return found


@pytest.mark.parametrize("seed", range(20))
def test_what_is_found_in_many_bodies_is_what_is_found_in_each(seed: int) -> None:
    chosen = random.Random(seed)
    known = 0
    for _ in range(300):
        bodies = []
        for _ in range(chosen.randrange(1, 6)):
            pieces = chosen.choices(WHOLE, k=chosen.randrange(6))
            if chosen.random() < 0.2:
                pieces.insert(chosen.randrange(len(pieces) + 1), chosen.choice(FRAGMENTS))
            bodies.append(b"\x00" + b"".join(pieces) + b"\x0b")
        data, places = joined(bodies)
        each = one_by_one(data, places)
        assert at_once(data, places) == each, (seed, [body.hex() for body in bodies])
        found = compiled().events([body[:-1] for body in bodies])
        assert found is None or found == each, (seed, [body.hex() for body in bodies])
        known += found is not None
    assert known > 30, f"seed {seed}: the compiled pass knew {known} of 300"


@pytest.mark.parametrize("first", range(256))
def test_no_body_reaches_into_the_next(first: int) -> None:
    """Whatever a body ends in, in the middle of an instruction: the next one's call is not hidden by it."""
    ends = (b"", b"\x0c", b"\x0d", b"\x15", b"\x54", b"\x54\x00", b"\xff", b"\x00", b"\x7f", b"\x40", b"\xff" * 4)
    hidden = [b"\x10\x05", b"\xff" * 16 + b"\x10\x05", b"\xff" * 17 + b"\x00\x10\x05"]
    hidden += [b"\x10\x05" + b"\x01" * more + SEPARATOR for more in range(17)]
    for end in ends:
        lacking = bytes((first,)) + end
        for second in hidden:
            found = compiled().events([b"\x00" + lacking, b"\x00" + second])
            if found is not None:
                assert found == one_by_one(*joined([b"\x00" + lacking + b"\x0b", b"\x00" + second + b"\x0b"])), (
                    lacking.hex()
                )


@pytest.mark.parametrize("code", [b"", b"\x01", b"\x10\x05", b"\x20\x00\x10\x05\x0b"], ids=bytes.hex)
def test_what_is_between_bodies_is_none_of_them(code: bytes) -> None:
    """A separator in a body is not counted for one behind it."""
    body = b"\x00" + code
    for inner in (SEPARATOR, BEHIND, SEPARATOR + BEHIND):
        assert compiled().events([body + inner + body, body]) is None
        assert compiled().events([body + inner + code, body]) is None
        assert compiled().events([body + inner, body]) is None
        assert compiled().events([inner + body]) is None
    assert compiled().events([body, body]) == ({b"\x10\x05"} if b"\x10" in body else set())


def test_what_the_patterns_do_not_know_stops_the_pass_for_a_moment() -> None:
    """Long tables of branches and many groups of locals: each is read, bodies before and behind with the patterns."""
    table, groups = b"\x0e\x81\x01" + b"\x00" * 130, b"\x09" + b"\x01\x7f\x01\x7e" * 4 + b"\x01\x7f"
    bodies = [b"\x00\x10\x05", groups + b"\x10\x06" + table + b"\x10\x07" + table, b"\x00\x10\x08"]
    assert compiled().events(bodies) == {b"\x10\x05", b"\x10\x06", b"\x10\x07", b"\x10\x08"}
    assert compiled().events([*bodies, groups[:-2]]) is None
    assert compiled().events([*bodies, b"\x00" + table[:-1]]) is None
    assert compiled().events([b"\x00" + table * FEW]) is None


@pytest.mark.parametrize("name", ["jco-preview1-adapter", "sql.js"])
def test_a_real_module_without_the_compiled_pass(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = real_modules.fetch(name).read_bytes()
    bodies = decode_module(Reader(data, 0, len(data)), TypeStore()).bodies
    groups = [number % 3 for number in range(len(bodies))]
    found = events_by_group(data, bodies, groups)
    monkeypatch.setattr(scan, "compiled_scan", lambda: None)
    assert events_by_group(data, bodies, groups) == found
    assert all(found.values())
