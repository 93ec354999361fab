"""Pools through the command line and the manifest: verdicts, certificates that `check` accepts, faults with a place."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from generated_tests import assert_passes, assert_shows
from proved_pool import POOLS, manifest

from artifacts.explore.model import TraceView
from proofmark.cli import main
from proofmark.explore.opening import Asked, opened
from smt_models.pools.pool import Host

MANIFEST = manifest("range-in-bounds", "disjoint")


def test_pools_of_a_manifest_and_their_certificates(tmp_path: Path) -> None:
    subject = tmp_path / "slot_bitmap.wasm"
    subject.write_bytes((POOLS / "slot_bitmap.wasm").read_bytes())
    (tmp_path / "proofmark.toml").write_text(MANIFEST)
    command = ["prove", "--manifest", str(tmp_path / "proofmark.toml"), "--out", str(tmp_path / "out"), "--jobs", "1"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert done.output.count("2 proved") >= 2
    certificates = sorted((tmp_path / "out" / "certificates").glob("*.cert.json"))
    assert len(certificates) == 4
    checked = CliRunner().invoke(main, ["check", *map(str, certificates), "--subject", str(subject)])
    assert checked.exit_code == 0, checked.output


def test_a_subject_with_pools_and_no_obligations_is_asked_all_that_apply(tmp_path: Path) -> None:
    lines = MANIFEST.splitlines(keepends=True)
    (tmp_path / "proofmark.toml").write_text("".join(one for one in lines if not one.startswith("obligations")))
    (tmp_path / "slot_bitmap.wasm").write_bytes((POOLS / "slot_bitmap.wasm").read_bytes())
    done = CliRunner().invoke(main, ["prove", "--manifest", str(tmp_path / "proofmark.toml"), "--jobs", "1"])
    assert done.exit_code == 0, done.output
    assert done.output.count("index-in-bounds, range-in-bounds, aligned, disjoint, exhaustion-traps") == len(Host)


def test_a_twin_on_the_command_line(tmp_path: Path) -> None:
    """The bit of a slot is never set: two blocks at one place, shown by the module itself."""
    (tmp_path / "proofmark.toml").write_text(MANIFEST.replace("slot_bitmap.wasm", "twin.wasm"))
    (tmp_path / "twin.wasm").write_bytes((POOLS / "slot_bitmap_bit_not_set.wasm").read_bytes())
    out = tmp_path / "out"
    command = ["prove", "--manifest", str(tmp_path / "proofmark.toml"), "--out", str(out), "--jobs", "1"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert "confirmed by a run of the module itself" in " ".join(done.output.split())
    view = next(one for one in opened(Asked(out)).views if isinstance(one, TraceView))
    assert view.pool is not None
    assert [one.name for one in view.pool.cells] == ["taken"]
    done = CliRunner().invoke(main, ["explore", str(out), "--at", view.heading.key, "--export", "svg"])
    assert done.exit_code == 0, done.output
    assert "✗ B: 0x408 to 0x438, 48 bytes, by call 2; overlaps A" in done.output
    done = CliRunner().invoke(
        main, ["explore", str(out), "--at", view.heading.key, "--export", "test", "--output", str(tmp_path / "test")]
    )
    assert done.exit_code == 0, done.output
    test = tmp_path / "test" / "test_counterexample.py"
    assert_shows(test, tmp_path / "test" / "module.wasm", r"call 2, take\(\), breaks disjoint")
    assert_passes(test, POOLS / "slot_bitmap.wasm")
    for trace in (out / "traces").iterdir():
        trace.unlink()
    view = next(one for one in opened(Asked(out)).views if isinstance(one, TraceView))
    assert view.pool is None
    assert dict(view.heading.facts)["pool"].startswith("not drawn")


TABLES = """[[subject]]
path = "tables.wasm"
obligations = ["index-in-bounds"]

[[subject.pools]]
name = "POOL"
base = 4104
size = 240
element = 40
alignment = 8
tables = [{ name = "BUSY", base = 4096, size = 6, element = 1 }, { name = "SENT", base = 4344, size = 24, element = 4 }]
allocate = [{ export = "take", parameters = ["index"], indices = 6 }]
release = ["release"]
access = [{ export = "count", parameters = ["index", "value"], indices = 6 }]
"""


@pytest.mark.parametrize(("size", "status"), [(24, 0), (20, 1)])
def test_indices_into_tables_beside_the_pool(size: int, status: int, tmp_path: Path) -> None:
    """The same code is right of six counters and wrong of five; what is proved names the tables."""
    subject = tmp_path / "tables.wasm"
    twin = "client_tables.wasm" if status == 0 else "client_tables_counters_shorter_than_enum.wasm"
    subject.write_bytes((POOLS / twin).read_bytes())
    (tmp_path / "proofmark.toml").write_text(TABLES.replace("size = 24", f"size = {size}"))
    command = ["prove", "--manifest", str(tmp_path / "proofmark.toml"), "--out", str(tmp_path / "out"), "--jobs", "1"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == status, done.output
    for path in (tmp_path / "out" / "certificates").glob("*.cert.json"):
        assert b'["SENT",4344,24,4]' in path.read_bytes()
        assert CliRunner().invoke(main, ["check", "--deep", str(path), "--subject", str(subject)]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--pool", "pool=1040"], "expected NAME=BASE:SIZE"),
        (["--pool", "pool=0xffffffff:2"], "an end up to 2^32"),
        (["--obligation", "disjoint"], "expected --pool NAME of one of these, or NAME=BASE:SIZE"),
    ],
)
def test_what_is_asked_wrongly_is_said(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(main, ["prove", str(POOLS / "slot_bitmap.wasm"), *arguments])
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


def test_pools_that_are_not_there_are_bad_input() -> None:
    done = CliRunner().invoke(
        main, ["prove", str(POOLS / "slot_bitmap.wasm"), "--pool", "pool=1032:384", "--jobs", "1"]
    )
    assert done.exit_code == 2
    assert "no export that hands out blocks" in done.output
