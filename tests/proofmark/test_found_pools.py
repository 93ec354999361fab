"""Pools whose place nobody gives: found, and never green where nothing was found or sources disagree."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from example_tools import rebuilt
from proved_pool import POOLS, accepted, run

FOUND = POOLS / "found"
BUILD: list[dict[str, Any]] = tomllib.loads((FOUND / "build.toml").read_text(encoding="utf-8"))["example"]
BUILT = [(output, example) for example in BUILD for output in example["outputs"]]

ALIGNED = ("--obligation", "aligned", "--jobs", "1")
SOURCES = (
    "pool pool at 0x404, 2048 bytes, host=any",
    "found pool pool at 0x404, 2048 bytes: exported global at byte 0x51, DWARF at byte 0x22c",
)


@pytest.mark.parametrize(("output", "example"), BUILT, ids=[output for output, _ in BUILT])
def test_rebuild_gives_the_same_bytes(output: str, example: dict[str, Any], tmp_path: Path) -> None:
    assert rebuilt(POOLS / example["source"], example, output, tmp_path) == (FOUND / output).read_bytes()


def test_every_module_is_built() -> None:
    assert {output for output, _ in BUILT} == {path.name for path in FOUND.glob("*.wasm")}


def test_a_pool_is_found_with_its_sources() -> None:
    done = run("prove", FOUND / "bump_arena_dwarf_4.wasm", *ALIGNED)
    accepted(done)
    assert all(one in done.output for one in SOURCES), done.output


def test_a_pool_that_is_named_is_found_with_its_sources() -> None:
    """The same pool: here it is not waited for that its proof is found once more."""
    done = run("prove", FOUND / "bump_arena_dwarf_4.wasm", "--pool", "pool", *ALIGNED, "--seconds", "1")
    assert done.exit_code in (0, 3), done.output
    assert all(one in done.output for one in SOURCES), done.output


def test_the_twin_of_a_found_pool_is_refuted() -> None:
    twin = FOUND / "bump_arena_end_off_by_one_dwarf_4.wasm"
    done = run("prove", twin, "--obligation", "range-in-bounds", "--jobs", "1")
    assert done.exit_code == 1, done.output
    assert "confirmed by a run of the module itself" in " ".join(done.output.split())


TABLES = """[[subject]]
path = "{file}"
obligations = ["index-in-bounds"]

[[subject.pools]]
name = "POOL"
alignment = 8
allocate = [{{ export = "take", parameters = ["index"], indices = 6 }}]
release = ["release"]
access = [{{ export = "count", parameters = ["index", "value"], indices = 6 }}]
"""


@pytest.mark.parametrize(
    ("file", "status"), [("client_tables_dwarf", 0), ("client_tables_counters_shorter_than_enum_dwarf", 1)]
)
def test_tables_beside_a_pool_are_found_with_it(file: str, status: int, tmp_path: Path) -> None:
    """Nobody names the counters, of which there are five for six clients."""
    (tmp_path / "proofmark.toml").write_text(TABLES.format(file=FOUND / f"{file}.wasm"))
    done = run("prove", "--manifest", tmp_path / "proofmark.toml", "--jobs", "1")
    assert done.exit_code == status, done.output


@pytest.mark.parametrize(
    ("file", "arguments", "said"),
    [
        ("found/bump_arena_dwarf_4", ["--pool", "pool=1028:2047"], "byte 0x51: found pool pool given at 0x404, 2047"),
        ("found/bump_arena_dwarf_4", ["--pool", "pool=1032:2048"], "where the module says 0x404"),
        ("found/bump_arena_dwarf_4", ["--pool", "arena"], "no object named arena; found: used, pool"),
        ("found/slot_bitmap_segments", ["--found-pools"], "no export that hands out blocks"),
        ("bump_arena", ["--pool", "pool"], "nothing that says its size"),
        (
            "bump_arena",
            ["--obligation", "disjoint"],
            "an allocator is seen to hand out; found: used, pool",
        ),
        ("found/bump_arena_dwarf_4", ["--pool", "pool", "--found-pools"], "exclude each other"),
    ],
)
def test_what_is_not_found_is_never_green(file: str, arguments: list[str], said: str) -> None:
    done = run("prove", POOLS / f"{file}.wasm", *arguments, "--jobs", "1")
    assert done.exit_code == 2, done.output
    assert said in done.output


def test_sources_that_disagree_are_an_error(tmp_path: Path) -> None:
    """The exported address is another than that of DWARF."""
    data = (FOUND / "bump_arena_dwarf_4.wasm").read_bytes()
    before, after = b"\x7f\x00\x41\x84\x08\x0b", b"\x7f\x00\x41\x88\x08\x0b"  # an immutable i32, 0x404 and 0x408
    assert data.count(before) == 1
    (tmp_path / "other.wasm").write_bytes(data.replace(before, after))
    for asked in ("--found-pools", "--pool=pool", "--pool=pool=0x404:2048"):
        done = run("prove", tmp_path / "other.wasm", asked, "--jobs", "1")
        assert done.exit_code == 2, done.output
        assert "sources that disagree about pool: 0x408 (exported global, byte 0x51); 0x404, 2048 bytes" in done.output
