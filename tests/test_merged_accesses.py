"""Accesses whose address is one of several by a condition, as compilers make them of accesses that end alike: each of
them is meant to lead into an object, and is asked about.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import wasmtime
from click.testing import CliRunner

from proofmark.cli import main
from smt_models.pools import conditions as c
from smt_models.pools.blocks import beyond, indexed
from smt_models.pools.pool import Area, Pool
from smt_models.system.evaluate import evaluate
from smt_models.system.terms import Term, Variable, choose
from smt_models.wasm.build import make, number
from smt_models.wasm.paths import Access
from smt_models.wasm.regions import base_of

SMALL, LARGE = 1032, 1096
ONE = Pool("small", SMALL, 64, 16)
TWO = Pool("small", SMALL, 64, 16, also=(Area("large", LARGE, 96, 48),))
WHICH, INDEX = Variable("which", c.WORD), Variable("index", c.WORD)
SCALED = make("bvshl", INDEX, number(4, 32))
IS_ZERO = make("=", WHICH, number(0, 32))


def _access(address: Term) -> Access:
    return Access(0, (), 0, True, address, 0, number(1, 32), None, 0, 0, None)


def _strays(pool: Pool, address: Term, which: int, index: int) -> bool:
    access = _access(address)
    assert indexed(pool, (access,)) == [access]
    return bool(evaluate(beyond(pool, access), {"which": which, "index": index}))


@pytest.mark.parametrize("operator", ["bvadd", "bvor"])
def test_an_object_is_chosen_and_an_index_added(operator: str) -> None:
    start = choose(IS_ZERO, number(1024, 32), number(1536, 32))
    pool = Pool("first", 1024, 64, 16, also=(Area("second", 1536, 96, 48),))
    ends = {(0, 3): False, (0, 4): True, (1, 5): False, (1, 6): True}
    for (which, index), strays in ends.items():
        assert _strays(pool, make(operator, start, SCALED), which, index) is strays
        assert _strays(pool, make(operator, SCALED, start), which, index) is strays


def test_an_index_is_chosen_and_added_to_an_object() -> None:
    """A constant that is one of both is an index, too."""
    for pool in (ONE, TWO):
        address = make("bvadd", choose(IS_ZERO, number(400, 32), SCALED), number(SMALL, 32))
        assert _strays(pool, address, 0, 1)
        assert _strays(pool, address, 1, 4)
        assert not _strays(pool, address, 1, 3)


def test_one_arm_goes_astray() -> None:
    """Of two stores that end alike, each into its own pool or both into one."""
    wide = make("bvmul", INDEX, number(48, 32))
    two = choose(IS_ZERO, make("bvadd", SCALED, number(SMALL, 32)), make("bvadd", wide, number(LARGE, 32)))
    assert [_strays(TWO, two, *at) for at in ((0, 3), (0, 4), (1, 1), (1, 2))] == [False, True, False, True]
    one = choose(IS_ZERO, make("bvadd", SCALED, number(SMALL, 32)), make("bvadd", SCALED, number(SMALL + 16, 32)))
    assert [_strays(ONE, one, *at) for at in ((0, 3), (1, 2), (1, 3))] == [False, False, True]


def test_an_index_is_subtracted() -> None:
    address = make("bvsub", number(SMALL + 48, 32), SCALED)
    assert base_of(address) == base_of(make("bvsub", make("bvadd", WHICH, number(SMALL + 48, 32)), SCALED)) == 1080
    assert not _strays(ONE, address, 0, 3)
    assert _strays(ONE, address, 0, 4)


def test_too_many_addresses_count_as_beyond() -> None:
    """And take no time: each choice doubles them."""
    address: Term = INDEX
    for place in range(40):
        chosen = make("=", make("extract", WHICH, indices=(place % 32, place % 32)), number(1, 1))
        address = choose(chosen, make("bvadd", address, SCALED), address)
    assert _strays(ONE, address, 0, 0)


MODULE = """(module (memory (export "memory") 1)
  (func (export "take") (param i32) (result i32) (i32.const 1032))
  (func (export "put") (param $which i32) (param $index i32)
    (if (i32.gt_u (local.get $index) (i32.const {most})) (then (unreachable)))
    (i32.store8 {address} (i32.const 1))))"""
MANIFEST = """[[subject]]
path = "{path}"
obligations = ["index-in-bounds"]

[[subject.pools]]
name = "small"
base = 1032
size = 64
allocate = ["take"]
access = [{{ export = "put", parameters = ["value", "value"] }}]
"""
ALSO = 'also = [{ name = "large", base = 1096, size = 96 }]\n'
SHIFTED = "(i32.shl (local.get $index) (i32.const 4))"
START = f"(i32.add (select (i32.const 1032) (i32.const 1096) (local.get $which)) {SHIFTED})"
FIXED = f"(i32.add (select {SHIFTED} (i32.const {{far}}) (local.get $which)) (i32.const 1032))"
MINUS = f"(i32.sub (i32.const 1080) {SHIFTED})"


@pytest.mark.parametrize(
    ("address", "most", "also", "ends"),
    [
        (START, 3, ALSO, 0),
        (START, 6, ALSO, 1),
        (START.replace("1096", "1048"), 2, "", 0),
        (START.replace("1096", "1048"), 3, "", 1),
        (FIXED.format(far=63), 3, "", 0),
        (FIXED.format(far=64), 3, "", 1),
        (FIXED.format(far=160), 3, ALSO, 1),
        (MINUS, 3, "", 0),
        (MINUS, 4, "", 1),
    ],
)
def test_what_goes_astray_is_refuted_and_its_neighbour_proved(
    address: str, most: int, also: str, ends: int, tmp_path: Path
) -> None:
    module, manifest = tmp_path / "put.wasm", tmp_path / "proofmark.toml"
    module.write_bytes(wasmtime.wat2wasm(MODULE.format(address=address, most=most)))
    manifest.write_text(MANIFEST.format(path=module) + also, encoding="utf-8")
    done = CliRunner().invoke(main, ["prove", "--manifest", str(manifest), "--jobs", "1"])
    assert done.exit_code == ends, done.output
