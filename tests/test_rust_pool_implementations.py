"""Which implementation of a trait a call means, where several types have the path, or several traits the name."""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import assert_refuted, verdicts_of_source

from proofs.verdicts import Proved, Refuted, Unknown, Verdict

ITERATES = (
    " { type Item = usize; fn next(&mut self) -> Option<usize> {"
    " if self.0 >= 4 { return None; } let at = self.0; self.0 += 1; Some(at) } }\n"
)
GOES_ROUND = (
    "static mut A: [u8; 4] = [0; 4];\npub fn f() { let mut sum = 2; for x in %s { sum += x; } unsafe { A[sum] = 1 } }\n"
)
OF_MANY = "pub struct P<T>(usize, pub T);\nimpl Iterator for P<u32>" + ITERATES
OF_ONE = "pub struct P(usize);\nimpl Iterator for P" + ITERATES
INTO = (
    "impl IntoIterator for P<{0}> {{ "
    "type Item = usize; type IntoIter = P<u32>; fn into_iter(self) -> P<u32> {{ {1} }} }}\n"
)
ASKED = "static mut A: [u8; 8] = [0; 8];\npub fn f() { unsafe { A[<%s>::at()] = 1 } }\n"
AT = "pub trait At { fn at() -> usize; }\n"

WRONG = {
    "two that make iterators of it": (
        OF_MANY + INTO.format("u8", "P(2, 0)") + INTO.format("u16", "P(4, 0)") + GOES_ROUND % "P(4, 0u8)"
    ),
    "one for another type of the path": OF_MANY + INTO.format("u8", "P(4, 0)") + GOES_ROUND % "P(2, 0u32)",
    "a trait named like the library's": (
        "pub mod iter { pub trait IntoIterator: Sized { fn into_iter(self) -> Self { self } } }\n"
        + OF_ONE + "impl iter::IntoIterator for P { fn into_iter(self) -> P { P(4) } }\n" + GOES_ROUND % "P(2)"
    ),
    "the library's for a type of the crate": (
        "pub struct P(usize);\nimpl From<u8> for P { fn from(_: u8) -> P { P(1) } }\n"
        "static mut A: [u8; 8] = [0; 8];\npub fn f() { unsafe { A[P::from(P(9)).0] = 1 } }\n"
    ),
    "a blanket implementation": (
        "#[derive(Clone, Copy)]\npub struct P<T>(pub T);\npub struct Q;\n" + AT
        + "impl At for P<Q> { fn at() -> usize { 1 } }\nimpl<T: Copy> At for T { fn at() -> usize { 9 } }\n"
        + ASKED % "P<u16> as At"
    ),
}  # fmt: skip
"""Each breaks its array's bounds in its first call."""


@pytest.mark.parametrize("name", WRONG)
def test_no_implementation_is_taken_for_another(name: str, tmp_path: Path) -> None:
    """Where it is the library's that is meant, and known, what is broken is refuted."""
    assert isinstance(_verdict(WRONG[name], tmp_path / "crate"), Unknown | Refuted)


def assert_right_and_broken(source: str, old: str, new: str, folder: Path) -> None:
    assert isinstance(_verdict(source, folder / "right"), Proved)
    assert_refuted(_verdict(source.replace(old, new), folder / "broken"))


def _verdict(source: str, folder: Path) -> Verdict:
    folder.mkdir()
    return verdicts_of_source("#![no_std]\n" + source, folder)["A", "index-in-bounds"].verdict


def test_an_iterator_is_its_own(tmp_path: Path) -> None:
    assert_right_and_broken(OF_ONE + GOES_ROUND % "P(4)", "P(4)", "P(2)", tmp_path)


def test_the_implementation_of_its_type_is_taken(tmp_path: Path) -> None:
    source = "pub struct P<T>(pub T);\n" + AT + "impl<T> At for P<T> { fn at() -> usize { 7 } }\n"
    assert_right_and_broken(source + ASKED % "P<u16> as At", "7", "8", tmp_path)
