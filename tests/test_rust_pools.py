"""The pools of examples/rust-pools: each right one is proved, its twin refuted, natively too; what others may write, or
what has no meaning here, is never proved."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from explore_corpus import assert_opens
from generated_tests import exported_for, failed_until_mended
from rust_pools import (
    BUILD,
    FOLDER,
    example,
    made_again,
    missing,
    rustc_of,
    verdicts,
    verdicts_of_source,
)

from artifacts.explore.pool_bar import shared_bytes
from proofmark.cli import main
from proofs.static_pools.judge import Judged
from proofs.verdicts import Proved, Refuted, Unknown, Vacuous, Violation

RIGHT = {
    "aligned_arena::ARENA": ("range-in-bounds", "aligned", "disjoint"),
    "bump_arena::ARENA": ("range-in-bounds", "disjoint"),
    "client_table::TABLE": ("index-in-bounds",),
    "numbered_table::COUNTERS": ("index-in-bounds",),
    "one_shot::BUFFER": ("index-in-bounds", "range-in-bounds", "disjoint"),
    "owned_blocks::POOL": ("index-in-bounds", "range-in-bounds", "disjoint"),
    "queue::MESSAGES": ("index-in-bounds",),
    "slots::POOL": ("index-in-bounds",),
}
BROKEN = {
    "aligned_arena::ARENA": {"aligned": 1},
    "bump_arena::ARENA": {"range-in-bounds": 2, "disjoint": 3},
    "client_table::TABLE": {"index-in-bounds": 1},
    "numbered_table::COUNTERS": {"index-in-bounds": 1},
    "one_shot::BUFFER": {"disjoint": 2},
    "owned_blocks::POOL": {"disjoint": 4},
    "queue::MESSAGES": {"index-in-bounds": 10},
    "slots::POOL": {"index-in-bounds": 5},
}
"""What is refuted, and after how many calls."""


@cache
def _of(name: str) -> dict[tuple[str, str], Judged]:
    return verdicts(example(name))


@pytest.mark.parametrize("pool", RIGHT)
def test_a_right_pool_is_proved(pool: str) -> None:
    found = {kind: one.verdict for (of, kind), one in _of("right").items() if of == pool}
    assert tuple(kind for kind, verdict in found.items() if isinstance(verdict, Proved)) == RIGHT[pool]
    assert all(isinstance(verdict, Proved | Vacuous) for verdict in found.values())


@pytest.mark.parametrize("pool", BROKEN)
def test_its_twin_is_refuted(pool: str) -> None:
    for kind in RIGHT[pool]:
        verdict = _of("broken")[pool, kind].verdict
        if kind not in BROKEN[pool]:
            assert isinstance(verdict, Proved)
            continue
        assert isinstance(verdict, Refuted), (kind, verdict)
        assert isinstance(verdict.trace, Violation)
        trace = verdict.trace.trace
        assert len(trace.steps) == BROKEN[pool][kind]
        assert_opens(trace)
        assert trace.pool is not None
        assert trace.pool.relative
        blocks = trace.pool.moments[-1].blocks
        if kind == "disjoint":
            assert shared_bytes(trace.pool.moments[-1])
        elif kind == "range-in-bounds":
            assert blocks[-1].at + blocks[-1].size > trace.pool.pool.size


def test_twins_differ_by_one_change() -> None:
    for path in sorted((FOLDER / "right" / "src").iterdir()):
        right, broken = (
            one.read_text(encoding="utf-8").splitlines() for one in (path, FOLDER / "broken" / "src" / path.name)
        )
        assert len(right) == len(broken)
        assert sum(a != b for a, b in zip(right, broken, strict=True)) == 1, path.name


# With a compiler


@pytest.mark.parametrize("made", BUILD["mir"], ids=lambda made: made["folder"])
def test_mir_is_that_of_the_sources(made: dict[str, Any], tmp_path: Path) -> None:
    assert made_again(FOLDER, made, tmp_path) == (FOLDER / made["output"]).read_bytes()


def test_certificates_are_accepted_and_their_model_is_made_again(tmp_path: Path) -> None:
    given = ["--mir", str(FOLDER / "mir" / "right.mir"), "--src", str(FOLDER / "right")]
    asked = ["prove", *given, "--static-pools", "--out", str(tmp_path / "out"), "--jobs", "1", "--quiet"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    certificates = sorted((tmp_path / "out" / "certificates").glob("*.cert.json"))
    assert len(certificates) == sum(map(len, RIGHT.values()))
    checked = [
        "check",
        str(tmp_path / "out" / "certificates"),
        "--subject",
        str(FOLDER / "mir" / "right.mir"),
        "--deep",
    ]
    again = CliRunner().invoke(main, [*checked, *given])
    assert again.exit_code == 0, again.output
    without = CliRunner().invoke(main, checked)
    assert without.exit_code == 3, without.output
    other = ["--mir", str(FOLDER / "mir" / "broken.mir"), "--src", str(FOLDER / "broken")]
    assert CliRunner().invoke(main, [*checked, *other]).exit_code == 1
    text = certificates[0].read_text().replace("one-thread", "one-threat")
    certificates[0].write_text(text)
    assert CliRunner().invoke(main, ["check", str(certificates[0]), *checked[2:4]]).exit_code == 1


def test_an_obligation_that_says_nothing_is_vacuous_only_if_it_is_named() -> None:
    given = ["--mir", str(FOLDER / "mir" / "right.mir"), "--src", str(FOLDER / "right"), "--static-pools"]
    done = CliRunner().invoke(main, ["prove", *given, "--obligation", "disjoint", "--jobs", "1", "--json"])
    assert done.exit_code == 3
    other = CliRunner().invoke(main, ["prove", *given, "--obligation", "no-rewind"])
    assert other.exit_code == 2


def test_a_crate_without_static_pools_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "a.mir").write_text("fn f() -> () {\n    let mut _0: ();\n\n    bb0: {\n        return;\n    }\n}\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "lib.rs").write_text("pub fn f() {}\n")
    given = ["--mir", str(tmp_path / "a.mir"), "--src", str(tmp_path), "--static-pools"]
    done = CliRunner().invoke(main, ["prove", *given])
    assert done.exit_code == 2
    assert "no static with an array" in done.output


def test_a_manifest_can_ask(tmp_path: Path) -> None:
    manifest = tmp_path / "proofmark.toml"
    manifest.write_text(
        f'[[static_pools]]\nmir = "{FOLDER}/mir/right.mir"\nsrc = "{FOLDER}/right"\n'
        'statics = ["queue::MESSAGES"]\nobligations = ["index-in-bounds"]\n'
    )
    done = CliRunner().invoke(main, ["prove", "--manifest", str(manifest), "--json"])
    assert done.exit_code == 0, done.output
    manifest.write_text(manifest.read_text().replace("queue::MESSAGES", "queue::NONE"))
    assert CliRunner().invoke(main, ["prove", "--manifest", str(manifest), "--quiet"]).exit_code == 2


def test_refutations_are_shown_by_the_crate_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("cargo") is None:
        missing("no cargo")
    rustc_of(BUILD)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    crate = tmp_path / "broken"
    shutil.copytree(FOLDER / "broken", crate)
    asked = ["prove", "--crate", str(crate), "--static-pools", "--out", str(tmp_path / "out"), "--jobs", "1", "--quiet"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 1, done.output
    results = json.loads((tmp_path / "out" / "report.json").read_text())["results"]
    said = {
        (one["instance"].split()[1].rstrip(","), one["obligation"]): one["trace"]["confirmation"]["kind"]
        for one in results
        if one["verdict"] == "refuted"
    }
    assert said.keys() == {(pool, kind) for pool, kinds in BROKEN.items() for kind in kinds}
    del said["aligned_arena::ARENA", "aligned"]  # the linker may put it at a multiple of 16 by chance
    assert set(said.values()) == {"confirmed-natively"}
    made = exported_for(tmp_path / "out", crate, tmp_path / "test", "static queue::")
    ended = failed_until_mended(made, crate, FOLDER / "right")
    assert "index out of bounds: the len is 4 but the index is 4" in ended.stdout + ended.stderr


NEVER_PROVED = {
    "written by others": (
        "pub static mut LAST: usize = 0;\nstatic mut TABLE: [u8; 4] = [0; 4];\n"
        "pub fn read() -> u8 { unsafe { TABLE[LAST] } }\n"
    ),
    "written through a reference that is given away": (
        "use core::cell::Cell;\nstruct S([Cell<usize>; 1]);\nunsafe impl Sync for S {}\n"
        "static AT: S = S([const { Cell::new(0) }]);\nstatic TABLE: [u8; 4] = [1; 4];\n"
        "pub fn at() -> &'static Cell<usize> { &AT.0[0] }\npub fn read() -> u8 { TABLE[AT.0[0].get()] }\n"
    ),
    "written by user code": (
        "static mut TABLE: [u8; 4] = [0; 4];\npub fn read(f: impl Fn() -> usize) -> u8 { unsafe { TABLE[f()] } }\n"
    ),
    "a parameter that is named as a constant": (
        "pub const N: usize = 1;\nstatic TABLE: [u8; 4] = [1; 4];\npub fn read<const N: usize>() -> u8 { TABLE[N] }\n"
    ),
    "a raw pointer from outside": (
        "static mut TABLE: [u8; 4] = [0; 4];\npub unsafe fn read(at: *const usize) -> u8 { unsafe { TABLE[*at] } }\n"
    ),
    "a default method of a trait": (
        "static TABLE: [u8; 4] = [1; 4];\npub trait Reads { fn at(&self) -> usize; "
        "fn read(&self) -> u8 { TABLE[self.at()] } }\n"
    ),
    "another number type": ("static TABLE: [u8; 4] = [1; 4];\npub fn read(x: f32) -> u8 { TABLE[x as usize] }\n"),
    "a loop of unknown length": (
        "static TABLE: [u8; 4] = [1; 4];\n"
        "pub fn read(n: usize) -> u8 { let mut i = 0; while i < n { i += 1; } TABLE[i] }\n"
    ),
    "a static of another instance": (
        "use core::cell::Cell;\npub struct P { at: Cell<usize>, t: [Cell<u8>; 4] }\nunsafe impl Sync for P {}\n"
        "pub static A: P = P { at: Cell::new(9), t: [const { Cell::new(0) }; 4] };\n"
        "pub static B: P = P { at: Cell::new(0), t: [const { Cell::new(0) }; 4] };\n"
        "pub fn read(p: &P) -> u8 { B.t[p.at.get()].get() }\n"
    ),
    "a closure that is given away": (
        "static mut AT: usize = 0;\nstatic mut TABLE: [u8; 4] = [0; 4];\n"
        "pub fn setter() -> impl Fn(usize) { |at| unsafe { AT = at } }\n"
        "pub fn read() -> u8 { unsafe { *TABLE.get_unchecked(AT) } }\n"
    ),
    "a function pointer that is given away": (
        "static mut AT: usize = 0;\nstatic mut TABLE: [u8; 4] = [0; 4];\nfn set(at: usize) { unsafe { AT = at } }\n"
        "pub fn setter() -> fn(usize) { set }\npub fn read() -> u8 { unsafe { *TABLE.get_unchecked(AT) } }\n"
    ),
    "a function that only an attribute has called": (
        "#![no_std]\nstatic mut TABLE: [u8; 4] = [0; 4];\npub fn read() -> u8 { unsafe { TABLE[0] } }\n"
        "#[panic_handler]\nfn ends(_: &core::panic::PanicInfo) -> ! {\n"
        "    unsafe { *TABLE.get_unchecked_mut(4) = 1 }\n    loop {}\n}\n"
    ),
    "what is guarded by undefined behaviour": (
        "static mut TABLE: [u8; 4] = [0; 4];\npub fn read(at: usize) -> u8 { unsafe { if at > 3 { "
        "core::hint::unreachable_unchecked() } *TABLE.get_unchecked(at) } }\n"
    ),
    "many bytes through a pointer to one": (
        "static mut ONE: u8 = 0;\nstatic mut TABLE: [u8; 4] = [0; 4];\n"
        "pub fn read(n: usize) -> u8 { unsafe { let s = core::slice::from_raw_parts(&raw const ONE, n); "
        "TABLE[s.len() & 3] } }\n"
    ),
}


@pytest.mark.parametrize("why", NEVER_PROVED)
def test_what_is_not_known_is_not_proved(why: str, tmp_path: Path) -> None:
    found = verdicts_of_source(NEVER_PROVED[why], tmp_path)
    about = {(pool, kind): one.verdict for (pool, kind), one in found.items() if kind == "index-in-bounds"}
    assert about
    proved = [pool for (pool, _), verdict in about.items() if isinstance(verdict, Proved)]
    assert not [pool for pool in proved if pool in ("TABLE", "A", "B")], about
    assert any(isinstance(verdict, Unknown | Refuted) for verdict in about.values()), about


def test_a_block_in_a_struct_is_no_block_of_known_length(tmp_path: Path) -> None:
    found = verdicts_of_source(
        "static mut MEMORY: [u8; 64] = [0; 64];\npub struct Block { pub at: *mut u8, pub len: usize }\n"
        "pub fn take(at: usize, len: usize) -> Option<Block> {\n    if at > 64 || len > 64 { return None }\n"
        "    Some(Block { at: unsafe { (&raw mut MEMORY).cast::<u8>().add(at) }, len })\n}\n",
        tmp_path,
    )
    verdict = found["MEMORY", "range-in-bounds"].verdict
    assert isinstance(verdict, Unknown)
    assert "several parts" in verdict.reason
