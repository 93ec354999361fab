"""Crates whose pools safe code breaks by a way that is easily missed, one crate for each: nothing of them is proved."""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import verdicts_of_source

from proofs.verdicts import Proved

FOLDER = Path(__file__).parent / "ways_out"


@pytest.mark.parametrize("name", sorted(one.stem for one in FOLDER.glob("*.rs")))
def test_nothing_is_proved_of_it(name: str, tmp_path: Path) -> None:
    try:
        found = verdicts_of_source((FOLDER / f"{name}.rs").read_text(encoding="utf-8"), tmp_path)
    except LookupError:  # there is no model at all: Unknown
        return
    assert found
    assert not [(of, one) for of, one in found.items() if isinstance(one.verdict, Proved)]
