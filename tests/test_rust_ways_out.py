"""Crates whose pools safe code breaks by a way that is easily missed, one crate for each: nothing of them is proved."""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import subject_of, subject_of_source, verdicts_of_source

from proofs.static_pools import judge
from proofs.verdicts import Proved
from smt_models.static_pools import execute
from smt_models.static_pools.library import MODELS
from smt_models.static_pools.model import groups, model_of

FOLDER = Path(__file__).parent / "ways_out"


@pytest.mark.parametrize("name", sorted(one.stem for one in FOLDER.glob("*.rs")))
def test_nothing_is_proved_of_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "DEEP", judge.SHALLOW)  # what is searched for after the last proof was tried shows none
    try:
        found = verdicts_of_source((FOLDER / f"{name}.rs").read_text(encoding="utf-8"), tmp_path)
    except LookupError:  # there is no model at all: Unknown
        return
    assert found
    assert not [(of, one) for of, one in found.items() if isinstance(one.verdict, Proved)]


def test_paths_beyond_the_most_are_not_modelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that is left where it forks is about what was just read: that was an error."""
    monkeypatch.setattr(execute, "MOST_PATHS", 10)
    source = """static mut A: [u8; 700] = [0; 700];
pub fn count() -> u8 {
    let mut n = 0;
    if unsafe { A[0] } == 3 { n += 1; }
    if unsafe { A[1] } == 3 { n += 1; }
    if unsafe { A[2] } == 3 { n += 1; }
    if unsafe { A[3] } == 3 { n += 1; }
    n
}
"""
    subject = subject_of_source(source, tmp_path)
    (group,) = groups(subject)
    assert any(one.what == "more than 10 paths" for one in model_of(subject, group).calls)


def test_a_weak_exchange_may_fail_for_no_reason(tmp_path: Path) -> None:
    source = """use core::sync::atomic::{AtomicUsize, Ordering::*};
static N: AtomicUsize = AtomicUsize::new(0);
static mut A: [u16; 4] = [0; 4];
pub fn take() -> Option<&'static mut u16> {
    let n = N.load(Relaxed);
    if n >= 4 { return None; }
    let _ = N.compare_exchange_weak(n, n + 1, AcqRel, Relaxed);
    unsafe { Some(&mut A[n]) }
}
"""
    (tmp_path / "weak").mkdir()
    (tmp_path / "strong").mkdir()
    assert not isinstance(verdicts_of_source(source, tmp_path / "weak")["A", "disjoint"].verdict, Proved)
    strong = verdicts_of_source(source.replace("_weak", ""), tmp_path / "strong")
    assert isinstance(strong["A", "disjoint"].verdict, Proved)


def test_a_function_that_is_not_read_may_touch_every_static(tmp_path: Path) -> None:
    source = """static mut A: [u8; 8] = [0; 8];
pub fn count(i: usize) { unsafe { A[i & 7] += 1; } }
"""
    subject_of_source(source, tmp_path)
    with (tmp_path / "a.mir").open("a", encoding="utf-8") as mir:
        mir.write("\nfn other(_1: ?) -> () {\n}\n")
    subject = subject_of(tmp_path / "a.mir", tmp_path)
    (group,) = groups(subject)
    with pytest.raises(LookupError, match="fn other"):
        model_of(subject, group)


def test_a_range_beyond_the_end_of_another_slice_breaks_nothing_of_a_static(tmp_path: Path) -> None:
    source = """static mut A: [u8; 8] = [0; 8];
pub fn range(b: &[u8]) -> u8 { b[..2].len() as u8 + unsafe { A[2] } }
pub fn divided(b: &[u8]) -> u8 { b.split_at(2).0.len() as u8 + unsafe { A[2] } }
"""
    found = verdicts_of_source(source, tmp_path)
    assert isinstance(found["A", "index-in-bounds"].verdict, Proved)


@pytest.mark.parametrize(
    ("dependency", "function", "known"),
    [
        ('"1.2"', "pub fn f() {}", True),
        ('{ version = "1", features = ["std"] }', '#[unsafe(export_name = "f")] pub fn g() {}', True),
        ('{ version = "1", path = "own" }', "pub fn f() {}", False),
        ('"1.2"\n[patch.crates-io]', "pub fn f() {}", False),
        ('"1.2"', '#[unsafe(export_name = "_critical_section_1_0_acquire")] fn f() {}', False),
        ('"1.2"', 'core::arch::global_asm!("_critical_section_1_0_acquire: jmp f");', False),
        ('"1.2"', '#[unsafe(export_name = "\\x5fcritical_section_1_0_acquire")] fn f() {}', False),
    ],
)
def test_a_critical_section_is_that_of_the_published_crate(
    dependency: str, function: str, known: bool, tmp_path: Path
) -> None:
    """What it is elsewhere nobody knows; and what a crate supplies for it runs where one begins."""
    subject_of_source(f"static A: [u8; 4] = [0; 4];\n{function}\n", tmp_path)
    (tmp_path / "Cargo.toml").write_text(f"[dependencies]\ncritical-section = {dependency}\n")
    subject = subject_of(tmp_path / "a.mir", tmp_path)
    assert any(name.startswith("critical_section::") for name in subject.known(MODELS)) is known
