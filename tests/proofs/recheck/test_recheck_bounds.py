"""What is large on purpose takes the checker no more than a time and memory that go with its size."""

from __future__ import annotations

import json
import os
import random
import time
from itertools import accumulate
from pathlib import Path

import pytest
from certificate_text import assemble, certificate, closed_set, write

import proofs.recheck.script as script
from artifacts.certificate import sealed
from proofs.recheck import Rejected, recheck_file
from proofs.recheck.faults import Refused
from proofs.recheck.pool_certificate import Area, Cell, PoolInvariant
from proofs.recheck.shared import Reference
from proofs.recheck.statics_certificate import declared

SECONDS = 20
"""Of this process: each takes a tenth, and took hours."""


def of_areas(areas: tuple[Area, ...]) -> PoolInvariant:
    reference = Reference("model", 0, "0" * 64)
    return PoolInvariant(areas, "any", reference, reference, (), (), (), (), (), ())


@pytest.mark.parametrize("seed", range(20))
def test_cells_in_a_pool_are_those_that_a_plain_search_finds(seed: int) -> None:
    chosen = random.Random(seed)
    edges = list(accumulate(chosen.choices(range(1, 5), k=12)))
    areas = [(str(at), at, end - at) for at, end in zip(edges[::2], edges[1::2], strict=True)]
    chosen.shuffle(areas)
    cells: list[Cell] = [(chosen.randrange(40), chosen.randrange(9), 0) for _ in range(100)]
    plainly = [one for one in cells if any(one[0] < at + size and at < one[0] + one[1] for _, at, size in areas)]
    assert of_areas(tuple(areas)).in_pool(cells) == plainly


def test_many_cells_in_many_pools() -> None:
    evidence = of_areas(tuple((str(at), 8 * at, 4) for at in range(100_000)))
    begun = time.process_time()
    assert len(evidence.in_pool([(4 * at, 4, 0) for at in range(200_000)])) == 100_000
    assert time.process_time() - begun < SECONDS


def test_a_line_that_is_almost_a_static() -> None:
    begun = time.process_time()
    assert declared(
        b"static " + b"a: " * 300_000 + b"\nstatic mut a::B: [u8; 4] = {\nstatic C: u8 = const 1_u8;\n"
    ) == {
        "a::B",
        "C",
    }
    assert time.process_time() - begun < SECONDS


def test_brackets_within_brackets_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "DEEPEST", 50)
    assert len(list(script.expressions("(" * 50 + ")" * 50, "it"))) == 1
    with pytest.raises(Refused, match="more than 50 others"):
        list(script.expressions("(" * 51 + ")" * 51, "it"))


def test_a_subject_of_many_zeros_beside_its_certificate_is_not_read(tmp_path: Path) -> None:
    subject = assemble(tmp_path, '(module (func (export "cabi_realloc")))')
    document = json.loads(write(certificate(subject, "realloc-no-grow", closed_set([[0, 0]], [[0, "0"]]), [])))
    document["subject"]["bytes"] = (1 << 32) - 1
    os.truncate(subject, (1 << 32) - 1)
    path = tmp_path / "it.cert.json"
    path.write_bytes(sealed(document))
    begun = time.process_time()
    assert recheck_file(path) == Rejected("subject: larger than this checker takes")
    assert time.process_time() - begun < 1
