"""What only happens if elements of an array are as no call makes them is no use of a pool."""

from __future__ import annotations

from pathlib import Path

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
