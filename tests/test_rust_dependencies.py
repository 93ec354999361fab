"""A module that is named like a crate that is depended on: MIR prints what is in both alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from rust_pools import subject_of, subject_of_source

from extract.rust.dependencies import dependencies
from smt_models.static_pools.model import groups, model_of
from smt_models.static_pools.subject import Subject

SOURCE = """mod util { pub const LIMIT: usize = 8; }
static mut A: [u8; 8] = [0; 8];
pub fn put(i: usize) { if i < util::LIMIT { unsafe { *(&raw mut A as *mut u8).add(i) = 1; } } }
"""


def _model(subject: Subject) -> None:
    (group,) = groups(subject)
    model_of(subject, group)


@pytest.mark.parametrize("table", ["[dependencies]", "[target.'cfg(unix)'.dependencies]"])
@pytest.mark.parametrize("given", ["util = '1'", "other = { package = 'util', version = '1' }", "util.path = 'x'"])
def test_it_has_no_model(table: str, given: str, tmp_path: Path) -> None:
    subject = subject_of_source(SOURCE, tmp_path)
    _model(subject)
    with (tmp_path / "Cargo.toml").open("a", encoding="utf-8") as manifest:
        manifest.write(f"{table}\n{given}\n")
    assert "util" in dependencies(tmp_path)
    with pytest.raises(LookupError, match="util"):
        _model(subject_of(tmp_path / "a.mir", tmp_path))


def test_there_may_be_no_manifest(tmp_path: Path) -> None:
    assert not dependencies(tmp_path)
