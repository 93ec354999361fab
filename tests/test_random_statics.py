"""What is proved of random crates with static pools is not broken by running them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from random_statics.checks import CHECK
from random_statics.compare import compared
from random_statics.crates import Called, Crate, crate, of_lines
from random_statics.meanings import Meaning, meanings, told, written
from random_statics.pieces import ELEMENTS, Holder, Pool, number_in
from random_statics.twin import TARGET, Runs, breaches, built, program
from rust_pools import BUILD, missing, rustc_of

from proofs.runtime.engine import Budget
from proofs.verdicts import Proved, Refuted

FIRST, COUNT = 1, 14
SEQUENCES = 60


@pytest.fixture(scope="module")
def rustc() -> list[str]:
    words = rustc_of(BUILD)
    asked = [*words, "--print", "target-libdir", "--target", TARGET]
    folder = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60).stdout.strip()
    if not folder or not Path(folder).is_dir():
        missing(f"the library of {TARGET}: rustup target add {TARGET}")
    return words


@pytest.fixture(scope="module")
def crates() -> list[Crate]:
    return [crate(seed) for seed in range(FIRST, FIRST + COUNT)]


@pytest.fixture(scope="module")
def runs(rustc: list[str], crates: list[Crate], tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(built(program(crates), tmp_path_factory.mktemp("twins"), rustc))


def test_a_seed_says_all() -> None:
    assert crate(7) == crate(7)
    assert crate(7).source != crate(8).source


def test_what_is_proved_has_no_checks(crates: list[Crate]) -> None:
    """And is what runs, but for them."""
    for one in crates:
        assert "chk::" not in one.source
        assert CHECK not in one.source + one.twin
        without = [line for line in one.twin.splitlines() if not line.startswith("chk::")]
        assert one.source.endswith("\n".join(without) + "\n")


@pytest.mark.parametrize("number", range(COUNT), ids=lambda number: f"seed-{FIRST + number}")
def test_no_verdict_is_wrong(number: int, crates: list[Crate], runs: Runs, rustc: list[str], tmp_path: Path) -> None:
    one = crates[number]
    seen = breaches(runs, number, one, SEQUENCES)
    print(f"seed {one.seed}: {len(seen)} breaches")
    said = compared(one, seen, tmp_path / "crate", rustc, Budget(4, 1024))
    assert not said.findings, (said.findings, one.source)


def _guarded(limit: int) -> Crate:
    pool = Pool(0, "P0", ELEMENTS[0], 4, "(&raw mut P0)", "4usize", False)
    lines = [
        "static mut P0: [u8; 4] = [0; 4];",
        "pub fn f0(i: usize) -> u8 {",
        f"if i >= {limit} {{ return 0; }}",
        f"{CHECK}chk::index(0, i, 4);",
        "unsafe { *P0.get_unchecked(i) }",
        "}",
    ]
    return of_lines(0, lines, [Called("f0", ("usize",))], [pool])


def test_what_is_broken_is_seen_and_refuted(rustc: list[str], tmp_path: Path) -> None:
    """So that the comparison is one: a crate that is proved, and its twin whose guard is off by one."""
    right, broken = _guarded(4), _guarded(5)
    runs = Runs(built(program([right, broken]), tmp_path, rustc))
    assert not breaches(runs, 0, right, SEQUENCES)
    seen = breaches(runs, 1, broken, SEQUENCES)
    of = ("P0", "index-in-bounds")
    assert set(seen) == {of}
    said = compared(right, {}, tmp_path / "right", rustc, Budget(10, 1024))
    assert isinstance(said.verdicts[of], Proved)
    assert [one.what for one in compared(right, seen, tmp_path / "again", rustc, Budget(10, 1024)).findings] == [
        "a wrong proof"
    ]
    said = compared(broken, seen, tmp_path / "broken", rustc, Budget(10, 1024))
    assert isinstance(said.verdicts[of], Refuted)
    assert not said.findings


def test_numbers_are_what_the_model_says(rustc: list[str], tmp_path: Path) -> None:
    """Each form by itself, on both sides of every limit of a type."""
    said = told(meanings(4), tmp_path / "forms", rustc)
    assert not said.different
    assert said.same > 30_000


def test_arrays_are_what_the_model_says(rustc: list[str], tmp_path: Path) -> None:
    """Every element, after each way to write one."""
    said = told(written(), tmp_path / "forms", rustc)
    assert not said.different
    assert said.same > 8_000


def test_a_changed_option_has_no_part_of_what_it_was(rustc: list[str], tmp_path: Path) -> None:
    """What `map` does not make something of may be of another width: that was an error."""
    text = "let _ = K0.fetch_update(Relaxed, Relaxed, |k| (k as usize).checked_add(1).map(|k| k as u8));"
    declared, kept = number_in(Holder.ATOMIC, "K0", "u8")
    function = f"pub fn m0(x: usize) {{ {text} }}"
    one = Meaning(text, declared, function, kept.put.format(v="(before as u8)"), (kept.get,), (0, 254, 255))
    said = told([one], tmp_path / "forms", rustc)
    assert (said.different, said.unmodelled) == ((), ())
