"""What only happens if elements of an array are as no call makes them is no use of a pool, nor what only happens at the
head of a loop that no call comes to; what happens in a late round of one is.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import assert_proved, verdicts_of_source

from proofs.verdicts import Vacuous

INDEX = "index-in-bounds"
RECORDS = (
    "#[derive(Clone, Copy)] struct Lamp { on: bool, hue: u8 }\n"
    "static mut LAMPS: [Lamp; 4] = [Lamp { on: false, hue: 0 }; 4];\nstatic mut BYTES: [u8; 6] = [0; 6];\n"
    "pub fn paint(at: usize, hue: u8) { unsafe { LAMPS[at % 4].hue = hue } }\n"
    "pub fn show(at: usize) { unsafe { let one = LAMPS[at % 4]; if one.on { BYTES[at % 6] = one.hue } } }\n"
)
SWITCH = "pub fn switch(at: usize) { unsafe { LAMPS[at % 4].on = true } }\n"


def test_private_records_that_no_call_makes_are_no_use(tmp_path: Path) -> None:
    found = verdicts_of_source(RECORDS, tmp_path, ("BYTES",), (INDEX,))
    assert isinstance(found["BYTES", INDEX].verdict, Vacuous)


def test_with_a_call_that_makes_them_it_is_proved(tmp_path: Path) -> None:
    assert_proved(verdicts_of_source(RECORDS + SWITCH, tmp_path, ("BYTES",), (INDEX,)), "BYTES", (INDEX,))


BEFORE = (
    "static mut N: usize = 3;\nstatic mut A: [u8; 8] = [0; 8];\nstatic mut B: [u8; 300] = [0; 300];\n"
    "pub fn set(n: usize) { unsafe { if n < MOST { N = n } } }\npub fn f(n: u8) { unsafe { if N > 8 { LOOP } } }\n"
)
LOOPS = (
    "for i in 0..100usize { if i >= 2 { A[i & 7] = n } }",
    "let mut i = 0usize; loop { if i > 100 { break } A[i & 7] = n; i += n as usize; }",
    "let mut at = 0; for i in 0..100usize { B[i] = n; at = i & 7; } for _ in 0..100usize { A[at] = n; }",
    "for i in 0..100usize { if i == 50 { A[i & 7] = n } }",
    "for i in 0..100usize { for j in 0..100usize { if i == 50 && j == 60 { A[i & 7] = n } } }",
)


@pytest.mark.parametrize("loop", range(len(LOOPS)))
def test_a_loop_that_no_call_comes_to_is_no_use(loop: int, tmp_path: Path) -> None:
    source = BEFORE.replace("MOST", "9").replace("LOOP", LOOPS[loop])
    found = verdicts_of_source(source, tmp_path, ("A",), (INDEX,))
    assert isinstance(found["A", INDEX].verdict, Vacuous)


@pytest.mark.parametrize("loop", range(len(LOOPS)))
def test_a_loop_that_some_call_comes_to_is_proved(loop: int, tmp_path: Path) -> None:
    source = BEFORE.replace("MOST", "10").replace("LOOP", LOOPS[loop])
    assert_proved(verdicts_of_source(source, tmp_path, ("A",), (INDEX,)), "A", (INDEX,))


def test_a_round_that_there_is_not_is_no_use(tmp_path: Path) -> None:
    source = BEFORE.replace("MOST", "10").replace("LOOP", "for i in 0..100usize { if i > 200 { A[i & 7] = n } }")
    assert isinstance(verdicts_of_source(source, tmp_path, ("A",), (INDEX,))["A", INDEX].verdict, Vacuous)


def test_what_a_long_loop_makes_ready_is_a_use(tmp_path: Path) -> None:
    source = (
        "static mut READY: bool = false;\nstatic mut T: [u8; 256] = [0; 256];\nstatic mut A: [u8; 8] = [0; 8];\n"
        "pub fn init() { unsafe { for i in 0..200 { T[i] = i as u8; } READY = true; } }\n"
        "pub fn put(i: usize, x: u8) { unsafe { if READY && i < 8 { A[i] = x } } }\n"
    )
    assert_proved(verdicts_of_source(source, tmp_path, ("A",), (INDEX,)), "A", (INDEX,))
