"""Elements of a static that are lent: the functions that take one are run on any element, and on the crate itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import assert_index_refuted_by_a_run, assert_proved, verdicts_of_source

from proofs.verdicts import Proved, Unknown

SLOTS = (
    "#[derive(Clone, Copy)]\npub struct Slot { used: bool, data: [u8; 8] }\n"
    "static mut POOL: [Slot; 3] = [Slot { used: false, data: [0; 8] }; 3];\n"
    "pub fn acquire() -> Option<&'static mut Slot> {\n    unsafe {\n"
    "        let at = POOL.iter().position(|slot| !slot.used)?;\n        POOL[at].used = true;\n"
    "        Some(&mut POOL[at])\n    }\n}\n"
    "impl Slot {\n    pub fn write(&mut self, at: usize, byte: u8) -> bool {\n"
    "        if at >= 8 { return false; }\n        self.data[at] = byte;\n        true\n    }\n"
    "    pub fn bytes(&mut self) -> &mut [u8] { &mut self.data }\n"
    "    pub fn first(&self, count: usize) -> &[u8] { &self.data[..count.min(8)] }\n"
    "    pub fn copy_from(&mut self, other: &Slot) { for at in 0..8 { self.data[at] = other.data[at]; } }\n"
    "    pub fn release(&mut self) { self.used = false; }\n}\n"
)
INDEX = ("POOL", "index-in-bounds")


def test_its_methods_are_proved(tmp_path: Path) -> None:
    assert_proved(verdicts_of_source(SLOTS, tmp_path), "POOL", ("index-in-bounds", "range-in-bounds"))


@pytest.mark.parametrize(
    ("old", "new"), [("at >= 8", "at > 8"), ("count.min(8)", "count.min(9)"), ("0..8", "0..9"), ("[u8; 8]", "[u8; 7]")]
)
def test_its_twin_is_refuted_by_a_run_of_the_crate(old: str, new: str, tmp_path: Path) -> None:
    assert old in SLOTS
    source = SLOTS.replace(old, new).replace("data: [0; 8]", "data: [0; 7]" if new == "[u8; 7]" else "data: [0; 8]")
    assert_index_refuted_by_a_run(f"#![allow(static_mut_refs)]\n{source}", tmp_path)


OTHERS = {
    "a trait": "pub trait Poke { fn poke(&mut self, at: usize); }\n"
    "impl Poke for Slot { fn poke(&mut self, at: usize) { self.data[at] = 1; } }\n",
    "an index": "impl core::ops::Index<usize> for Slot {\n    type Output = u8;\n"
    "    fn index(&self, at: usize) -> &u8 { &self.data[at] }\n}\n",
    "a macro": "macro_rules! poke { ($n:ident) => { impl Slot { pub fn $n(&mut self, at: usize) "
    "{ self.data[at] = 1; } } } }\npoke!(quick);\n",
    "a constant": "pub const POKE: fn(&mut Slot, usize) = poke;\n"
    "fn poke(it: &mut Slot, at: usize) { it.data[at] = 1 }\n",
    "what it holds": "impl Slot { pub fn get(&self) -> u8 { self.data[self.data[0] as usize] } }\n",
}


@pytest.mark.parametrize("way", OTHERS)
def test_no_way_to_an_element_is_missed(way: str, tmp_path: Path) -> None:
    verdict = verdicts_of_source(SLOTS + OTHERS[way], tmp_path)[INDEX].verdict
    assert isinstance(verdict, Unknown)
    assert verdict.reason.startswith("the model allows ")


def test_one_that_is_handed_out_again_by_its_own_method_is_not_taken_for_a_loan(tmp_path: Path) -> None:
    twin = "impl Slot { pub fn twin(&mut self) -> &'static mut Slot { unsafe { &mut *(self as *mut Slot) } } }\n"
    assert not isinstance(verdicts_of_source(SLOTS + twin, tmp_path)["POOL", "disjoint"].verdict, Proved)


MARKED = (
    "#[derive(Clone, Copy)]\npub struct Slot { data: [u8; 8] }\nstatic mut USED: [bool; 3] = [false; 3];\n"
    "static mut POOL: [Slot; 3] = [Slot { data: [0; 8] }; 3];\n"
    "pub fn acquire() -> Option<&'static mut Slot> {\n    unsafe {\n"
    "        let at = USED.iter().position(|used| !*used)?;\n        USED[at] = true;\n"
    "        Some(&mut POOL[at])\n    }\n}\n"
    "impl Slot { pub fn pick(&mut self) -> &mut Slot { self } }\n"
)


def test_one_that_is_lent_of_another_by_its_lifetime_is_not_taken_for_a_loan(tmp_path: Path) -> None:
    for name, old, new in (
        ("own", "self }", "self }"),
        ("other", "{ self }", "{ unsafe { &mut *(it as *mut Slot) } }"),
    ):
        (tmp_path / name).mkdir()
        source = MARKED.replace(old, new)
        source = source if name == "own" else source.replace("(&mut self)", "(&mut self, it: &mut Slot)")
        found = verdicts_of_source(source, tmp_path / name)["POOL", "disjoint"].verdict
        assert isinstance(found, Proved) == (name == "own"), found
