"""Pools of one allocator: a block lies in one of them, and what is said of several is said of all that are named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from pool_corpus import MODULES, model_of_file, pool_of, read_module

from extract.subject import read_subject
from extract.wasm.initial import initial_state
from extract.wasm.read import read_world
from proofmark.cli import main
from proofs.pool_wording import instance
from proofs.pools.again import pool_of as pool_of_evidence
from proofs.pools.oracle import Made, Oracle
from proofs.recheck.faults import Refused
from proofs.recheck.pool_certificate import _areas
from smt_models.pools import conditions as c
from smt_models.pools.blocks import is_element
from smt_models.pools.calls import NoModel, calls_of
from smt_models.pools.pool import Area, Host, Pool
from smt_models.system.evaluate import evaluate
from smt_models.wasm.build import number
from smt_models.wasm.program import program_of

FILE = "size_classes.wasm"
POOL = pool_of(read_module(MODULES[FILE]))
SMALL, LARGE = POOL.parts


def test_a_block_lies_in_one_of_the_pools_and_not_across_their_border() -> None:
    assert SMALL.end == LARGE.base
    places = {(SMALL.base, 32): True, (LARGE.base, 128): True, (SMALL.end - 32, 33): False, (LARGE.end - 1, 2): False}
    for (at, size), inside in places.items():
        assert evaluate(c.inside(POOL, number(at, 32), number(size, 32)), {}) is inside
    starts = {SMALL.base + 32: True, LARGE.base + 32: False, LARGE.base + 128: True, LARGE.end: False, 0: False}
    for at, begins in starts.items():
        assert evaluate(is_element(POOL, number(at, 32)), {}) is begins


def test_the_run_is_watched_by_the_same_rule() -> None:
    def broken(at: int, size: int) -> set[str]:
        memory = bytes(4096)
        request = {"old": 0, "old_size": 0, "align": 1, "size": size}
        return set(
            Oracle(POOL, Host.CONFORMING, (), True).broken(Made(1, "allocate", request, at, memory, memory, False))
        )

    assert broken(SMALL.base, 32) == broken(LARGE.base, 128) == set()
    assert broken(SMALL.end - 32, 33) == {c.RANGE}
    assert broken(LARGE.base + 32, 32) == {c.INDEX}


def test_a_block_of_another_pool_says_how_to_name_that() -> None:
    """Only where no byte of the block lies in what was named: else its end is what is wrong."""
    memory = bytes(4096)
    for at, said in ((LARGE.base, True), (SMALL.end - 1, False)):
        request = {"old": 0, "old_size": 0, "align": 1, "size": 32}
        made = Made(1, "allocate", request, at, memory, memory, False)
        fault = Oracle(SMALL, Host.CONFORMING, (), True).broken(made)[c.RANGE]
        assert ("`also`" in fault.text) is said


def test_pools_that_overlap_are_no_pools() -> None:
    subject = read_subject(str(read_module(MODULES[FILE]).path))
    module = read_world(subject).instances[0].module
    initial = initial_state(subject.data, module, subject.path)
    pool = replace(POOL, also=(Area("large", SMALL.end - 1, 512, 128),))
    with pytest.raises(NoModel, match="small and large overlap"):
        calls_of(program_of(subject.data, module, subject.path), initial, pool)
    with pytest.raises(NoModel, match="cannot be printed"):
        calls_of(program_of(subject.data, module, subject.path), initial, replace(POOL, name="a\nb"))
    with pytest.raises(NoModel, match="one name"):
        calls_of(program_of(subject.data, module, subject.path), initial, replace(POOL, name="large"))


@pytest.mark.parametrize(
    ("areas", "why"),
    [
        ([["a", 16, 16, None], ["b", 31, 4, None]], "two pools that overlap"),
        ([["a", 16, 16, None], ["a", 32, 4, None]], "two pools of one name"),
        ([["a", 16, 16, None], ["b", 32, 4, 0]], "an element of no bytes"),
        ([["a", 16, 16, None], ["b", 32, 0, None]], "a pool of no bytes"),
    ],
)
def test_the_checker_refuses_pools_that_are_none(areas: list[object], why: str) -> None:
    with pytest.raises(Refused, match=why):
        _areas(areas)


def test_what_is_asked_names_all_pools() -> None:
    text = instance(((one.name, one.base, one.size) for one in POOL.parts), "any")
    assert text == "pool small at 0x408, 256 bytes, and large at 0x508, 512 bytes, host=any"
    assert model_of_file(FILE, "any").system.name == text


def test_a_size_is_known_without_being_asked_for_only_where_all_elements_are_alike() -> None:
    assert POOL.element_everywhere is None
    assert replace(POOL, also=(Area("large", LARGE.base, 512, 32),)).element_everywhere == 32
    assert Pool("one", 16, 16, 4).element_everywhere == 4


def test_pools_that_one_allocator_serves_are_asked_as_one() -> None:
    """Without a manifest, too: each by itself would be refuted by a block of the other."""
    given = [f"--pool={one.name}={one.base}:{one.size}" for one in POOL.parts]
    path = str(read_module(MODULES[FILE]).path)
    done = CliRunner().invoke(main, ["prove", path, *given, "--obligation", "range-in-bounds", "--jobs", "1"])
    assert "asked as one, since one allocator hands out of each: small, large" in done.output, done.output
    assert done.exit_code == 0, done.output


MANIFEST = """[[subject]]
path = "{path}"
obligations = ["disjoint", "range-in-bounds"]

[[subject.pools]]
name = "small"
base = 1032
size = 256
element = 32
allocate = ["cabi_realloc"]
release = ["release"]
also = [{{ name = "large", base = 1288, size = {size}, element = 128 }}]
"""


def test_a_manifest_names_the_pools_and_the_certificate_too(tmp_path: Path) -> None:
    path = tmp_path / "proofmark.toml"
    path.write_text(MANIFEST.format(path=read_module(MODULES[FILE]).path, size=512), encoding="utf-8")
    out = tmp_path / "out"
    CliRunner().invoke(main, ["prove", "--manifest", str(path), "--jobs", "1", "--out", str(out)])
    proved = [json.loads(one.read_text(encoding="utf-8")) for one in (out / "certificates").glob("*.json")]
    assert len(proved) == 4
    assert all(one["evidence"]["pool"]["also"] == [["large", 1288, 512, 128]] for one in proved)
    done = CliRunner().invoke(
        main,
        ["check", "--subject", str(read_module(MODULES[FILE]).path), *map(str, (out / "certificates").glob("*.json"))],
    )
    assert done.exit_code == 0, done.output


def test_an_end_beyond_memory_is_an_error_of_the_manifest(tmp_path: Path) -> None:
    path = tmp_path / "proofmark.toml"
    path.write_text(MANIFEST.format(path=read_module(MODULES[FILE]).path, size=(1 << 32) - 1), encoding="utf-8")
    done = CliRunner().invoke(main, ["prove", "--manifest", str(path)])
    assert done.exit_code == 2, done.output
    assert f"{path}:12:1: found an end beyond 2^32" in done.output


def test_a_name_can_be_printed(tmp_path: Path) -> None:
    """It stands in one line of the model and of each report."""
    path = tmp_path / "proofmark.toml"
    text = MANIFEST.format(path=read_module(MODULES[FILE]).path, size=512)
    for name, line in (("large", 12), ("small", 6)):
        path.write_text(text.replace(f'"{name}"', f'"{name}\\n"'), encoding="utf-8")
        done = CliRunner().invoke(main, ["prove", "--manifest", str(path)])
        assert done.exit_code == 2, done.output
        assert f"{path}:{line}:1: found " in done.output
        assert "expected printable characters" in done.output


def test_a_pool_that_is_given_twice_is_one() -> None:
    given = (f"--pool=small={SMALL.base}:{SMALL.size}", f"--pool=small={SMALL.base:#x}:{SMALL.size:#x}")
    path = str(read_module(MODULES[FILE]).path)
    done = CliRunner().invoke(main, ["prove", path, *given, "--obligation", "zero-size", "--jobs", "1"])
    assert "two of the pools" not in done.output
    assert done.exit_code == 0, done.output


def test_the_checker_makes_the_model_again_of_all_pools() -> None:
    said = {"pool": {**_said(), "also": [["large", LARGE.base, LARGE.size, LARGE.element]]}, "roles": []}
    assert pool_of_evidence(said, set()).parts[1].base == LARGE.base


def _said() -> dict[str, object]:
    given = {"name": "small", "base": SMALL.base, "size": SMALL.size, "element": 32}
    return {**given, "alignment": None, "budget": None, "tables": []}
