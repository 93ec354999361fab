"""The buffers of examples/rust-buffers: each right one is proved, its twin refuted in the fewest steps; what has no
meaning here, or what others may write, is never proved."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from counted_crates import COUNTED
from explore_corpus import assert_opens
from rust_pools import build_of, made_again, subject_of

from proofmark.buffers_job import KINDS
from proofs.buffers import judge as judging
from proofs.buffers.judge import Judged, judge
from proofs.kinds import PoolKind
from proofs.pools import bounded
from proofs.pools.session import Session
from proofs.runtime.engine import Budget
from proofs.verdicts import Proved, Refuted, Vacuous, Violation
from smt_models.buffers.hypothesis import hypotheses_of
from smt_models.buffers.model import BufferModel, model_of
from smt_models.buffers.subject import Owner, Realloc, buffers_of, outside_of
from smt_models.buffers.supposed import Elements
from smt_models.pools import conditions as c

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "rust-buffers"
BUILD = build_of(FOLDER)
BROKEN = {
    "aligned::Page": ("aligned", 2, "a block is given back with another alignment"),
    "empty::Bytes": ("zero-size", 1, "an empty block is asked for"),
    "fallible::Fallible": ("exhaustion-traps", 1, "a null pointer is used"),
    "filled::Filled": ("range-in-bounds", 3, "memory beyond the end is used"),
    "indexed::Table": ("index-in-bounds", 2, "an index beyond the end"),
    "realloc::cabi_realloc": ("range-in-bounds", 1, "a block is given back with another size"),
    "scrubbed::Scrubbed": ("range-in-bounds", 4, "memory beyond the end is used"),
}
"""What is refuted, after how many steps, and why."""


@cache
def _model(name: str, buffer: str) -> BufferModel:
    subject = subject_of(FOLDER / "mir" / f"{name}.mir", FOLDER / name)
    return model_of(subject, next(one for one in buffers_of(subject) if one.name == buffer))


@cache
def _of(name: str, buffer: str) -> dict[str, Judged]:
    return {one.kind.value: one for one in judge(_model(name, buffer), KINDS, Budget(120, 2048))}


@pytest.mark.parametrize("buffer", BROKEN)
def test_a_right_buffer_is_proved(buffer: str) -> None:
    found = {kind: one.verdict for kind, one in _of("right", buffer).items()}
    vacuous = {kind for kind, verdict in found.items() if isinstance(verdict, Vacuous)}
    assert vacuous == (set() if buffer == "indexed::Table" else {"index-in-bounds"})
    assert all(isinstance(verdict, Proved) for kind, verdict in found.items() if kind not in vacuous), found


def test_a_run_to_where_one_is_asked_answers_for_what_else_is_asked_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """And for nothing else: what is asked elsewhere has a run of its own."""
    found: list[frozenset[str]] = []

    def possible_after(session: Session, near: BufferModel, steps: list[int], depth: int, seconds: float) -> int | None:
        last = bounded.possible_after(session, near, steps, depth, seconds)
        if last is not None:
            found.append(near.paths[last].asked)
        return last

    monkeypatch.setattr(judging, "possible_after", possible_after)
    verdicts = {
        one.kind.value: one.verdict for one in judge(_model("right", "indexed::Table"), KINDS, Budget(60, 2048))
    }
    proved = {kind for kind, one in verdicts.items() if isinstance(one, Proved)}
    assert proved <= frozenset().union(*found)
    assert all(one - frozenset().union(*found[:at]) for at, one in enumerate(found)), "a run that says nothing new"
    assert len(found) < len(proved)


@pytest.mark.parametrize("buffer", BROKEN)
def test_its_twin_is_refuted(buffer: str) -> None:
    wanted, steps, why = BROKEN[buffer]
    for kind, one in _of("broken", buffer).items():
        assert isinstance(one.verdict, Refuted) == (kind == wanted), (kind, one.verdict)
        if isinstance(one.verdict, Refuted):
            assert isinstance(one.verdict.trace, Violation)
            trace = one.verdict.trace.trace
            assert len(trace.steps) == steps
            assert trace.steps[-1].events[-1].text == why
            assert_opens(trace)


def test_the_numbers_of_a_counterexample() -> None:
    verdict = _of("broken", "indexed::Table")["index-in-bounds"].verdict
    assert isinstance(verdict, Refuted)
    assert isinstance(verdict.trace, Violation)
    said = [one.action.rpartition("::")[2] for one in verdict.trace.trace.steps]
    assert said == ["Layout { 1, 1 })", "set(index = 1, value = 0)"]


def test_twins_differ_by_one_change() -> None:
    for path in sorted((FOLDER / "right" / "src").iterdir()):
        if path.name != "lib.rs":
            right, broken = (
                one.read_text(encoding="utf-8").splitlines() for one in (path, FOLDER / "broken" / "src" / path.name)
            )
            assert len(right) == len(broken)
            assert sum(a != b for a, b in zip(right, broken, strict=True)) == 1, path.name


@pytest.mark.parametrize("made", BUILD["mir"], ids=lambda made: made["folder"])
def test_mir_is_that_of_the_sources(made: dict[str, Any], tmp_path: Path) -> None:
    assert made_again(FOLDER, made, tmp_path) == (FOLDER / made["output"]).read_bytes()


# What is never proved. Each is a small crate, compiled here.

HEAD = """#![no_std]
extern crate alloc;
use alloc::alloc::{alloc, dealloc, handle_alloc_error, Layout};
use core::ptr::NonNull;
pub struct Owned { VISIBLEstart: NonNull<u8>, size: usize }
impl Drop for Owned {
    fn drop(&mut self) {
        unsafe { dealloc(self.start.as_ptr(), Layout::from_size_align_unchecked(self.size, 1)) }
    }
}
impl Owned {
    pub fn new(size: u8) -> Option<Owned> {
        if size == 0 { return None; }
        let layout = Layout::from_size_align(size as usize, 1).unwrap();
        match NonNull::new(unsafe { alloc(layout) }) {
            Some(start) => Some(Owned { start, size: size as usize }),
            None => handle_alloc_error(layout),
        }
    }
MORE
}
"""
MADE = {
    "loops within loops": (
        "pub fn gone_through(&self) { for _ in 0..self.size { self.each(); } } "
        "fn each(&self) { for _ in 0..self.size {} }",
        "",
        None,
    ),
    "nothing": ("", "", None),
    "a public field": ("", "pub ", "the field start of Owned, which is public"),
    "two values": (
        "pub fn twice(&self) -> Owned { Owned { start: self.start, size: self.size } }",
        "",
        "several values of Owned",
    ),
    "a setter": ("pub fn set(&mut self, size: usize) { self.size = size; }", "", "range-in-bounds"),
    "given back twice": (
        "pub fn close(&mut self) { unsafe { dealloc(self.start.as_ptr(), Layout::from_size_align_unchecked(self.size, "
        "1)) } }",
        "",
        "range-in-bounds",
    ),
    "a raw pointer": (
        "pub unsafe fn from(start: *mut u8) -> Owned { Owned { start: NonNull::new_unchecked(start), size: 1 } }",
        "",
        "any value of *mut u8",
    ),
    "something larger": (
        "pub fn word(&mut self) { if self.size >= 4 { unsafe { *self.start.as_ptr().cast::<u32>() = 1; } } }",
        "",
        "seen as something larger",
    ),
    "a function of the library": (
        "pub fn wiped(&mut self) { unsafe { core::ptr::write_bytes(self.start.as_ptr(), 0, self.size) } }",
        "",
        "write_bytes",
    ),
}


def compiled(directory: Path, source: str) -> None:
    (directory / "src").mkdir()
    (directory / "src" / "lib.rs").write_text(source, encoding="utf-8")
    (directory / "Cargo.toml").write_text('[package]\nname = "made"\nversion = "0.1.0"\nedition = "2021"\n')
    made = {**BUILD["mir"][0], "command": [*BUILD["mir"][0]["command"][:-1], "--emit=mir=made.mir"]}
    made_again(FOLDER, made, directory, in_place=True)


@pytest.mark.parametrize("name", MADE)
def test_what_is_not_modelled_or_wrong_is_not_proved(name: str, tmp_path: Path) -> None:
    more, visible, why = MADE[name]
    compiled(tmp_path, HEAD.replace("MORE", more).replace("VISIBLE", visible))
    subject = subject_of(tmp_path / "made.mir", tmp_path)
    (owner,) = buffers_of(subject)
    assert isinstance(owner, Owner)
    if visible:
        with pytest.raises(LookupError, match=why):
            model_of(subject, owner)
        return
    found = {one.kind.value: one.verdict for one in judge(model_of(subject, owner), KINDS, Budget(60, 2048))}
    if why is None:
        assert all(isinstance(one, Proved | Vacuous) for one in found.values())
    elif why in found:
        assert isinstance(found[why], Refuted)
    else:
        assert not any(isinstance(one, Proved) for one in found.values()), found
        assert any(why in getattr(one, "reason", "") for one in found.values()), found


def test_private_functions_are_seen_where_they_are_called(tmp_path: Path) -> None:
    more = """
    fn at(&self, index: usize) -> u8 { unsafe { *self.start.as_ptr().add(index) } }
    pub fn first(&self) -> u8 { self.at(0) }
    """
    compiled(tmp_path, HEAD.replace("MORE", more).replace("VISIBLE", ""))
    subject = subject_of(tmp_path / "made.mir", tmp_path)
    (owner,) = buffers_of(subject)
    found = {one.kind.value: one.verdict for one in judge(model_of(subject, owner), KINDS, Budget(60, 2048))}
    assert isinstance(found["range-in-bounds"], Proved)
    assert [one.rpartition("::")[2] for one in owner.entered] == ["drop", "first", "new"]


LOWERED = """
pub mod rt { pub mod async_support { pub mod stream_support {
    use alloc::alloc::Layout;
    pub unsafe trait StreamOps {
        type Payload;
        fn elem_layout(&self) -> Layout;
        unsafe fn lower(&mut self, payload: Self::Payload, dst: *mut u8);
    }
} } }
use alloc::vec::Vec;
use core::mem::MaybeUninit;
use rt::async_support::stream_support::StreamOps;
pub struct Lowered { owned: Option<Owned> }
impl Lowered {
    pub fn new<O: StreamOps>(values: Vec<MaybeUninit<O::Payload>>, mut ops: O) -> Lowered {
        let size = ops.elem_layout().size();
        let bytes = PRODUCT;
        let layout = Layout::from_size_align(bytes, 1).unwrap();
        if layout.size() == 0 { core::mem::forget(ops); return Lowered { owned: None }; }
        let start = match NonNull::new(unsafe { alloc(layout) }) {
            Some(start) => start,
            None => handle_alloc_error(layout),
        };
        let mut at = start.as_ptr();
        for value in values.iter() {
            unsafe {
                ops.lower(value.assume_init_read(), at);
                at = at.add(size);
            }
        }
        core::mem::forget(ops);
        Lowered { owned: Some(Owned { start, size: bytes }) }
    }
}
impl Drop for Lowered {
    fn drop(&mut self) { self.owned = None; }
}
"""


def assert_asked(model: BufferModel) -> None:
    """All of it is modelled, and ranges are asked for: what is then not refuted was looked at."""
    lost = [one.what for one in model.paths if one.step.step.update(c.flag(c.UNMODELLED).name)]
    assert not lost
    assert any(c.RANGE in one.asked for one in model.paths)


@pytest.mark.parametrize(
    ("product", "elements"),
    [
        ("size * values.len()", Elements.ANY),
        ("size * values.len()", Elements.FITTING),
        ("size.checked_mul(values.len()).unwrap()", Elements.ANY),
    ],
)
def test_elements_that_are_lowered_into_a_block(product: str, elements: Elements, tmp_path: Path) -> None:
    """What wraps is refuted by the first element that leaves the block; what cannot wrap, or is supposed not to, is
    not.
    """
    lowered = LOWERED.replace("PRODUCT", product)
    compiled(tmp_path, HEAD.replace("MORE", "").replace("VISIBLE", "") + lowered)
    subject = subject_of(tmp_path / "made.mir", tmp_path)
    holder = next(one for one in buffers_of(subject) if one.name == "Lowered")
    assert hypotheses_of(subject, holder) == (Elements.ANY, Elements.FITTING)
    model = model_of(subject, holder, elements)
    assert_asked(model)
    (judged,) = judge(model, (PoolKind.RANGE_IN_BOUNDS,), Budget(20, 2048))
    wraps = "checked" not in product and elements is Elements.ANY
    assert isinstance(judged.verdict, Refuted) == wraps, judged.verdict
    if isinstance(judged.verdict, Refuted):
        assert isinstance(judged.verdict.trace, Violation)
        trace = judged.verdict.trace.trace
        assert trace.steps[-1].events[-1].text == "an element that leaves its block"


TRAITS = LOWERED.partition("pub struct Lowered")[0].replace(
    "type Payload;",
    "type Payload; fn native_abi_matches_canonical_abi(&self) -> bool; fn contains_lists(&self) -> bool;",
)
WHERE = "impl<O> Lent<O> where O: StreamOps {"
LENT = """
pub struct Lent<O: StreamOps> {
    owned: Option<Owned>,
    values: Vec<MaybeUninit<O::Payload>>,
    ops: O,
}
impl<O: StreamOps> Lent<O> {
    pub fn new(values: Vec<MaybeUninit<O::Payload>>, ops: O) -> Lent<O> {
        Lent { owned: None, values, ops }
    }
    pub fn abi_ptr_and_len(&self) -> (*const u8, usize) {
        if self.ops.native_abi_matches_canonical_abi() {
            (self.values.as_ptr().cast(), COUNT)
        } else {
            (core::ptr::null(), 0)
        }
    }
}
impl<O: StreamOps> Drop for Lent<O> {
    fn drop(&mut self) { self.owned = None; }
}
"""


@pytest.mark.parametrize(
    ("count", "is_broken"),
    [("self.values.len()", False), ("self.values.len() + 1", True), ("self.values.capacity()", True)],
)
def test_elements_that_are_lent(count: str, is_broken: bool, tmp_path: Path) -> None:
    """As many as there are; none more, even where there is room for them."""
    compiled(tmp_path, HEAD.replace("MORE", "").replace("VISIBLE", "") + TRAITS + LENT.replace("COUNT", count))
    subject = subject_of(tmp_path / "made.mir", tmp_path)
    model = model_of(subject, next(one for one in buffers_of(subject) if one.name == "Lent"))
    assert_asked(model)
    (judged,) = judge(model, (PoolKind.RANGE_IN_BOUNDS,), Budget(5, 2048))
    assert isinstance(judged.verdict, Refuted) == is_broken, judged.verdict
    if isinstance(judged.verdict, Refuted):
        assert isinstance(judged.verdict.trace, Violation)
        trace = judged.verdict.trace.trace
        assert trace.steps[-1].events[-1].text == "a range that leaves its vector"


OTHERS = """
pub struct Others<T: Copy> { owned: Option<Owned>, values: Vec<MaybeUninit<T>> }
impl<T: Copy> Others<T> {
    pub fn new(values: Vec<MaybeUninit<T>>, _one: T) -> Others<T> { Others { owned: None, values } }
}
impl<T: Copy> Drop for Others<T> {
    fn drop(&mut self) { self.owned = None; }
}
"""


def test_nothing_is_supposed_of_elements_that_have_no_other_form(tmp_path: Path) -> None:
    lent = LENT.replace("COUNT", "self.values.len()").replace("impl<O: StreamOps> Lent<O> {", WHERE)
    compiled(tmp_path, HEAD.replace("MORE", "").replace("VISIBLE", "") + TRAITS + lent + OTHERS)
    subject = subject_of(tmp_path / "made.mir", tmp_path)
    supposed = {one.name: hypotheses_of(subject, one) for one in buffers_of(subject)}
    assert supposed == {"Lent": tuple(Elements), "Others": (Elements.ANY,), "Owned": (Elements.ANY,)}


HANDED_OVER = (PoolKind.EXTENT, PoolKind.PARTIAL_WRITE)
BROKEN_COUNTED = {
    "one element more is lent": (
        "self.values.len() - self.cursor) }",
        "self.values.len() - self.cursor + 1) }",
        PoolKind.EXTENT,
        "a range that leaves its vector",
    ),
    "one element less is lent": (
        "self.values.len() - self.cursor) }",
        "(self.values.len() - self.cursor).saturating_sub(1)) }",
        PoolKind.PARTIAL_WRITE,
        "what is lent is not as many elements as are left",
    ),
    "lent again": (
        "as_ptr().add(self.cursor)",
        "as_ptr().add(0)",
        PoolKind.PARTIAL_WRITE,
        "what is lent does not begin where the rest of the elements does",
    ),
    "given back again": (
        "drain(..self.cursor)",
        "drain(..0)",
        PoolKind.PARTIAL_WRITE,
        "other elements are given back than were not handed over",
    ),
    "lists that stay": (
        " && !ops.contains_lists()",
        "",
        PoolKind.PARTIAL_WRITE,
        "elements were handed over, and what they have in lists is not freed",
    ),
    "nobody has the rest": (
        "let _ = self.left();",
        "",
        PoolKind.PARTIAL_WRITE,
        "a buffer goes with elements that nobody has",
    ),
}
"""By what is changed: what it was, what it is, what is refuted, and why."""


def _counted(text: str, folder: Path) -> BufferModel:
    compiled(folder, HEAD.replace("MORE", "").replace("VISIBLE", "") + TRAITS + text)
    subject = subject_of(folder / "made.mir", folder)
    return model_of(subject, next(one for one in buffers_of(subject) if one.name == "Counted"), Elements.COUNTED)


def test_elements_that_are_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is lent is what is left, whatever was handed over before; no counterexample is looked for first."""
    monkeypatch.setattr("proofs.buffers.judge.LOOKED", 1)
    model = _counted(COUNTED, tmp_path)
    found = {one.kind: one.verdict for one in judge(model, HANDED_OVER, Budget(240, 2048))}
    assert all(isinstance(one, Proved) for one in found.values()), found


@pytest.mark.parametrize("name", BROKEN_COUNTED)
def test_elements_that_are_handed_over_and_lent_or_given_back(name: str, tmp_path: Path) -> None:
    old, new, kind, why = BROKEN_COUNTED[name]
    assert COUNTED.count(old) == 1
    (judged,) = judge(_counted(COUNTED.replace(old, new), tmp_path), (kind,), Budget(240, 2048))
    assert isinstance(judged.verdict, Refuted), judged.verdict
    assert isinstance(judged.verdict.trace, Violation)
    assert judged.verdict.trace.trace.steps[-1].events[-1].text == why


def test_functions_of_no_buffer_are_named(tmp_path: Path) -> None:
    lost = "pub fn leaked() -> *mut u8 { unsafe { alloc(Layout::from_size_align_unchecked(1, 1)) } }"
    compiled(tmp_path, HEAD.replace("MORE", "").replace("VISIBLE", "") + lost)
    subject = subject_of(tmp_path / "made.mir", tmp_path)
    assert outside_of(subject, buffers_of(subject)) == ("leaked",)


def test_a_realloc_is_found_by_name_and_type() -> None:
    subject = subject_of(FOLDER / "mir" / "right.mir", FOLDER / "right")
    assert [one.name for one in buffers_of(subject) if isinstance(one, Realloc)] == ["realloc::cabi_realloc"]
