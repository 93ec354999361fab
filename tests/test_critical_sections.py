"""Statics that interrupts share, by the published crate `critical-section`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from rust_pools import missing, verdicts_of_source

from proofmark.cli import main
from proofs.verdicts import Proved

MANIFEST = """[package]
name = "events"
version = "0.1.0"
edition = "2021"

[dependencies]
critical-section = "=1.2.0"
"""
EVENTS = """#![no_std]
use core::cell::{Cell, RefCell};
use critical_section::Mutex;

const N: usize = 8;
struct Ring { slots: [u32; N], head: usize, len: usize }
static EVENTS: Mutex<RefCell<Ring>> = Mutex::new(RefCell::new(Ring { slots: [0; N], head: 0, len: 0 }));
static LOST: Mutex<Cell<u32>> = Mutex::new(Cell::new(0));

pub fn post(event: u32) -> bool {
    critical_section::with(|cs| {
        let mut ring = EVENTS.borrow(cs).borrow_mut();
        if ring.len == N {
            let lost = LOST.borrow(cs);
            lost.set(lost.get().wrapping_add(1));
            return false;
        }
        let at = (ring.head + ring.len) % N;
        ring.slots[at] = event;
        ring.len += 1;
        true
    })
}

pub fn take() -> Option<u32> {
    critical_section::with(|cs| {
        let mut ring = EVENTS.borrow_ref_mut(cs);
        if ring.len == 0 {
            return None;
        }
        let event = ring.slots[ring.head];
        ring.head = (ring.head + 1) % N;
        ring.len -= 1;
        Some(event)
    })
}

pub fn waiting() -> usize {
    critical_section::with(|cs| EVENTS.borrow_ref(cs).len)
}
"""
OWN_MODULE = """pub mod critical_section {
    pub fn with(f: impl FnOnce(usize)) { f(4); }
}
static mut A: [u8; 4] = [0; 4];
pub fn put() { critical_section::with(|at| unsafe { A.as_mut_ptr().add(at).write(1) }) }
"""


@pytest.mark.parametrize(
    ("right", "broken", "verdict"),
    [("", "", "proved"), ("(ring.head + ring.len) % N", "(ring.head + ring.len) % (N + 1)", "refuted")],
)
def test_of_a_queue(right: str, broken: str, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refutation is run, with the critical sections that the crate has for programs with an operating system."""
    if shutil.which("cargo") is None:
        missing("no cargo")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    crate = tmp_path / "events"
    (crate / "src").mkdir(parents=True)
    (crate / "Cargo.toml").write_text(MANIFEST, encoding="utf-8")
    assert right in EVENTS
    (crate / "src" / "lib.rs").write_text(EVENTS.replace(right, broken) if right else EVENTS, encoding="utf-8")
    done = CliRunner().invoke(main, ["prove", "--crate", str(crate), "--static-pools", "--json"])
    (result,) = json.loads(done.stdout)["results"]
    assert (result["obligation"], result["verdict"]) == ("index-in-bounds", verdict), done.output
    if verdict == "refuted":
        assert result["trace"]["confirmation"]["kind"] == "confirmed-natively"


def test_a_module_of_that_name_is_not_that_crate(tmp_path: Path) -> None:
    found = verdicts_of_source(OWN_MODULE, tmp_path)
    assert found
    assert not any(isinstance(one.verdict, Proved) for one in found.values())
